"""The verdict as people and programs read it."""

from __future__ import annotations

import json

from build.verify import Verdict, refusal
from build.verify.findings import ERROR, NOTE, WARNING, Finding, Share
from build.verify.rendering import as_text, told
from build.verify.verdict import in_order

A = Finding(ERROR, "alpha", "python/a.so", "it is bad", "drop it")
B = Finding(WARNING, "beta", "", "it may be bad", "look at it")
C = Finding(NOTE, "", "", "it is good to know", "")
LARGEST = (Share("alpha", 12_300_000, 99.2), Share("beta-gamma", 999, 0.8))


def test_people_get_a_line_for_each_and_the_largest_packages() -> None:
    assert as_text(Verdict((A, B, C), LARGEST)) == (
        "error: alpha python/a.so: it is bad; drop it\n"
        "warning: beta: it may be bad; look at it\n"
        "note: it is good to know\n"
        "\n"
        "the largest packages\n"
        "  alpha         12.3 MB   99.2 %\n"
        "  beta-gamma      999 B    0.8 %\n"
        "\n"
        "failed: 1 error, 1 warning, 1 note\n"
    )


def test_the_last_line_counts() -> None:
    assert as_text(Verdict((), ())) == "passed: nothing was found\n"
    assert as_text(Verdict((B, C, C), ())).splitlines()[-1] == "passed: 1 warning, 2 notes"
    assert as_text(Verdict((A, A), ())).splitlines()[-1] == "failed: 2 errors"


def test_programs_get_every_field() -> None:
    assert json.loads(json.dumps(Verdict((A, C), LARGEST[1:]).as_json())) == {
        "ok": False,
        "findings": [
            {
                "level": "error",
                "package": "alpha",
                "file": "python/a.so",
                "what": "it is bad",
                "todo": "drop it",
            },
            {"level": "note", "package": "", "file": "", "what": "it is good to know", "todo": ""},
        ],
        "largest": [{"package": "beta-gamma", "size": 999, "share": 0.8}],
    }
    assert Verdict((B, C), ()).as_json()["ok"] is True


def test_errors_come_first_and_nothing_twice() -> None:
    other = A._replace(file="python/b.so", what="it is worse")
    assert in_order([C, B, other, A, B]) == (A, other, B, C)


def test_what_is_the_same_of_several_files_of_a_package_is_told_once() -> None:
    same = [A._replace(file=f"python/{name}.so") for name in "cba"]
    elsewhere = A._replace(package="beta")
    (first, second) = in_order([*same, *same, elsewhere])
    assert first == A._replace(what="it is bad (the same goes for 2 other files)")
    assert second == elsewhere


def test_nothing_that_a_layer_says_moves_a_terminal_or_forges_a_line() -> None:
    bad = Finding(ERROR, "al\x1b[2Jpha", "python/\u202ea.so", "it needs lib\r\nwarning: no\x07.so", "drop it")
    (line,) = told(Verdict((bad,), ()))
    assert line.isprintable()
    assert line.startswith("error: al\ufffd[2Jpha python/\ufffda.so: it needs lib")
    text = as_text(Verdict((bad,), (Share("a\x1b[2J\n", 1, 1.0),)))
    assert len(text.splitlines()) == 6
    assert all(line.isprintable() for line in text.splitlines())


def test_the_refusal_counts_what_was_told() -> None:
    one, two = Verdict((A, B), ()), Verdict((A, B, A), ())
    assert str(refusal(one, "the layer deps")) == (
        "the layer deps would not work in Lambda: verification found one error, told above"
    )
    assert "verification found 2 errors, told above" in str(refusal(two, "x"))
