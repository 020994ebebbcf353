"""Changes of a settings file: what was meant, and not one other byte."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from release.errors import ReleaseError, UserError
from release.settings_file import edited, prepare

from .conftest import SETTINGS

PIN = "lamina:pin.api"


def test_comments_order_quotes_and_secrets_stay() -> None:
    changed = edited(SETTINGS, {PIN: "4", "lamina:canary": None})
    assert changed == SETTINGS.replace('"3.12"\n', '"3.12"\n  lamina:pin.api: "4"\n')
    assert edited(changed, {PIN: "5"}) == changed.replace('"4"', '"5"')
    assert edited(changed, {PIN: None}) == SETTINGS


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", 'config:\n  lamina:pin.api: "4"\n'),
        ("encryptionsalt: x", 'encryptionsalt: x\nconfig:\n  lamina:pin.api: "4"\n'),
        ("config:\n", 'config:\n  lamina:pin.api: "4"\n'),
        ("config:\n  a:b: 1", 'config:\n  a:b: 1\n  lamina:pin.api: "4"\n'),
        ("config:\r\n  a:b: 1\r\n", 'config:\r\n  a:b: 1\r\n  lamina:pin.api: "4"\r\n'),
        ("config:\n    a:b: 1 # c\n", 'config:\n    a:b: 1 # c\n    lamina:pin.api: "4"\n'),
        ("config:\n  lamina:pin.api:\n  a:b: 1\n", 'config:\n  lamina:pin.api: "4"\n  a:b: 1\n'),
        ("config:\n  lamina:pin.api: 3 # why\n", 'config:\n  lamina:pin.api: "4" # why\n'),
        ("config:\n  'lamina:pin.api': '3'\n", "config:\n  'lamina:pin.api': \"4\"\n"),
        ("config:\n  a:b:\n    - 1\n# end\n", 'config:\n  lamina:pin.api: "4"\n  a:b:\n    - 1\n# end\n'),
    ],
    ids=[
        "empty",
        "no config",
        "empty config",
        "no newline",
        "CRLF",
        "indented",
        "null",
        "number",
        "quoted",
        "list",
    ],
)
def test_a_pin_is_written_wherever_the_file_leaves_a_place(text: str, changed: str) -> None:
    assert edited(text, {PIN: "4"}) == changed


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config: {a:b: 1}\n", 'change it by hand: set lamina:pin.api to "4"'),
        ("config: [", "it cannot be read"),
    ],
    ids=["flow style", "no YAML"],
)
def test_what_only_a_person_can_change_is_told(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told.replace("[", r"\[")):
        edited(text, {PIN: "4"})


KEYS = st.sampled_from(["lamina:pin.api", "lamina:pin.worker", "lamina:canary", "aws:region", "lamina:lock"])
VALUES = st.one_of(
    st.integers(0, 99), st.booleans(), st.text(max_size=9), st.lists(st.text(max_size=3), max_size=2)
)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(KEYS, VALUES),
    st.dictionaries(KEYS, st.one_of(st.none(), st.integers(1, 99).map(str))),
    st.booleans(),
)
def test_the_file_then_says_what_was_meant(
    config: dict[str, object], changes: dict[str, str | None], salt: bool
) -> None:
    content: dict[str, object] = {"config": config} if config else {}
    text = yaml.safe_dump({**content, **({"encryptionsalt": "v1:x"} if salt else {})}, allow_unicode=True)
    simple = not any(isinstance(config.get(key), (list, str)) for key in changes)
    try:
        after = yaml.safe_load(edited(text, changes))
    except UserError:
        assert not simple or text == "{}\n"
        return
    # Read anew: PyYAML itself gives a line separator (U+0085) back as a space.
    before = yaml.safe_load(text).get("config") or {}
    wanted = {key: value for key, value in before.items() if key not in changes}
    wanted |= {key: value for key, value in changes.items() if value is not None}
    assert (after.get("config") or {}) == wanted
    assert after.get("encryptionsalt") == ("v1:x" if salt else None)


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(SETTINGS)
    path.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(path.name)
    prepared = prepare(link, {PIN: "4"})
    assert path.read_text() == SETTINGS
    assert prepared.put()
    assert PIN in path.read_text()
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["Pulumi.test.yaml", "link.yaml"]


def test_what_says_so_already_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(SETTINGS)
    assert prepare(path, {PIN: None}).put() is False


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_done(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(SETTINGS)
    (tmp_path / f".Pulumi.test.yaml.{__import__('os').getpid()}.tmp").mkdir()
    with pytest.raises(ReleaseError, match=r"Pulumi\.test\.yaml cannot be changed: Is a directory"):
        prepare(path, {PIN: "4"})
