"""Stacks of two functions in an embedded AWS of this process, made as the program would leave them.

One AWS and one set of clients serve all tests, since making those takes longer than all that they do;
each test has a stack of its own name.
"""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.aws.server import Server, serve
from local.endpoint import environment_of
from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME
from release.cli import main
from tests.local.conftest import REGION, TRUST, zipped

SETTINGS = """\
# Ours.
encryptionsalt: v1:abc=
config:
  aws:region: us-west-2
  # The only place where the functions' Python version stands.
  lamina:python: "3.12"
  lamina:secret:
    secure: v1:def
"""


@dataclass
class Shop:
    """The stack: its project's folder, its AWS, and what `python -m release` prints."""

    name: str
    folder: Path
    server: Server
    capsys: pytest.CaptureFixture[str]

    @property
    def bucket(self) -> str:
        """Of the ledger."""
        return f"artifacts-{self.name}"

    def client(self, service: str) -> Any:
        return client_for(self.server.port, service)

    def function(self, name: str) -> str:
        """A function's name in AWS."""
        return f"lamina-{self.name}-{name}"

    def make(self, name: str) -> None:
        """A function with its tags, without a version."""
        self.client("lambda").create_function(
            FunctionName=self.function(name),
            Runtime=HOST_RUNTIME,
            Architectures=[HOST_ARCHITECTURE],
            Handler="main.handler",
            Role="arn:aws:iam::123456789012:role/functions",
            Code={"ZipFile": zipped({"main.py": "def handler(event, context): pass\n"})},
            Tags={
                "lamina:stack": f"lamina/{self.name}",
                "lamina:function": name,
                "lamina:ledger": self.bucket,
            },
        )

    def release(self, *names: str, sets: bool = True, passed: bool = True) -> dict[str, int]:
        """Publishes functions anew, writes the ledger and moves the aliases; gives what then is live."""
        client, s3 = self.client("lambda"), self.client("s3")
        for name in names:
            function = self.function(name)
            described = str(self.versions().get(name, 0) + 1)
            client.update_function_configuration(FunctionName=function, Description=described)
            version = client.publish_version(FunctionName=function)["Version"]
            s3.put_object(Bucket=self.bucket, Key=f"releases/{name}/{version}.json", Body=b"{}")
            if passed:
                self.point(name, version)
        versions = self.live()
        if sets:
            parts = {name: {"layer": "a" * 64, "code": f"{number:064d}"} for name, number in versions.items()}
            key = ",".join(f"{name}={number}" for name, number in sorted(versions.items()))
            body = json.dumps({"functions": parts}).encode()
            s3.put_object(Bucket=self.bucket, Key=f"releases/{key}.json", Body=body)
        return versions

    def point(self, name: str, version: str | int, **weights: float) -> None:
        """Makes or moves the alias; a weight is named `v` and the version."""
        client = self.client("lambda")
        given = {
            "FunctionName": self.function(name),
            "Name": "live",
            "FunctionVersion": str(version),
            "RoutingConfig": {"AdditionalVersionWeights": {key[1:]: each for key, each in weights.items()}},
        }
        try:
            client.update_alias(**given)
        except client.exceptions.ResourceNotFoundException:
            client.create_alias(**given)

    def alias(self, name: str) -> Any:
        return self.client("lambda").get_alias(FunctionName=self.function(name), Name="live")

    def versions(self) -> dict[str, int]:
        """The newest version of each function."""
        found = {}
        for name in ("api", "worker", "late"):
            try:
                listed = self.client("lambda").list_versions_by_function(FunctionName=self.function(name))
            except self.client("lambda").exceptions.ResourceNotFoundException:
                continue
            numbers = [int(each["Version"]) for each in listed["Versions"] if each["Version"] != "$LATEST"]
            found[name] = max(numbers, default=0)
        return found

    def live(self) -> dict[str, int]:
        """The version behind each alias."""
        return {name: int(self.alias(name)["FunctionVersion"]) for name in self.versions()}

    def run(self, command: str, *options: str, code: int = 0) -> str:
        """What `python -m release` prints, stdout before stderr."""
        ended = main([command, "--stack", self.name, "--project", str(self.folder), *options])
        printed = self.capsys.readouterr()
        assert ended == code, printed
        return printed.out + printed.err

    def json(self, command: str, *options: str, code: int = 0) -> Any:
        """The answer as a program reads it."""
        ended = main([command, "--stack", self.name, "--project", str(self.folder), "--json", *options])
        printed = self.capsys.readouterr()
        assert ended == code, printed
        return json.loads(printed.out)

    @property
    def settings(self) -> Path:
        return self.folder / f"Pulumi.{self.name}.yaml"

    def calls(self) -> list[str]:
        """The writing calls since the last time this was asked."""
        made = [each["operation"] for each in self.server.calls.shown()["calls"] if each["writes"]]
        self.server.calls.reset()
        return made


@functools.cache
def client_for(port: int, service: str) -> Any:
    """A boto3 client of the AWS on that port."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs have one overload for each name
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The embedded AWS of all tests, with the role that functions have."""
    with serve(tmp_path_factory.mktemp("cloud"), managed_policies=False) as running:
        trust = json.dumps(TRUST)
        client_for(running.port, "iam").create_role(RoleName="functions", AssumeRolePolicyDocument=trust)
        yield running


@pytest.fixture
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What leads `python -m release` to that AWS."""
    for name, value in environment_of(server.port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")


_numbers = itertools.count(1)


@pytest.fixture
def shop(
    tmp_path: Path,
    server: Server,
    environment: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shop:
    """A stack with `api` and `worker` released once."""

    class Session:
        """As boto3's, with clients that were made before."""

        def __init__(self, **settings: Any) -> None:
            assert settings == {"profile_name": None, "region_name": REGION}

        def client(self, service: str, config: Any) -> Any:
            return client_for(server.port, service)

    monkeypatch.setattr("release.cloud.boto3.Session", Session)
    made = Shop(f"t{next(_numbers)}", tmp_path / "project", server, capsys)
    made.folder.mkdir()
    (made.folder / "Pulumi.yaml").write_text("name: lamina\nruntime: python\n")
    made.settings.write_text(SETTINGS)
    location: Any = {"LocationConstraint": REGION}
    made.client("s3").create_bucket(Bucket=made.bucket, CreateBucketConfiguration=location)
    for name in ("api", "worker"):
        made.make(name)
    made.release("api", "worker")
    return made
