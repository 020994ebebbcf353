"""What `python -m drift` says of a preview, and how it ends."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from drift.cli import answer

# What `pulumi preview --json` (3.260) printed of the project's stack after several changes from outside:
# without the steps that are about nothing else, and without where in the program each resource is made.
RECORDED = Path(__file__).parents[1] / "data/drift/pulumi-3.260.json"
TOLD = """\
6 resources were changed outside of the stack:
- the policy of the bucket artifacts-392a86a (artifacts)
    it was deleted
    the next `up` makes it again
~ the function lamina-local-api (api)
    its environment variable DEBUG was added: "1"
    its environment variable LAMINA_BUCKET is "x", not "pictures-5e82712"
    it runs with no layer, not with lamina-local-deps:1
    the next `up` sets it as the program asks
~ the function lamina-local-worker (worker)
    its timeout is 3 s, not 60 s
    the next `up` sets it as the program asks
~ the function lamina-local-cleanup (cleanup)
    its description was added: "x"
    version 2 was published outside; the stack's newest was 1
    the next `up` sets it as the program asks
~ the alias live of lamina-local-cleanup (release-cleanup-live)
    it points to version 2, not 1
    the next `up` sets it as the program asks
- the mapping of thumbnails-ed9b164 to lamina-local-worker:live (thumbnails)
    it was deleted
    the next `up` makes it again
"""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ended(given: object, *options: str, out: io.StringIO | None = None) -> tuple[int, str, str]:
    """The exit code, and what was printed, given a preview or a text."""
    stdin = io.StringIO(given if isinstance(given, str) else json.dumps(given))
    stdout, stderr = out or io.StringIO(), io.StringIO()
    return answer(options, stdin, stdout, stderr), stdout.getvalue(), stderr.getvalue()


def step(op: str, old: Mapping[str, Any] | None, **more: Any) -> dict[str, Any]:
    state = {} if old is None else {"oldState": {"custom": True, "type": "aws:x/y:Y", **old}}
    return {"op": op, "urn": "urn:pulumi:s::p::aws:x/y:Y::thing", **state, **more}


def holding(value: Any) -> dict[str, Any]:
    return {"inputs": {"size": 1}, "outputs": {"size": value, "seen": value}}


def test_the_real_clis_preview_is_told_in_sentences() -> None:
    assert ended(RECORDED.read_text()) == (0, TOLD, "")


def test_json_has_sentences_and_values() -> None:
    _, out, _ = ended(RECORDED.read_text(), "--json")
    (alias,) = [each for each in json.loads(out) if each["name"] == "release-cleanup-live"]
    assert alias["changes"] == ["it points to version 2, not 1"]
    assert alias["differences"] == [{"path": ["functionVersion"], "before": "1", "now": "2"}]
    assert (alias["deleted"], alias["repair"]) == (False, "update")


def test_a_check_fails_where_something_was_changed() -> None:
    assert ended(RECORDED.read_text(), "--check")[0] == 1
    assert ended({"steps": [step("refresh", holding(1))]}, "--check") == (
        0,
        "nothing was changed outside of the stack\n",
        "",
    )


@pytest.mark.parametrize(
    "steps",
    [
        [step("refresh", holding(1)), step("update", holding(1), diffReasons=["size"])],
        [step("refresh", {**holding(1), "outputs": {"seen": 1}}), step("update", {"outputs": {"seen": 2}})],
        [step("create", None)],
        [step("refresh", holding(1)), step("delete", holding(2))],
    ],
    ids=["the program's own change", "what only AWS decides", "a new stack", "what is no longer wanted"],
)
def test_what_is_no_drift_is_not_told(steps: Sequence[Mapping[str, Any]]) -> None:
    assert ended({"steps": steps})[:2] == (0, "nothing was changed outside of the stack\n")


def test_a_type_that_has_no_words_is_told_by_its_names() -> None:
    _, out, _ = ended({"steps": [step("refresh", holding(1)), step("replace", holding(2))]})
    assert "~ aws:x/y:Y thing (thing)\n    its size is 2, not 1\n    the next `up` replaces it\n" in out


def test_a_preview_that_refreshed_nothing_is_the_users_mistake() -> None:
    code, out, err = ended({"steps": [step("update", holding(1))]})
    assert (code, out) == (2, "")
    assert err.startswith("error: the preview has refreshed nothing")
    assert "pass --refresh" in err


@pytest.mark.parametrize("given", ["", "Previewing update (local):", "[]", "{}", '{"steps": [1]}'])
def test_what_is_no_preview_is_the_users_mistake(given: str) -> None:
    code, out, err = ended(given)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "`pulumi preview --json" in err


def test_a_preview_that_failed_is_told_with_its_error() -> None:
    diagnostics = [{"severity": "info", "message": "x"}, {"severity": "error", "message": "no\nlock"}]
    code, out, err = ended({"steps": [step("refresh", holding(1))], "diagnostics": diagnostics})
    assert (code, out) == (1, "nothing was changed outside of the stack\n")
    assert err == "error: the preview failed, and may not have seen everything: no lock\n"


def test_a_terminal_gets_colour_unless_it_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31m-\x1b[0m the policy" in ended(RECORDED.read_text(), out=Terminal())[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert ended(RECORDED.read_text(), out=Terminal())[1] == TOLD
