"""The small world: its project, its embedded AWS, and the runs of the engine between them."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from local.endpoint import environment_of
from local.runtime.archive import remove_tree
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME

from .content import MODULE, write_service, write_wheel
from .processes import PIDS, ROOT, Forked, popen

STACK = "world"
PROJECT = "lamina"
_SECONDS = 180.0
_POLL_SECONDS = 0.01
_SETTINGS = {
    "aws:region": "us-west-2",
    "lamina:python": HOST_RUNTIME.removeprefix("python"),
    "lamina:architecture": HOST_ARCHITECTURE,
    "lamina:require": [MODULE],
}


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the engine that has ended.

    Attributes:
        code: its exit code, negative after a signal.
        told: what it printed, stdout before stderr.
    """

    code: int
    told: str


class Running:
    """A run of the engine that is under way."""

    def __init__(self, process: Forked, out: Path, err: Path) -> None:
        self.process = process
        self._out, self._err = out, err

    def heard(self, words: str) -> None:
        """Waits until it has printed these words, or has ended."""
        while self.process.poll() is None and words not in self._told():
            time.sleep(_POLL_SECONDS)

    def ended(self) -> Ran:
        """Waits for its end."""
        try:
            code = self.process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        return Ran(code, self._told())

    def _told(self) -> str:
        return self._out.read_text("utf-8") + self._err.read_text("utf-8")


