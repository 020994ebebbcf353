"""Environment variables of the stack file, and that secret ones stay secret."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pytest

from build.errors import UserError
from components.function import PythonFunction, PythonFunctionArgs
from components.settings import parse
from components.variables import MOST_BYTES

from .program import run
from .whole import stack

FUNCTIONS = ("api", "worker")
FUNCTION: PythonFunctionArgs = {
    "directory": ".",
    "source": "app",
    "handler": "app.api.handler",
    "python": "3.12",
    "architecture": "arm64",
    "bucket": "artifacts",
}
# pulumi.runtime.rpc: the mark of a secret in what the engine is told.
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


def refused(values: Mapping[str, str], *, secret: bool = False) -> str:
    given = {"python": "3.12", **values}
    with pytest.raises(UserError) as caught:
        parse(given, FUNCTIONS, secret=given.keys() if secret else ())
    return str(caught.value)


def test_variables_reach_their_function_and_no_other() -> None:
    given = {"python": "3.12", "env.api.LOG_LEVEL": "debug", "env.api.HOST": "h", "env.worker.HOST": ""}
    found = parse(given, FUNCTIONS).variables
    assert found == {"api": {"HOST": "h", "LOG_LEVEL": "debug"}, "worker": {"HOST": ""}}


@pytest.mark.usefixtures("project")
def test_a_secret_of_the_stack_file_is_a_secret_of_its_function_alone() -> None:
    config = {"lamina:env.api.TOKEN": "hunter22", "lamina:env.worker.HOST": "plain"}
    found = stack(config, secret=["lamina:env.api.TOKEN"])
    api, worker = (found.one("Function", name).inputs["environment"] for name in ("api", "worker"))
    assert api[SIGNATURE] == SECRET
    assert api["value"]["variables"]["TOKEN"] == "hunter22"
    assert worker["variables"]["HOST"] == "plain"
    others = [each.inputs for each in found.resources if each.name != "api"]
    assert "hunter22" not in f"{others}{found.outputs}"


def test_a_secret_is_neither_shown_by_its_settings_nor_lost() -> None:
    read: list[str] = []

    def program() -> None:
        settings = parse({"python": "3.12", "env.api.TOKEN": "hunter22"}, FUNCTIONS, secret={"env.api.TOKEN"})
        assert "hunter22" not in repr(settings)
        pulumi.Output.from_input(settings.variables["api"]["TOKEN"]).apply(read.append)

    run(program)
    assert read == ["hunter22"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("env.apo.TOKEN", r"lamina:env.apo.TOKEN is for no function (known are api, worker)"),
        ("env.TOKEN", r"lamina:env.TOKEN is for no function (known are api, worker)"),
        ("env.api.1ST", "lamina:env.api.1ST names no variable: letters, digits and _ make one"),
        ("env.api.A", "lamina:env.api.A names no variable"),
        ("env.api.AWS_REGION", "lamina:env.api.AWS_REGION cannot be set: AWS_REGION is Lambda's own"),
        ("env.api.LAMINA_BUCKET", "cannot be set: variables with LAMINA_ are the stack's own"),
    ],
    ids=["other function", "no function", "digit first", "too short", "reserved", "the stack's"],
)
def test_what_cannot_be_a_variable_is_refused_without_its_value(key: str, message: str) -> None:
    told = refused({key: "hunter22"})
    assert message in told
    assert "hunter22" not in told


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_variables_that_lambda_would_refuse_and_recite_are_refused_first(preview: bool) -> None:
    token = "hunter22" * 500

    def program() -> None:
        given: dict[str, pulumi.Input[str]] = {"A": "x" * 100, "TOKEN": pulumi.Output.secret(token)}
        PythonFunction("api", {**FUNCTION, "environment": given})

    with pytest.raises(pulumi.RunError) as caught:
        run(program, preview=preview)
    told = str(caught.value)
    assert "of the function api hold 4,119 bytes and Lambda takes 4,096 (A 100, TOKEN 4,000)" in told
    assert "hunter22" not in told


@pytest.mark.usefixtures("project")
def test_variables_that_just_fit_are_taken() -> None:
    most = MOST_BYTES - len('{"TOKEN":""}')
    made = run(lambda: PythonFunction("api", {**FUNCTION, "environment": {"TOKEN": "\u00fc" * (most // 2)}}))
    assert len(made.one("Function").inputs["environment"]["variables"]["TOKEN"].encode()) == most


def test_a_wrong_setting_that_is_a_secret_is_told_without_its_value() -> None:
    told = refused({"attempt": "hunter22"}, secret=True)
    assert "lamina:attempt is a secret; allowed are the numbers from 1 up" in told
    assert "hunter22" not in told
