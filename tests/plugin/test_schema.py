"""The schema that is checked in: what programs in other languages are compiled against."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from build import VERSION
from plugin import cli
from plugin.package import COMPONENTS
from tests.components.test_schema import COMPONENTS as ALL

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", name="schema")
def checked_in() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(cli.SCHEMA.read_text("utf-8"))
    return schema


def test_a_change_of_the_components_is_announced() -> None:
    same = cli.SCHEMA.read_text("utf-8") == cli.schema()
    assert same, f"{cli.SCHEMA.relative_to(ROOT)} is out of date: {cli.REMEDY}"


def test_the_page_about_the_components_has_the_same_tables() -> None:
    same = cli.PAGE.read_text("utf-8") == cli.page()
    assert same, f"{cli.PAGE.relative_to(ROOT)} is out of date: {cli.REMEDY}"


def test_every_component_is_in_the_package(schema: dict[str, Any]) -> None:
    assert set(COMPONENTS) == set(ALL)
    assert set(schema["resources"]) == {f"lamina:index:{each.__name__}" for each in COMPONENTS}
    assert all(each["isComponent"] for each in schema["resources"].values())


def test_the_version_stands_in_one_place(schema: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (schema["version"], schema["license"]) == (VERSION, project["license"])


def described(part: Any, path: str) -> Iterator[tuple[str, str]]:
    """Whatever the schema must describe: resources, types, inputs and outputs, by path."""
    for kind in ("resources", "types"):
        for name, each in part.get(kind, {}).items():
            yield f"{path}{name}", each.get("description") or ""
            yield from described(each, f"{name}.")
    for kind in ("inputProperties", "properties"):
        for name, each in part.get(kind, {}).items():
            yield f"{path}{name}", each.get("description") or ""


def test_everything_in_it_is_described(schema: dict[str, Any]) -> None:
    assert [path for path, text in described(schema, "") if not text] == []


def test_descriptions_have_the_names_that_their_readers_know(schema: dict[str, Any]) -> None:
    texts = dict(described(schema, ""))
    assert texts["lamina:index:PythonFunction.layerSizes"].startswith("Their `unzippedSize`s")
    assert [path for path, text in texts.items() if "\n  " in text] == []


def test_a_schema_that_is_out_of_date_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "SCHEMA", tmp_path / "schema.json")
    monkeypatch.setattr(cli, "PAGE", tmp_path / "components.md")
    (tmp_path / "components.md").write_text("# The components\n")
    (tmp_path / "schema.json").write_text("{}\n")
    assert cli.main(["--check-schema"]) == 1
    assert capsys.readouterr().err == f"error: schema.json is out of date: {cli.REMEDY}\n"
    assert cli.main(["--write-schema"]) == 0
    assert cli.main(["--check-schema"]) == 0
    assert "| **`timeout`** | integer, plain |" in (tmp_path / "components.md").read_text()