class World:
    """A project, an embedded AWS, and the engine; `within` makes one.

    Attributes:
        folder: of all that is this world's.
        project: the folder of Pulumi.yaml.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        """Writes the project, with content `a` in layer and code; the AWS is started by `start_aws`.

        Args:
            folder: an empty one.
            cache: the builder's cache; worlds may share one.
        """
        self.folder = folder
        self.project = folder / "project"
        self.pids = folder / "pids"
        self._cache = cache or folder / "cache"
        self._parts = contextlib.ExitStack()
        self._provider_port: int | None = None
        self.aws: Forked | None = None
        self.port = 0
        self.project.mkdir(parents=True)
        for name in ("__main__.py", "Pulumi.yaml"):
            (self.project / name).write_bytes((ROOT / name).read_bytes())
        self.write(layer="a", code="a")
        self.set()

    # What is to be deployed.

    def write(self, *, layer: str | None = None, code: str | None = None, broken: bool = False) -> None:
        """Gives layer or code (or both) some content: letters and digits.

        Args:
            layer: of the layer's only package.
            code: of the service.
            broken: whether the layer lacks the module that the smoke test imports. Verification would refuse
                it: switch that off by `set(**{"lamina:verify": False})`.
        """
        if layer is not None:
            line = write_wheel(self.folder / "wheels", layer, broken=broken)
            (self.project / "app").mkdir(exist_ok=True)
            (self.project / "app/requirements.txt").write_text(line)
        if code is not None:
            write_service(self.project / "app", code)

    def set(self, **settings: Any) -> None:
        """Writes Pulumi.world.yaml: the world's own settings and these; one that is None is left out."""
        config = {key: value for key, value in {**_SETTINGS, **settings}.items() if value is not None}
        (self.project / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}))

    def refresh_always(self, always: bool = True) -> None:
        """Whether each run begins with a refresh, as Pulumi.yaml has it; without, it has half the calls."""
        text = (ROOT / "Pulumi.yaml").read_text("utf-8")
        changed = text if always else text.replace("refresh: always", "refresh: never")
        (self.project / "Pulumi.yaml").write_text(changed)

    # The AWS.

    def start_aws(self) -> None:
        """Starts an AWS that is empty; where one ran, it and the stack's state are forgotten."""
        self.stop_aws()
        remove_tree(self.folder / "aws")
        self.state_path.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.world.aws", str(self.folder / "aws")]
        self.aws = popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE)
        self.port = int(self.aws.stdout.readline())
        self.client.cache_clear()

    def stop_aws(self) -> None:
        """Ends the AWS, and the provider that knows its port."""
        self._stop_provider()
        if self.aws is not None:
            self.aws.terminate()
            self.aws.wait()
            self.aws.stdout.close()
            self.aws = None

    @functools.cache  # noqa: B019  (a world lives as long as its test)
    def client(self, service: Any) -> Any:
        """A boto3 client of this world's AWS."""
        variables = environment_of(self.port)
        session: Any = boto3.session.Session()
        return session.client(
            service,
            region_name=variables["AWS_REGION"],
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            config=Config(s3={"addressing_style": "path"}),
        )

    def own(self, path: str, method: str = "GET", content: Any = None) -> Any:
        """Asks the embedded AWS something of its own: `/_lamina/PATH`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_lamina/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode(),
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def calls(self) -> list[dict[str, Any]]:
        """The AWS calls since the last time this was asked; those of `client` are among them."""
        listed: list[dict[str, Any]] = self.own("calls", "DELETE")["calls"]
        return listed

    def writing_calls(self) -> list[str]:
        """The writing ones of `calls`, as `service:operation`."""
        return [f"{each['service']}:{each['operation']}" for each in self.calls() if each["writes"]]

    # Runs.

    def start(
        self,
        verb: str,
        *options: str,
        own_provider: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> Running:
        """Begins a run of the engine.

        Args:
            verb: `up`, `preview`, `refresh`, `destroy`, `output` or `export`.
            options: further ones.
            own_provider: let the engine start its provider, as it does for users; otherwise it attaches to
                one that stays, which saves half a second.
            variables: of its environment, such as those of `tests.world.engine`.
        """
        yes = ["--yes"] if verb in {"up", "refresh", "destroy"} else []
        where = ["--stack", STACK, "--cwd", str(self.project), "--state", str(self.folder / "stacks")]
        environment = self.engine_environment(own_provider=own_provider) | dict(variables or {})
        out, err = self.folder / "out", self.folder / "err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = popen(
                [sys.executable, "-m", "tests.world.engine", verb, *where, *yes, *options],
                cwd=ROOT,
                env=environment,
                stdout=stdout,
                stderr=stderr,
            )
        return Running(process, out, err)

    def run(self, verb: str, *options: str, variables: Mapping[str, str] | None = None) -> Ran:
        """Runs the engine to its end; see `start`."""
        return self.start(verb, *options, variables=variables).ended()

    def pid(self, module: str) -> int:
        """The process id of what the latest run started: `local.engine.host` or its own `local.provider`."""
        return int((self.pids / module).read_text())

    def told(self, verb: str, *options: str, code: int = 0) -> str:
        """What a run printed, after it ended with the code that was expected."""
        ran = self.run(verb, *options)
        assert ran.code == code, f"{verb}: {ran.code}\n{ran.told}"
        return ran.told

    def up(self, *, code: int = 0) -> str:
        """Deploys; gives what was printed."""
        return self.told("up", code=code)

    # The state.

    @property
    def state_path(self) -> Path:
        """The file of the stack's state."""
        return self.folder / "stacks" / PROJECT / f"{STACK}.json"

    def state(self) -> dict[str, Any]:
        """The deployment as `pulumi stack export` has it: `resources`, `pending_operations`; empty if none.

        The stack's settings hold no secrets unless a test sets some, so nothing in it needs to be opened.
        """
        if not self.state_path.exists():
            return {}
        deployment: dict[str, Any] = json.loads(self.state_path.read_text("utf-8"))["deployment"]
        return deployment

    def engine_environment(self, *, own_provider: bool = False) -> dict[str, str]:
        """What `tests.world.engine` runs with; see `start`."""
        self.pids.mkdir(exist_ok=True)
        attached = {} if own_provider else {"PULUMI_DEBUG_PROVIDERS": f"aws:{self._provider()}"}
        return {**self.environment(), **attached, PIDS: str(self.pids)}

    def environment(self) -> dict[str, str]:
        """What its processes run with: its AWS, its cache, its wheels."""
        return {
            **os.environ,
            **environment_of(self.port),
            "LAMINA_CACHE": str(self._cache),
            "NO_COLOR": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PYTHONPATH": str(ROOT),
            "UV_FIND_LINKS": str(self.folder / "wheels"),
            "UV_NO_CONFIG": "1",
            "UV_NO_INDEX": "1",
        }

    def _provider(self) -> int:
        if self._provider_port is None:
            process = popen(
                [sys.executable, "-m", "local.provider"],
                cwd=self.project,
                env=self.environment(),
                stdout=subprocess.PIPE,
            )
            self._parts.enter_context(process)
            self._provider_port = int(process.stdout.readline())
        return self._provider_port

    def _stop_provider(self) -> None:
        self._provider_port = None
        self._parts.close()


@contextlib.contextmanager
def within(folder: Path | None = None, cache: Path | None = None) -> Iterator[World]:
    """A world whose AWS runs, empty, until the context ends; `processes.zygote` must be there.

    Args:
        folder: where; a temporary one unless given.
        cache: the builder's cache; one of its own unless given.
    """
    with contextlib.ExitStack() as parts:
        if folder is None:
            folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="lamina-world-")))
        world = World(folder, cache)
        parts.callback(world.stop_aws)
        world.start_aws()
        yield world
