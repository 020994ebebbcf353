"""Layers: identity in the names, the manifest in the preview."""

from __future__ import annotations

import json
import platform
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import pulumi
import pytest

from build.verify.findings import Finding
from components.layer import LambdaLayer, LambdaLayerArgs, one_line

from .conftest import make_project
from .program import Run, run


class Changes(TypedDict, total=False):
    """Arguments that a test gives a layer."""

    directory: str
    layer_name: str
    lock: str
    python: str
    architecture: str
    bytecode: bool
    slim: bool
    exclude: Sequence[str]
    prefer: Sequence[str]
    require: Sequence[str]
    verify: bool


def published(*, preview: bool = False, **changes: Unpack[Changes]) -> Run:
    arguments: LambdaLayerArgs = {
        "directory": ".",
        "lock": "app/requirements.txt",
        "python": "3.12",
        "architecture": "x86_64",
        "bucket": "artifacts",
        **changes,
    }

    def program() -> None:
        layer = LambdaLayer("deps", arguments)
        pulumi.export("layer", {"arn": layer.arn, "version": layer.version, "digest": layer.digest})
        pulumi.export("sizes", {"unzipped": layer.unzipped_size, "largest": layer.largest})

    return run(program, preview=preview)


def digest_of(found: Run) -> str:
    return str(found.one("LambdaLayer").inputs["digest"])


@pytest.mark.usefixtures("project")
def test_object_and_version_are_named_by_the_digest() -> None:
    found = published()
    digest = digest_of(found)
    zipped, version = found.one("BucketObjectv2"), found.one("LayerVersion")
    assert zipped.name == version.name == f"deps-{digest}"
    assert zipped.inputs["key"] == version.inputs["s3Key"] == f"layers/deps/{digest}.zip"
    assert version.inputs["description"] == digest
    assert found.waits_for(version, zipped)


@pytest.mark.usefixtures("project")
def test_published_versions_outlive_their_resource_and_are_for_one_target() -> None:
    version = published(python="3.11", architecture="arm64").one("LayerVersion").inputs
    assert version["skipDestroy"] is True
    assert version["compatibleRuntimes"] == ["python3.11"]
    assert version["compatibleArchitectures"] == ["arm64"]
    assert version["layerName"] == "lamina-staging-deps"


@pytest.mark.usefixtures("project")
def test_a_preview_shows_digest_size_and_packages_before_anything_is_uploaded() -> None:
    manifest = published(preview=True).one("LambdaLayer").inputs
    assert manifest["packages"] == {"native": "2.0", "plain": "1.0"}
    assert manifest["runtime"] == "python3.12"
    assert len(manifest["digest"]) == 64
    assert manifest["zipSize"] > 0
    assert manifest["unzippedSize"] > 0


