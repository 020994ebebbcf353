"""The mapping's file: what is written is read again, and each slip of whoever edits it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from build.adopt.file import as_yaml, read_mapping, write_mapping
from build.adopt.mapping import Adopted, Mapping
from build.adopt.program import ADOPTABLE
from build.errors import UserError

from .states import State

QUEUE = "WorkQueue/Queue/thumbnails"


def entry(resource: str = QUEUE, identity: str = "https://sqs/1/jobs", **more: object) -> dict[str, object]:
    return {"resource": resource, "id": identity, "name": "jobs"} | more


def file_of(folder: Path, *entries: object, **more: object) -> Path:
    path = folder / "adopt.yaml"
    path.write_text(yaml.safe_dump({"lamina": "adopt/1", "adopted": list(entries)} | more))
    return path


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(UserError) as raised:
        read_mapping(path)
    return raised.value.faults


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    mapping = State().adopt()
    write_mapping(mapping, tmp_path / "adopt.yaml")
    found = read_mapping(tmp_path / "adopt.yaml")
    plain = [Adopted(each.resource, each.id, each.origin, each.name) for each in mapping.adopted]
    assert list(found.adopted) == plain


def test_a_file_that_may_have_been_edited_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "adopt.yaml").write_text("mine")
    with pytest.raises(UserError, match="is there already, and may have been edited"):
        write_mapping(Mapping(()), tmp_path / "adopt.yaml")
    assert (tmp_path / "adopt.yaml").read_text() == "mine"


def test_what_is_left_and_what_is_created_stand_under_headings_of_their_own() -> None:
    text = as_yaml(State().adopt())
    content = yaml.safe_load(text)
    assert list(content) == ["lamina", "adopted", "left", "created"]
    assert "aws_lambda_layer_version.deps" in [each["from"] for each in content["left"]]
    assert "# Stay as they are, with Terraform" in text


def test_an_entry_needs_no_more_than_resource_id_and_name(tmp_path: Path) -> None:
    assert read_mapping(file_of(tmp_path, entry())).adopted == (
        Adopted(QUEUE, "https://sqs/1/jobs", name="jobs"),
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (entry("WorkQueue/Queue/thumbnail"), f"is no resource of the program (did you mean {QUEUE}?)"),
        (entry("LambdaLayer/LayerVersion/deps-3f"), "which cannot be adopted: it is named by its content"),
        (entry(adress="x"), "has adress, which says nothing (known are resource"),
        (entry(form="x"), "has form, which says nothing (did you mean from?)"),
        (entry(id=""), "has no id (a text)"),
        (entry(id=7), "has no id (a text)"),
        ({"id": "x"}, "has no resource (a text)"),
        (entry(name=None), f"has no name: without, {QUEUE} would get another one, and be replaced"),
        (
            entry(name="other"),
            "has the name other, and https://sqs/1/jobs is called jobs: AWS cannot rename a Queue",
        ),
        (entry("HttpApi/Route/api", "a/r"), "has a name, and HttpApi/Route/api is given none"),
        ("x", "is no resource: write resource and id"),
    ],
)
def test_each_slip_is_told_with_what_is_right(tmp_path: Path, given: object, told: str) -> None:
    (fault,) = faults(file_of(tmp_path, given))
    assert fault.startswith(f"{tmp_path / 'adopt.yaml'}: entry 1 of adopted ")
    assert told in fault


def test_all_slips_are_told_at_once(tmp_path: Path) -> None:
    path = file_of(tmp_path, entry("A/B/c"), entry(id=""), entry("D/E/f"), adoptd=[])
    assert len(faults(path)) == 4


def test_one_resource_is_adopted_once(tmp_path: Path) -> None:
    assert "entry 2 of adopted names WorkQueue/Queue/thumbnails, and so does entry 1" in faults(
        file_of(tmp_path, entry(), entry(id="https://sqs/1/jobs2", name="jobs2"))
    )[0].replace(f"{tmp_path / 'adopt.yaml'}: ", "")
    told = faults(file_of(tmp_path, entry(), entry("WorkQueue/Queue/thumbnails-dead")))
    assert "names the Queue https://sqs/1/jobs, and so does entry 1" in told[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lamina: [", "is no YAML"),
        ("resources: []", "is no mapping: it does not say `lamina: adopt/1`"),
        ("lamina: adopt/2\nadopted: []", "is no mapping"),
        ("lamina: adopt/1", "adopted is missing"),
        ("lamina: adopt/1\nadopted: {}", "adopted is missing"),
    ],
)
def test_what_is_no_mapping_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "adopt.yaml"
    path.write_text(text)
    assert told in faults(path)[0]


def test_a_file_that_is_not_there_is_told_with_what_makes_it(tmp_path: Path) -> None:
    assert "No such file or directory; `python -m build adopt` writes" in faults(tmp_path / "none.yaml")[0]


@pytest.mark.parametrize(
    ("path", "identity", "name"),
    [
        ("PythonFunction/Function/api", "shop-api", "shop-api"),
        ("PythonFunction/LogGroup/api", "/aws/lambda/shop-api", "/aws/lambda/shop-api"),
        ("PythonFunction/RolePolicy/api", "shop-api:data", "data"),
        (QUEUE, "https://sqs/1/jobs", "jobs"),
        ("Schedule/EventRule/cleanup", "nightly", "nightly"),
        ("Schedule/EventTarget/cleanup", "nightly/one", "one"),
        ("HttpApi/Permission/api", "shop-api:live/Allow", "Allow"),
        ("HttpApi/Api/api", "abc123", ""),
        ("HttpApi/Route/api", "abc123/r", ""),
    ],
)
def test_an_id_says_the_name_that_it_is_imported_with(path: str, identity: str, name: str) -> None:
    assert ADOPTABLE[path].named_by(identity) == name
