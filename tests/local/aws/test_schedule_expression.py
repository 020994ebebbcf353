from __future__ import annotations

import pytest

from local.aws.schedule_expression import is_schedule


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minute)",
        "rate(5 minutes)",
        "rate(1 day)",
        "rate(36 hours)",
        "cron(0 10 * * ? *)",
        "cron(0 18 ? * MON-FRI *)",
        "cron(0/15 * * * ? *)",
        "cron(0 8 1,15 JAN-MAR ? 2026-2030)",
        "cron(0 0 L * ? *)",
        "cron(0 0 3W * ? *)",
        "cron(15 10 ? * 6L 2022-2023)",
        "cron(0 9 ? * 2#1 *)",
    ],
)
def test_schedules_of_the_documentation_are_taken(expression: str) -> None:
    assert is_schedule(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(1 days)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(1.5 hours)",
        "rate(30 seconds)",
        "rate( 1 day)",
        "Rate(1 day)",
        "rate(1 day) ",
        "every day",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 32 * ? *)",
        "cron(0 0 * 13 ? *)",
        "cron(0 0 ? * 0 *)",
        "cron(0 0 ? * 2#6 *)",
        "cron(0 0 * * ? 1969)",
        "cron(0/0 0 * * ? *)",
        "cron(? 0 * * ? *)",
        "cron(0  10 * * ? *)",
        "at(2026-11-23T11:02:17)",
    ],
)
def test_other_expressions_are_not(expression: str) -> None:
    assert not is_schedule(expression)
