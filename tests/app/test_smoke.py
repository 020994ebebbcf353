"""A smoke test passes only where exactly the expected layer and code run, and can do their work."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import identity as identities
from app import smoke
from app.identity import Identity, IdentityError

CONTEXT = SimpleNamespace(function_name="api", function_version="7")


@pytest.fixture(autouse=True)
def running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "identity", lambda: Identity("l" * 64, "c" * 64, ()))


def event(layer: str = "l" * 64, code: str = "c" * 64) -> dict[str, Any]:
    return {"lamina": {"smoke": {"layer": layer, "code": code}}}


def test_the_expected_layer_and_code_answer_with_the_version_that_runs() -> None:
    handler = smoke.answers_smoke(lambda: None)(lambda *_: "not reached")
    answer = handler(event(), CONTEXT)
    assert answer == {"lamina": {"layer": "l" * 64, "code": "c" * 64, "function": "api", "version": "7"}}


@pytest.mark.parametrize(("part", "expected"), [("layer", event(layer="x")), ("code", event(code="x"))])
def test_another_layer_or_code_is_refused_and_both_are_named(part: str, expected: dict[str, Any]) -> None:
    handler = smoke.answers_smoke(lambda: None)(lambda *_: "not reached")
    with pytest.raises(smoke.SmokeError, match=f"{part} {part[0] * 64} runs where x is expected"):
        handler(expected, CONTEXT)


def test_a_smoke_event_that_names_nothing_is_refused() -> None:
    with pytest.raises(smoke.SmokeError, match="where none is expected"):
        smoke.answers_smoke(lambda: None)(lambda *_: "not reached")({"lamina": {"smoke": {}}}, CONTEXT)


def test_a_failing_check_fails_the_smoke_test() -> None:
    def check() -> None:
        raise OSError("no such library")

    with pytest.raises(OSError, match="no such library"):
        smoke.answers_smoke(check)(lambda *_: "not reached")(event(), CONTEXT)


@pytest.mark.parametrize("other", [{}, [], None, {"lamina": {}}, {"lamina": {"smoke": "x"}}, {"Records": []}])
def test_every_other_event_reaches_the_handler(other: object) -> None:
    assert smoke.answers_smoke(lambda: None)(lambda event, _: ("handled", event))(other, CONTEXT) == (
        "handled",
        other,
    )


def test_the_layers_manifest_is_found_beside_the_python_entry_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "lamina.json").write_text(json.dumps({"digest": "d"}))
    monkeypatch.setattr(sys, "path", ["/elsewhere", str(tmp_path / "python")])
    assert identities._layer_root() == tmp_path


def test_a_function_without_a_layer_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["/elsewhere"])
    with pytest.raises(IdentityError, match="has no Lamina layer"):
        identities._layer_root()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"digest": 1}'])
def test_a_damaged_manifest_is_refused_by_its_path(content: str, tmp_path: Path) -> None:
    (tmp_path / "lamina.json").write_text(content)
    with pytest.raises(IdentityError, match=r"lamina\.json"):
        identities._manifest(tmp_path / "lamina.json")
