"""What the command line says is one line in visible characters, and never more important than the work."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from build.console import failed, tell, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nerror: forged", "a error: forged"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("caf\udce9", r"caf\udce9"),
        ("日本 é", "日本 é"),
    ],
    ids=["line", "colour", "direction", "bytes", "letters"],
)
def test_what_strangers_wrote_for_a_terminal_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_name_that_fills_pages_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert failed("x" * 1_000_000, code=2) == 2
    assert len(capsys.readouterr().err) < 11_000


def test_a_stream_that_takes_nothing_stops_nothing() -> None:
    with Path("/dev/full").open("w") as full:
        tell(full, "one\n")
        tell(full, "two\n")
    tell(stream := io.StringIO(), "three")
    assert stream.getvalue() == "three"
