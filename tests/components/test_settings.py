"""The stack's settings."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from build.errors import UserError
from components.settings import Settings, parse, stack_settings

from .program import run

FUNCTIONS = ("api", "worker")
TOPIC = "arn:aws:sns:us-west-2:123456789012:on-call"


def refused(values: Mapping[str, str]) -> str:
    with pytest.raises(UserError) as caught:
        parse(values, FUNCTIONS)
    return str(caught.value)


def test_the_python_version_alone_is_enough() -> None:
    assert parse({"python": "3.12"}, FUNCTIONS) == Settings(
        python="3.12", architecture="x86_64", lock="app/requirements.txt", attempt=None, pins={}
    )


def test_everything_that_is_set_is_taken() -> None:
    given = {"python": "3.11", "architecture": "arm64", "lock": "x.txt", "attempt": "2", "pin.api": "41"}
    given |= {"bytecode": "true", "slim": "true", "exclude": '["boto3", "**/docs/"]', "require": "[]"}
    given |= {"verify": "false", "prefer": '["six.py=six"]', "alarm_actions": f'["{TOPIC}"]'}
    assert parse(given, FUNCTIONS) == Settings(
        python="3.11",
        architecture="arm64",
        lock="x.txt",
        attempt="2",
        bytecode=True,
        slim=True,
        exclude=("boto3", "**/docs/"),
        require=(),
        prefer=("six.py=six",),
        verify=False,
        alarm_actions=(TOPIC,),
        pins={"api": "41"},
    )


def test_an_attempt_reaches_the_functions_environment() -> None:
    assert parse({"python": "3.12", "attempt": "7"}, FUNCTIONS).environment == {"LAMINA_ATTEMPT": "7"}
    assert parse({"python": "3.12"}, FUNCTIONS).environment == {}


def test_a_missing_python_version_is_told_with_what_is_allowed() -> None:
    assert 'lamina:python is missing; set it to one of "' in refused({})
    assert '"3.12"' in refused({})


def test_a_number_that_yaml_has_shortened_is_told_with_its_quotes() -> None:
    message = refused({"python": "3.1"})
    assert "lamina:python is '3.1'; allowed are \"" in message
    assert '"3.10"' in message


def test_all_faults_are_told_at_once() -> None:
    message = refused(
        {"python": "2.7", "architecture": "amd64", "lock": "", "attempt": "often", "pin.api": "newest"}
    )
    assert "lamina:python is '2.7'" in message
    assert 'lamina:architecture is \'amd64\'; allowed are "x86_64", "arm64"' in message
    assert "lamina:lock is ''; it is the lock file's path in the project's folder" in message
    assert "lamina:attempt is 'often'; allowed are the numbers from 1 up" in message
    assert "lamina:pin.api is 'newest'; allowed are the numbers of published versions" in message


@pytest.mark.parametrize("value", ["yes", "True", "1", ""])
@pytest.mark.parametrize("key", ["bytecode", "slim", "verify"])
def test_a_switch_is_true_or_false(key: str, value: str) -> None:
    message = refused({"python": "3.12", key: value})
    assert f"lamina:{key} is {value!r}; allowed are true and false" in message


@pytest.mark.parametrize("value", ["boto3", '"boto3"', "[1]", '{"a": "b"}', '[""]', "", "[boto3"])
@pytest.mark.parametrize("key", ["exclude", "prefer", "require", "alarm_actions"])
def test_a_list_is_a_list_of_texts(key: str, value: str) -> None:
    message = refused({"python": "3.12", key: value})
    assert f"lamina:{key} is {value!r}; it is a list of texts, such as [" in message


def test_only_topics_can_hear_of_alarms() -> None:
    message = refused({"python": "3.12", "alarm_actions": '["mail@example.com"]'})
    assert "lamina:alarm_actions is" in message
    assert "it is a list of ARNs of SNS topics, such as [arn:aws:sns:" in message


def test_a_misspelt_setting_is_refused_with_the_nearest_one() -> None:
    assert "lamina:pyton is no setting (did you mean lamina:python?)" in refused({"pyton": "3.12"})
    assert "lamina:pin.wroker is no setting (did you mean lamina:pin.worker?)" in refused(
        {"python": "3.12", "pin.wroker": "3"}
    )
    assert "lamina:zzz is no setting (known are python" in refused({"python": "3.12", "zzz": ""})


def test_settings_are_read_from_the_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"lamina:python": "3.13", "lamina:pin.worker": "5", "aws:region": "us-west-2"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    read: list[Settings] = []
    run(lambda: read.append(stack_settings(FUNCTIONS)), config=config)
    assert read == [Settings("3.13", pins={"worker": "5"})]


def test_a_setting_that_nothing_reads_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"lamina:python": "3.13", "lamina:archtecture": "arm64"}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    with pytest.raises(UserError, match="did you mean lamina:architecture"):
        run(lambda: stack_settings(FUNCTIONS), config=config)


def test_a_canary_is_a_percentage_of_what_is_pinned() -> None:
    assert parse({"python": "3.12", "canary": "10", "pin.api": "4"}, FUNCTIONS).canary == 10
    assert "lamina:canary is set and no function is pinned" in refused({"python": "3.12", "canary": "10"})
    for share in ("0", "100", "0.5", "ten"):
        told = refused({"python": "3.12", "canary": share, "pin.api": "4"})
        assert f"lamina:canary is '{share}'; allowed are 1 to 99" in told
