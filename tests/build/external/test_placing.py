"""The zip is in the bucket under its digest, once; whatever else lies there is not taken for it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from build.cli import main
from build.evidence import LONGEST
from build.unchanged import recalled
from local.aws.server import Server

from ..remote.conftest import NAME, keys, operations
from .conftest import query

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Answer = Callable[..., dict[str, str]]


@pytest.fixture
def one_client(server: Server, client: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets all runs of a test share a client: to make one takes longer than the rest."""
    monkeypatch.setattr("build.external.placing.s3_client", lambda **_: client)


@pytest.fixture
def answer(place: Path, one_client: None, capsys: pytest.CaptureFixture[str]) -> Answer:
    """Asks in this process, as no other was asked before."""

    def answer(**values: str) -> dict[str, str]:
        assert main(["external"], query(bucket=NAME, **values)) == 0
        found: dict[str, str] = json.loads(capsys.readouterr().out)
        return found

    return answer


def refused(capsys: pytest.CaptureFixture[str], **values: str) -> str:
    assert main(["external"], query(**{"bucket": NAME, **values})) != 0
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_the_zip_is_put_once_and_told_with_its_hash(answer: Answer, s3: S3Client, cloud: Server) -> None:
    found = answer(prefix="team", name="deps")
    key = f"team/layers/deps/{found['digest']}.zip"
    assert (found["s3_bucket"], found["s3_key"]) == (NAME, key)
    assert operations(cloud) == ["HeadObject 404", "PutObject 200"]
    assert s3.get_object(Bucket=NAME, Key=key)["Body"].read() == Path(found["zip"]).read_bytes()
    head = s3.head_object(Bucket=NAME, Key=key, ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == found["zip_sha256_base64"]
    cloud.calls.reset()
    assert answer(prefix="team", name="deps") == found
    assert operations(cloud) == ["HeadObject 200"]


def test_what_is_known_to_be_there_is_remembered_for_an_hour(
    answer: Answer, s3: S3Client, cloud: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer()
    asked = query(bucket=NAME)
    assert recalled(["external"], asked) is not None

    now = time.time()
    for later, known in ((LONGEST - 60, True), (LONGEST + 1, False), (-60, False)):
        monkeypatch.setattr("build.evidence.time.time", lambda later=later: now + later)
        assert (recalled(["external"], asked) is not None) == known


def test_other_aws_settings_are_not_answered_from_memory(
    answer: Answer, s3: S3Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer()
    Path(tmp_path / "none").write_text("[default]\nregion = eu-west-1\n")
    assert recalled(["external"], query(bucket=NAME)) is None


def test_refresh_asks_again_and_is_not_remembered(answer: Answer, s3: S3Client, cloud: Server) -> None:
    found = answer()
    s3.delete_object(Bucket=NAME, Key=found["s3_key"])
    cloud.calls.reset()
    assert answer(refresh="true") == found
    assert operations(cloud) == ["HeadObject 404", "PutObject 200"]
    assert recalled(["external"], query(bucket=NAME, refresh="true")) is None


def test_runs_at_once_put_one_object_and_say_the_same(
    place: Path, one_client: None, s3: S3Client, cloud: Server
) -> None:
    from build.external.placing import Place
    from build.layer import build_layer
    from build.target import Target
    from build.tree.options import DEFAULTS

    target = Target("3.12", "x86_64")
    built = build_layer(place / "requirements.txt", target=target, name="deps", output=place / "out")
    start, found = threading.Barrier(4), []

    def run() -> None:
        start.wait()
        found.append(Place(NAME, "layers/deps/x.zip").filled(built, target, DEFAULTS))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [built.zip_sha256] * 4
    assert operations(cloud).count("PutObject 200") == 1
    assert s3.get_object(Bucket=NAME, Key="layers/deps/x.zip")["Body"].read() == built.zip.read_bytes()


def test_an_object_of_another_maker_is_held_to_the_digest(
    answer: Answer, s3: S3Client, cloud: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer()
    whole = Path(found["zip"]).read_bytes()
    s3.put_object(Bucket=NAME, Key=found["s3_key"], Body=whole)
    assert answer(refresh="true") == found
    s3.put_object(Bucket=NAME, Key=found["s3_key"], Body=whole[:-1] + b"X")
    told = refused(capsys, refresh="true")
    assert f"s3://{NAME}/{found['s3_key']} is not the layer layer of this digest" in told
    assert "delete it or name another prefix" in told


def test_a_bucket_that_is_not_there_is_told_in_one_line(
    place: Path, cloud: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, bucket="nobodys")
    assert told == (
        "error: the bucket nobodys cannot be used: there is no such bucket; it has to be there before "
        "Terraform plans, so name one that another configuration made\n"
    )


def test_who_may_not_put_is_told_what_is_needed(
    place: Path, s3: S3Client, capsys: pytest.CaptureFixture[str]
) -> None:
    objects = f"arn:aws:s3:::{NAME}/*"
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects}
    policy = {"Version": "2012-10-17", "Statement": [denied]}
    s3.put_bucket_policy(Bucket=NAME, Policy=json.dumps(policy))
    assert "access denied; s3:GetObject and s3:PutObject are needed" in refused(capsys)
    assert keys(s3) == []


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "endpoint connection"),
        ({"AWS_PROFILE": "nobody"}, "profile not found"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no AWS credentials were found"),
    ],
    ids=["endpoint", "profile", "credentials"],
)
def test_want_of_access_is_told_in_one_line(
    place: Path,
    cloud: Server,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    told: str,
) -> None:
    monkeypatch.setattr("build.external.placing._ATTEMPTS", 1)
    for name, value in variables.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    err = refused(capsys)
    assert err.count("\n") == 1
    assert told in err
    assert "127.0.0.1" not in err


def test_a_layer_that_would_not_work_is_never_put(
    place: Path, one_client: None, s3: S3Client, cloud: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    told: Any = refused(capsys, require="gamma")
    assert "the layer layer would not work in Lambda" in told
    assert operations(cloud) == []
    assert list((place / ".lamina").iterdir()) == []
