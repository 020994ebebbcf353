"""The engine does what the real one did, run by run: the same calls, steps, outputs, previews and states."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.engine.cli import main

from .replay import RECORDINGS, Replay, essential, method, recorded, serving

STACK = "staging"
_SECONDS = re.compile(r" \(\d+\.\d+s\)")


@dataclass
class Told:
    """What a run printed and asked its provider."""

    code: int
    out: str
    provider: Replay


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(RECORDINGS / "program", folder, dirs_exist_ok=True)
    return folder


Run = Callable[..., Told]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a verb over the replies of one recorded run."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")

    def run(recording: str, verb: str, *options: str, digest: str = "d1", fail: bool = False) -> Told:
        settings = {
            "aws:region": "us-west-2",
            "demo:digest": digest,
            "demo:token": {"secure": secured(folder)},
        }
        if fail:
            settings["demo:fail"] = "true"
        content = {"config": settings, "encryptionsalt": salt(folder)}
        (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(content))
        provider = Replay(recording)
        out = io.StringIO()
        with serving(provider) as port, contextlib.redirect_stdout(out):
            monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", f"aws:{port}")
            where = ["--stack", STACK, "--cwd", str(folder), "--state", str(folder / "state")]
            code = main([verb, *where, *options])
        assert provider.unknown == []
        return Told(code, out.getvalue(), provider)

    return run


def salt(folder: Path) -> str:
    return _crypted(folder)["salt"]


def secured(folder: Path) -> str:
    return _crypted(folder)["token"]


def _crypted(folder: Path) -> dict[str, str]:
    from local.engine.crypt import Crypter

    path = folder / "crypted.json"
    if not path.exists():
        crypter = Crypter(None)
        token = crypter.encrypt("s3cret")
        path.write_text(json.dumps({"token": token, "salt": crypter.salt}))
    content: dict[str, str] = json.loads(path.read_text())
    return content


def export(folder: Path) -> dict[str, Any]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        where = ["--stack", STACK, "--cwd", str(folder), "--state", str(folder / "state")]
        assert main(["export", *where]) == 0
    assert "s3cret" not in out.getvalue()
    exported: dict[str, Any] = json.loads(out.getvalue())
    return exported


def resources(deployment: dict[str, Any]) -> list[str]:
    """The resources of a deployment as comparable texts, without times and ciphertexts."""

    def comparable(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {
                key: comparable(each) for key, each in value.items() if key not in {"created", "modified"}
            }
            return {**kept, "ciphertext": ""} if "ciphertext" in kept else kept
        return [comparable(each) for each in value] if isinstance(value, list) else value

    listed = [comparable(essential(each)) for each in deployment["deployment"]["resources"]]
    for each in listed:
        # The SDK gives dependencies as a set.
        each["dependencies"] = sorted(each.get("dependencies", []))
    return sorted(json.dumps(each, sort_keys=True) for each in listed)


def order(calls: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The place of each call, by its method and URN; of several alike, the first."""
    places: dict[tuple[str, str], int] = {}
    for index, call in enumerate(calls):
        places.setdefault(call, index)
    return places


def assert_same_calls(told: Told, recording: str) -> None:
    """Every recorded call was made, and what depends on another came after it."""
    assert [f"{method(call)} {call['request'].get('urn')}" for call in told.provider.left] == []
    asked = order([(name, str(request.get("urn"))) for name, request in told.provider.asked])
    layer = ["Bucket::artifacts", "BucketObjectv2::deps", "LayerVersion::deps"]
    function = ["Function::api", "Invocation::api-smoke", "Alias::api-live"]
    for effect, forward in (("Create", True), ("Update", True), ("Delete", False)):
        wanted = [call for call in recorded(recording) if method(call) == effect]
        if len({call["request"]["urn"] for call in wanted}) != len(wanted):
            continue
        places = [(urn, place) for (kind, urn), place in asked.items() if kind == effect]
        # An old layer and an old smoke test know nothing of each other: only the function is between them.
        joined = any(urn.endswith("Function::api") for urn, _ in places)
        for names in [layer + function] if joined else [layer, function]:
            found = [place for name in names for urn, place in places if urn.endswith(name)]
            assert found == sorted(found, reverse=not forward)


def steps(digest: dict[str, Any]) -> list[str]:
    """A preview's steps as comparable texts."""

    def comparable(step: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = essential(step)
        for state in ("oldState", "newState"):
            if state in shown:
                shown[state]["dependencies"] = sorted(shown[state].get("dependencies", []))
                shown[state].pop("created", None)
                shown[state].pop("modified", None)
        return shown

    return sorted(json.dumps(comparable(step), sort_keys=True) for step in digest["steps"])


def assert_same_preview(told: Told, recording: str) -> None:
    ours, theirs = json.loads(told.out), json.loads((RECORDINGS / f"{recording}.json").read_text())
    assert ours["changeSummary"] == theirs["changeSummary"]
    assert ours["config"] == theirs["config"]
    for mine, wanted in zip(steps(ours), steps(theirs), strict=True):
        assert json.loads(mine) == json.loads(wanted)
    assert "s3cret" not in told.out


def summary(text: str) -> list[str]:
    """The outputs and counts at the end of what a terminal shows."""
    lines = text[text.index("Outputs:") if "Outputs:" in text else text.index("Resources:") :].splitlines()
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("Duration")]


