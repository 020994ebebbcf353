"""A Pulumi project in a temporary folder, deployed by the engine onto things kept in memory."""

from __future__ import annotations

import contextlib
import io
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.engine.cli import main
from local.engine.crypt import Crypter

from .hosts import forked
from .replay import serving
from .things import Things

HEAD = """
import pulumi
from pulumi import ResourceOptions as Opts


def thing(name, opts=None, type="aws:test/thing:Thing", **inputs):
    inputs = {"made": None, **inputs}
    return type_of(type)(name, inputs, opts)


def type_of(token):
    class Thing(pulumi.CustomResource):
        made: pulumi.Output[int]

        def __init__(self, name, inputs, opts):
            super().__init__(token, name, inputs, opts)

    return Thing
"""


@dataclass
class Demo:
    """The project and its world."""

    folder: Path
    things: Things
    out: str = ""
    err: str = field(default="")

    def program(self, text: str) -> None:
        (self.folder / "__main__.py").write_text(HEAD + textwrap.dedent(text))

    def run(self, verb: str, *options: str) -> int:
        """Runs a verb, and keeps what it printed."""
        yes = ["--yes"] if verb in {"up", "refresh", "destroy"} else []
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([verb, *self.where, *yes, *options])
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def up(self, text: str | None = None, *, code: int = 0) -> list[str]:
        """Deploys a program; gives the calls that changed something."""
        if text is not None:
            self.program(text)
        self.things.calls.clear()
        assert self.run("up") == code, self.out + self.err
        return list(self.things.calls)

    def state(self) -> dict[str, dict[str, Any]]:
        """The things in the state, by name; a replaced original has `!` behind it."""
        assert self.run("export") == 0
        listed = json.loads(self.out)["deployment"].get("resources", [])
        things = [
            each for each in listed if each["custom"] and not each["type"].startswith("pulumi:providers:")
        ]
        return {each["urn"].rpartition("::")[2] + "!" * each.get("delete", False): each for each in things}

    def refresh_always(self) -> None:
        (self.folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\noptions:\n  refresh: always\n")

    def settings(self, **values: Any) -> None:
        """Writes the stack's settings; a tuple of one text is a secret, `__` stands for `:`."""
        crypter = Crypter(None)
        config = {key.replace("__", ":"): _written(value, crypter) for key, value in values.items()}
        content = {"encryptionsalt": crypter.salt, "config": config}
        (self.folder / "Pulumi.test.yaml").write_text(json.dumps(content))

    def everything(self) -> str:
        """All that is shown of a deployed stack without asking for secrets, and all that is kept."""
        shown = ""
        for verb in (["preview", "--diff"], ["preview", "--json"], ["output", "--json"], ["export"]):
            self.run(*verb)
            shown += self.out + self.err
        return shown + (self.folder / "state/demo/test.json").read_text()

    @property
    def where(self) -> list[str]:
        return ["--stack", "test", "--cwd", str(self.folder), "--state", str(self.folder / "state")]


def _written(value: Any, crypter: Crypter) -> Any:
    if isinstance(value, tuple):
        return {"secure": crypter.encrypt(value[0])}
    if isinstance(value, dict):
        return {key: _written(each, crypter) for key, each in value.items()}
    return value


@pytest.fixture(autouse=True)
def quick_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs start in a process that has loaded Pulumi's SDK."""
    monkeypatch.setattr("local.engine.program.guarded", forked)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    things = Things()
    with serving(things) as port:
        monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", f"aws:{port}")
        yield Demo(tmp_path, things)
