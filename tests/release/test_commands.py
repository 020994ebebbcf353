"""Pins, canaries, and what is shown of releases."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from release.cli import main
from tests.local.conftest import zipped

from .conftest import SETTINGS, Shop


def config(shop: Shop) -> dict[str, str]:
    """What the settings say of pins and canary."""
    found = yaml.safe_load(shop.settings.read_text())["config"]
    return {key: value for key, value in found.items() if "pin" in key or "canary" in key}


def test_pin_holds_everything_where_it_is_and_unpin_lets_go(shop: Shop) -> None:
    shop.calls()
    shop.run("pin")
    assert config(shop) == {"lamina:pin.api": "1", "lamina:pin.worker": "1"}
    assert "says so already" in shop.run("pin")
    shop.run("unpin")
    assert shop.settings.read_text() == SETTINGS
    assert shop.calls() == []


def test_a_canary_pins_what_is_live_and_promote_takes_both_out(shop: Shop) -> None:
    shop.run("canary", "--percent", "10")
    assert config(shop) == {"lamina:canary": "10", "lamina:pin.api": "1", "lamina:pin.worker": "1"}
    shop.run("canary", "--percent", "50")
    assert config(shop)["lamina:canary"] == "50"
    shop.run("promote")
    assert shop.settings.read_text() == SETTINGS


@pytest.mark.parametrize("percent", ["0", "100", "-1"])
def test_a_canary_is_a_share(shop: Shop, percent: str) -> None:
    assert "takes 1 to 99 percent" in shop.run("canary", f"--percent={percent}", code=2)


def test_abort_ends_the_canary_at_once_and_keeps_the_pins(shop: Shop) -> None:
    shop.release("api", "worker", passed=False)
    shop.point("api", 1, v2=0.1)
    shop.run("canary", "--percent", "10")
    shop.calls()
    assert "api: 1 and 10% 2 → 1" in shop.run("abort")
    assert shop.calls() == ["UpdateAlias"]
    assert not shop.alias("api").get("RoutingConfig")
    assert config(shop) == {"lamina:pin.api": "1", "lamina:pin.worker": "1"}
    assert "there is no canary" in shop.run("abort")


def test_status_tells_what_is_live_pinned_and_newest(shop: Shop) -> None:
    shop.release("api", "worker", passed=False)
    shop.point("api", 1, v2=0.1)
    shop.run("pin")
    answer = shop.json("status")
    assert answer["functions"][0] == {
        "function": "api",
        "name": shop.function("api"),
        "live": 1,
        "weights": {"2": 0.1},
        "pin": "1",
        "newest": 2,
        "passed": True,
    }
    assert "10% 2" in shop.run("status")


def test_what_is_live_without_having_passed_is_told(shop: Shop) -> None:
    shop.client("s3").delete_object(Bucket=shop.bucket, Key="releases/api/1.json")
    assert "note: api 1 is live and not in the ledger" in shop.run("status")


def test_history_shows_the_newest_release_first_and_what_is_live(shop: Shop) -> None:
    shop.release("api")
    shop.release("api", "worker")
    lines = shop.run("history").splitlines()
    assert [line.split()[0] for line in lines] == [
        "release",
        "api=3,worker=2",
        "api=2,worker=1",
        "api=1,worker=1",
    ]
    assert lines[1].endswith("live")
    assert "a" * 12 in lines[1]
    answer = shop.json("history", "--limit", "1")
    assert [each["release"] for each in answer["releases"]] == ["api=3,worker=2"]
    assert answer["passed"] == {"api": [3, 2, 1], "worker": [2, 1]}
    shop.run("rollback", "--function", "worker")
    assert "live: api" in shop.run("history")


def write(folder: Path, **settings: str) -> None:
    """Writes a project and settings files."""
    (folder / "Pulumi.yaml").write_text("name: lamina\n")
    for stack, text in settings.items():
        (folder / f"Pulumi.{stack}.yaml").write_text(text)


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("none", "there is no Pulumi.none.yaml; stacks with settings are broken, list, t"),
        ("broken", "Pulumi.broken.yaml cannot be read"),
        ("list", "Pulumi.list.yaml must be a mapping"),
    ],
)
def test_a_stack_that_cannot_be_meant_is_the_users_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stack: str, told: str
) -> None:
    write(tmp_path, t="", broken="config: [", list="- 1")
    assert main(["status", "-s", f"org/lamina/{stack}", "--project", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err


def test_a_folder_without_a_project_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "-s", "test", "--project", str(tmp_path)]) == 2
    assert "there is no Pulumi.yaml in" in capsys.readouterr().err


@pytest.mark.usefixtures("environment")
def test_the_region_is_the_stack_files_or_the_one_that_boto3_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, here="config:\n  aws:region: eu-west-1\n", nowhere="")
    status = ["status", "--project", str(tmp_path), "--stack"]
    assert main([*status, "here"]) == 1
    assert "the stack here has nothing live in eu-west-1" in capsys.readouterr().err
    assert main([*status, "nowhere"]) == 1
    assert "You must specify a region" in capsys.readouterr().err
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert main([*status, "nowhere"]) == 1
    assert "the stack nowhere has nothing live in us-west-2" in capsys.readouterr().err


@pytest.mark.parametrize("setting", [None, "lamina:names", "lamina:adopt"])
def test_functions_that_kept_their_names_are_found_by_the_mapping(shop: Shop, setting: str | None) -> None:
    name, client = f"kept-{shop.name}", shop.client("lambda")
    copied = client.get_function_configuration(FunctionName=shop.function("api"))
    client.create_function(
        FunctionName=name,
        **{each: copied[each] for each in ("Runtime", "Architectures", "Handler", "Role")},
        Code={"ZipFile": zipped({"main.py": ""})},
        Publish=True,
        Tags={
            "lamina:stack": f"lamina/{shop.name}",
            "lamina:function": "late",
            "lamina:ledger": shop.bucket,
        },
    )
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert "late" not in shop.run("status")
    file = f"adopt.{shop.name}.yaml" if setting is None else "kept.yaml"
    entry = {"resource": "PythonFunction/Function/late", "id": name, "name": name}
    (shop.folder / file).write_text(yaml.safe_dump({"lamina": "adopt/1", "adopted": [entry]}))
    if setting is not None:
        shop.settings.write_text(f"{shop.settings.read_text()}  {setting}: {file}\n")
    assert "late" in shop.run("status")