def step_lines(text: str) -> list[str]:
    """The lines of finished steps, without times."""
    ended = [line for line in text.splitlines() if _SECONDS.search(line)]
    return sorted({" ".join(_SECONDS.split(line)[0].split()) for line in ended})


def test_01_a_preview_of_a_new_stack_asks_and_shows_the_same(run: Run) -> None:
    told = run("01-preview-json", "preview", "--json")
    assert told.code == 0
    assert_same_calls(told, "01-preview-json")
    assert_same_preview(told, "01-preview")


def test_02_the_first_update_makes_the_same_calls_and_shows_the_same_steps(run: Run) -> None:
    told = run("02-create", "up", "--yes")
    assert told.code == 0
    assert_same_calls(told, "02-create")
    recording = (RECORDINGS / "02-create.txt").read_text()
    assert step_lines(told.out) == step_lines(recording)
    assert summary(told.out) == summary(recording)


def test_03_an_update_without_changes_only_checks_and_compares(run: Run) -> None:
    told = run("03-noop", "up", "--yes")
    assert_same_calls(told, "03-noop")
    assert summary(told.out) == summary((RECORDINGS / "03-noop.txt").read_text())


def test_04_a_preview_without_changes_lists_the_stack_alone(run: Run) -> None:
    told = run("04-noop-preview-json", "preview", "--json")
    assert_same_calls(told, "04-noop-preview-json")
    assert_same_preview(told, "04-noop-preview")


def test_05_the_exported_state_is_the_same(folder: Path) -> None:
    ours, theirs = export(folder), json.loads((RECORDINGS / "05-export.json").read_text())
    assert resources(ours) == resources(theirs)
    assert ours["version"] == theirs["version"] == 3


def test_06_a_preview_of_a_replacement_shows_what_is_replaced_and_what_is_unknown(run: Run) -> None:
    told = run("06-replace-preview-json", "preview", "--json", digest="d2")
    assert_same_calls(told, "06-replace-preview-json")
    assert_same_preview(told, "06-replace-preview")


def test_07_the_same_preview_shows_the_properties_that_differ(run: Run) -> None:
    told = run("07-replace-preview-diff", "preview", "--diff", digest="d2")
    assert '~ key   : "layers/d1.zip" => "layers/d2.zip"' in told.out
    assert '"arn:aws:lambda:us-west-2:123456789012:layer:deps:1"] => [[unknown]]' in told.out
    assert summary(told.out)[-4:] == summary((RECORDINGS / "07-replace-preview-diff.txt").read_text())[-4:]


def test_08_a_replacement_is_created_first_and_originals_are_deleted_last(run: Run) -> None:
    told = run("08-replace", "up", "--yes", digest="d2")
    assert told.code == 0
    assert_same_calls(told, "08-replace")
    names = [name for name, _ in told.provider.asked]
    assert names.index("Delete") > max(
        index for index, name in enumerate(names) if name in {"Create", "Update"}
    )
    recording = (RECORDINGS / "08-replace.txt").read_text()
    assert step_lines(told.out) == step_lines(recording)
    assert summary(told.out) == summary(recording)


def test_09_a_failed_smoke_test_leaves_the_alias_alone(run: Run) -> None:
    told = run("09-failed-smoke", "up", "--yes", digest="d3", fail=True)
    assert told.code == 1
    assert_same_calls(told, "09-failed-smoke")
    assert "Runtime.ImportModuleError" in told.out
    assert not any("Alias" in str(request.get("urn")) for _, request in told.provider.asked)


def test_10_after_the_failure_the_originals_are_still_known_as_to_be_deleted(folder: Path) -> None:
    ours, theirs = export(folder), json.loads((RECORDINGS / "10-export-after-failure.json").read_text())
    assert resources(ours) == resources(theirs)


def test_11_the_next_update_carries_on_and_deletes_what_was_left(run: Run) -> None:
    told = run("11-recover", "up", "--yes", digest="d3")
    assert told.code == 0
    assert_same_calls(told, "11-recover")
    recording = (RECORDINGS / "11-recover.txt").read_text()
    assert step_lines(told.out) == step_lines(recording)
    assert summary(told.out) == summary(recording)


def test_12_a_refresh_reads_and_compares_every_resource(run: Run) -> None:
    told = run("12-refresh", "refresh", "--yes", digest="d3")
    assert told.code == 0
    # The real one previewed first: each call is recorded twice.
    left = [(method(call), call["request"]["urn"]) for call in told.provider.left]
    assert sorted(left) == sorted((name, request["urn"]) for name, request in told.provider.asked)


def test_13_the_outputs_are_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--stack", STACK, "--cwd", str(folder), "--state", str(folder / "state")]
    assert main(["output", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((RECORDINGS / "13-outputs.json").read_text())


def test_14_a_destroy_deletes_in_reverse_order(run: Run, folder: Path) -> None:
    told = run("14-destroy", "destroy", "--yes", digest="d3")
    assert told.code == 0
    assert [method(call) for call in told.provider.left] == ["Configure"]
    deleted = [
        str(request["urn"]).split("::")[-2:] for name, request in told.provider.asked if name == "Delete"
    ]
    theirs = [
        call["request"]["urn"].split("::")[-2:] for call in recorded("14-destroy") if method(call) == "Delete"
    ]
    assert deleted == theirs
    assert export(folder)["deployment"]["resources"] == []
    assert "    - 8 deleted" in told.out
