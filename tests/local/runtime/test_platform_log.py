from __future__ import annotations

import datetime as dt
import json

from hypothesis import given
from hypothesis import strategies as st

from local.runtime.outcome import Outcome, exited, log_events, timed_out
from local.runtime.platform_log import Figures, JsonLog, TextLog

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))


def frame(text: str) -> bytes:
    content = text.encode()
    return b"\xa5\x5a\x00\x17" + len(content).to_bytes(4, "big") + bytes(8) + content


@given(LINES)
def test_every_line_of_text_is_an_event(lines: list[str]) -> None:
    assert list(log_events("".join(f"{line}\n" for line in lines).encode())) == lines


@given(LINES)
def test_every_frame_is_an_event(texts: list[str]) -> None:
    assert list(log_events(b"".join(frame(f"{text}\nmore\n") for text in texts))) == [
        f"{text}\nmore" for text in texts
    ]


def test_frames_and_text_keep_their_order() -> None:
    written = b"before\r\n" + frame("one\ntwo") + b"between" + frame("three") + b"\nafter"
    assert list(log_events(written)) == ["before", "one\ntwo", "between", "three", "after"]


def test_an_unfinished_frame_and_broken_text_are_no_error() -> None:
    assert list(log_events(b"\xff\n\xa5\x5a\x00")) == ["\ufffd", "\ufffdZ\x00"]


def test_a_timeout_is_told_with_two_decimals() -> None:
    outcome = timed_out("id", 30, dt.datetime(2026, 1, 2, 3, 4, 5, 6000, dt.UTC))
    assert outcome.lines == ("2026-01-02T03:04:05.006Z id Task timed out after 30.00 seconds",)
    assert outcome.fatal


def test_an_unknown_signal_has_its_number() -> None:
    assert json.loads(exited("id", -40).payload)["errorMessage"].endswith("signal: signal 40")


def test_a_good_warm_invocation_reports_neither_init_nor_status() -> None:
    end, report = TextLog().end("id", Outcome(b"1"), Figures(milliseconds=1.234, memory=256, used=40))
    assert end == "END RequestId: id"
    assert report == (
        "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 256 MB\t"
        "Max Memory Used: 40 MB"
    )


def test_json_lines_have_lambdas_types_and_records() -> None:
    log = JsonLog(lambda: dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    assert json.loads(log.start("id", "7")) == {
        "time": "2026-01-02T00:00:00.000Z",
        "type": "platform.start",
        "record": {"requestId": "id", "version": "7"},
    }
    figures = Figures(milliseconds=1.23456, memory=256, used=40, init=50.0)
    (report,) = log.end("id", Outcome(b"{}", "ValueError"), figures)
    assert json.loads(report)["record"] == {
        "requestId": "id",
        "metrics": {
            "durationMs": 1.235,
            "billedDurationMs": 2,
            "memorySizeMB": 256,
            "maxMemoryUsedMB": 40,
            "initDurationMs": 50.0,
        },
        "status": "error",
        "errorType": "ValueError",
    }


def test_a_timeout_has_a_status_of_its_own_in_json() -> None:
    outcome = timed_out("id", 3, dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    (report,) = JsonLog().end("id", outcome, Figures(milliseconds=3000, memory=128, used=1))
    assert json.loads(report)["record"]["status"] == "timeout"