@pytest.mark.usefixtures("project")
def test_every_run_says_in_one_line_what_the_layer_is(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        digest = digest_of(published(preview=True))
    assert f"layer {digest[:12]} for python3.12 on x86_64: 2 packages, 0.0 MB zipped" in caplog.text


def test_the_up_after_a_preview_reuses_what_that_built(project: Path) -> None:
    published(preview=True)
    [zipped] = (project / ".lamina").glob("deps-*.zip")
    before = zipped.stat()
    published()
    assert zipped.stat().st_mtime_ns == before.st_mtime_ns
    assert zipped.stat().st_ino == before.st_ino


def test_the_zip_that_is_uploaded_is_the_one_that_was_built(project: Path) -> None:
    source = published().one("BucketObjectv2").inputs["source"]
    assert source.path == f".lamina/deps-{digest_of(published())}.zip"
    assert (project / source.path).is_file()


def test_two_folders_with_the_same_lock_register_the_same(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def facts() -> list[object]:
        found = published()
        return [
            (each.name, each.inputs.get("key"), str(each.inputs.get("digest"))) for each in found.resources
        ]

    here = facts()
    monkeypatch.chdir(make_project(tmp_path / "elsewhere"))
    assert facts() == here
    assert str(project) not in str(here)


def test_a_component_host_in_another_folder_finds_the_project(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = published()
    monkeypatch.chdir(tmp_path)
    there = published(directory=str(project))
    assert digest_of(there) == digest_of(here)
    assert there.one("BucketObjectv2").inputs["source"].path == f".lamina/deps-{digest_of(here)}.zip"


def test_another_order_in_the_lock_is_the_same_layer_and_another_pin_is_not(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = digest_of(published())
    lock = project / "app/requirements.txt"
    lock.write_text("# a comment\n" + "\n".join(reversed(lock.read_text().splitlines())) + "\n")
    assert digest_of(published()) == here
    changed = make_project(tmp_path / "changed", plain_version="1.1")
    monkeypatch.setenv("UV_FIND_LINKS", str(changed / "wheels"))
    monkeypatch.chdir(changed)
    assert digest_of(published()) != here


@pytest.mark.parametrize(
    ("python", "architecture", "wheel"),
    [
        ("3.12", "x86_64", "native-2.0-cp312-cp312-manylinux_2_17_x86_64.whl"),
        ("3.11", "x86_64", "native-2.0-cp311-cp311-manylinux_2_17_x86_64.whl"),
        ("3.12", "arm64", "native-2.0-cp312-cp312-manylinux_2_17_aarch64.whl"),
    ],
)
def test_wheels_are_selected_for_the_target(
    project: Path, python: str, architecture: str, wheel: str
) -> None:
    digest = digest_of(published(python=python, architecture=architecture))
    manifest = json.loads((project / ".lamina" / f"deps-{digest}.json").read_text())
    assert wheel in {package["wheel"] for package in manifest["packages"]}


@pytest.mark.usefixtures("project")
def test_a_fault_of_the_build_is_one_line_of_the_run() -> None:
    with pytest.raises(pulumi.RunError, match=r"missing\.txt") as caught:
        published(lock="app/missing.txt")
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.usefixtures("project")
def test_the_outputs_are_the_versions() -> None:
    found = published()
    assert found.outputs["layer"] == {
        "arn": "arn:aws:lambda:us-west-2:123456789012:layer:lamina-staging-deps:7",
        "version": "7",
        "digest": digest_of(found),
    }


@pytest.mark.usefixtures("project")
def test_a_preview_knows_what_functions_check_the_size_of() -> None:
    sizes = published(preview=True).outputs["sizes"]
    assert re.fullmatch(r"(native|plain) \d+ B, (native|plain) \d+ B", sizes["largest"])
    assert sizes["unzipped"] == published(preview=True).one("LambdaLayer").inputs["unzippedSize"]
    assert published(preview=True, verify=False).outputs["sizes"] == {**sizes, "largest": ""}


def refused(caplog: pytest.LogCaptureFixture, **changes: Unpack[Changes]) -> list[str]:
    """What a preview tells of a layer that it refuses: every error, and the last line."""
    with caplog.at_level("ERROR"), pytest.raises(pulumi.RunError) as caught:
        published(preview=True, **changes)
    return [*(each.message for each in caplog.records if each.levelname == "ERROR"), str(caught.value)]


@pytest.mark.usefixtures("project")
def test_a_layer_without_a_required_module_fails_the_preview_and_tells_all(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert refused(caplog, require=["plain", "plane", "fastapi"]) == [
        "there is no module fastapi in the layer; add the package that has it to the lock",
        "there is no module plane in the layer; did you mean plain?",
        "the layer deps would not work in Lambda: verification found 2 errors, told above",
    ]


@pytest.mark.usefixtures("project")
def test_what_is_no_modules_name_is_told_before_anything_is_built(caplog: pytest.LogCaptureFixture) -> None:
    assert refused(caplog, lock="missing.txt", require=["a b"]) == [
        "'a b' is not the name of a module; write it as an import does, such as PIL.Image"
    ]


@pytest.mark.usefixtures("project")
def test_a_layer_that_is_not_verified_is_published_as_it_is() -> None:
    assert published(verify=False, require=["fastapi"]).all("LayerVersion")


@pytest.mark.usefixtures("project")
def test_warnings_are_told_and_do_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING"):
        assert published(exclude=["/plain.py"]).all("LayerVersion")
    assert (
        "plain: nothing of plain is in the layer, which its RECORD lists; see what is excluded" in caplog.text
    )


@pytest.mark.usefixtures("project")
def test_notes_are_only_for_those_who_look_closer(caplog: pytest.LogCaptureFixture) -> None:
    # Nothing can be imported here that is made for the other architecture.
    other = "x86_64" if platform.machine() == "aarch64" else "arm64"
    with caplog.at_level("DEBUG"):
        published(architecture=other, require=["plain"])
    told = {each.levelname for each in caplog.records if "the modules were not imported" in each.message}
    assert told == {"DEBUG"}


def test_a_finding_is_one_line_whatever_a_package_says() -> None:
    odd = Finding("warning", "plain", "", "its requirement\n\tx\r\ncannot be read", "see that it is met")
    assert one_line(odd) == "plain: its requirement x cannot be read; see that it is met"


@pytest.mark.usefixtures("project")
def test_options_change_the_layer_and_are_shown_with_it() -> None:
    plain = published(preview=True)
    slim = published(preview=True, slim=True, exclude=["native"])
    assert "options" not in plain.one("LambdaLayer").inputs
    assert slim.one("LambdaLayer").inputs["options"] == {"exclude": ["native"], "slim": True}
    assert slim.one("LambdaLayer").inputs["packages"] == {"plain": "1.0"}
    assert digest_of(slim) != digest_of(plain)


@pytest.mark.usefixtures("project")
def test_a_preference_that_is_none_is_told(caplog: pytest.LogCaptureFixture) -> None:
    assert refused(caplog, prefer=["plain"]) == ["prefer plain: write PATH=PACKAGE, such as six.py=six"]
    told = "prefer a.py=plain: plain is not in the lock, or ships no a.py"
    assert refused(caplog, prefer=["a.py=plain"]) == [told]


@pytest.mark.usefixtures("project")
def test_a_layer_with_bytecode_names_the_interpreter_that_compiled_it() -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    options = published(preview=True, python=python, bytecode=True).one("LambdaLayer").inputs["options"]
    assert options["bytecode"]["python"] == ".".join(map(str, sys.version_info[:3]))
