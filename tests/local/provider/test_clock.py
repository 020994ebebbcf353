"""Waits and retries on the scaled clock."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from local.provider.clock import Clock
from local.provider.errors import ProviderError

FAST = Clock(1e9)


def failing(times: int) -> tuple[list[int], ClientError]:
    return [0] * times, ClientError({"Error": {"Code": "Busy", "Message": "later"}}, "Call")


def test_what_fails_for_a_while_is_tried_until_it_works() -> None:
    left, error = failing(5)

    def action() -> str:
        if left:
            left.pop()
            raise error
        return "done"

    assert FAST.retry(action, when=lambda _: True) == "done"


def test_what_fails_for_good_is_tried_as_often_on_any_clock() -> None:
    counts = []
    for scale in (1e6, 1e9):
        calls: list[int] = []

        def action(calls: list[int] = calls) -> None:
            calls.append(1)
            raise failing(0)[1]

        with pytest.raises(ClientError):
            Clock(scale).retry(action, when=lambda _: True, within=300)
        counts.append(len(calls))
    assert counts[0] == counts[1] > 30


def test_other_errors_are_not_tried_again() -> None:
    calls: list[int] = []

    def action() -> None:
        calls.append(1)
        raise failing(0)[1]

    with pytest.raises(ClientError):
        FAST.retry(action, when=lambda _: False)
    assert calls == [1]


def test_wait_wants_its_answer_so_many_times_in_a_row() -> None:
    answers = iter([True, True, False, True, True, True])
    assert FAST.wait(lambda: next(answers), what="it", within=60, times=3)
    assert next(answers, None) is None


def test_wait_that_takes_too_long_names_what_was_awaited() -> None:
    with pytest.raises(ProviderError, match=r"timeout while waiting for the thing \(timeout: 60s\)"):
        FAST.wait(lambda: None, what="the thing", within=60)


def test_cancelled_clock_ends_every_wait_until_it_is_resumed() -> None:
    clock = Clock(1e9)
    clock.cancel()
    with pytest.raises(ProviderError, match="cancelled"):
        clock.sleep(1)
    clock.resume()
    clock.sleep(1)


def test_scale_comes_from_the_environment_and_must_be_a_number() -> None:
    Clock.of({"LAMINA_CLOCK_SCALE": "1e9"}).sleep(5)
    with pytest.raises(ProviderError, match="LAMINA_CLOCK_SCALE must be a number above 0, not 'fast'"):
        Clock.of({"LAMINA_CLOCK_SCALE": "fast"})
