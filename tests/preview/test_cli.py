"""The command line: what it reads, what it prints, and how it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from preview.cli import main

from .cases import FOLDER, MANIFESTS, comment
from .github_server import Hub, served
from .making import preview, step

LAYER = str(FOLDER / "layer.json")
MARKER = "<!-- lamina-preview lamina/local -->"
ENVIRONMENT = ("GITHUB_TOKEN", "GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_STEP_SUMMARY")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with served(Hub()) as hub:
        monkeypatch.setenv("GITHUB_API_URL", hub.url)
        monkeypatch.setenv("GITHUB_TOKEN", "token")
        yield hub


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code, and the one line that is told; nothing is printed."""
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    return code, err


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_preview_and_its_manifests_become_a_comment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LAYER, "--base", str(MANIFESTS[0]), "--head", str(MANIFESTS[1])]) == 0
    assert capsys.readouterr().out == comment("layer")


def test_without_a_preview_the_layers_are_told_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--no-preview", "--base", str(MANIFESTS[0]), "--head", str(MANIFESTS[1])]) == 0
    out = capsys.readouterr().out
    assert "1 package changed" in out.splitlines()[1]
    assert out.splitlines()[1].endswith(", resources not previewed")
    assert main(["--no-preview", "--base", str(MANIFESTS[0]), "--head", str(MANIFESTS[0])]) == 0
    assert "no layer changes, resources not previewed" in capsys.readouterr().out


def test_bills_of_materials_beside_the_manifests_are_passed_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bill = tmp_path / "deps-1.cdx.json"
    bill.write_text('{"bomFormat": "CycloneDX", "components": []}')
    assert main([LAYER, "--base", str(bill), str(MANIFESTS[0]), "--head", str(MANIFESTS[1]), str(bill)]) == 0
    assert capsys.readouterr().out == comment("layer")


def test_it_reads_a_pipe_and_writes_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    piped(monkeypatch, preview(step("create", "aws:s3/bucket:Bucket")))
    assert main(["-", "--output", "comment.md", "--stack", "shop/next"]) == 0
    assert (
        (tmp_path / "comment.md").read_text("utf-8").startswith("<!-- lamina-preview shop/next -->\n### ✅ ")
    )


def test_json_says_that_only_a_summary_was_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["comment", LAYER, "--summary", str(tmp_path / "summary.md"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == "summary"


def test_a_full_disk_leaves_the_old_comment(tmp_path: Path) -> None:
    (tmp_path / "comment.md").write_text("old")
    command = f'ulimit -f 1; exec "{sys.executable}" -m preview "{LAYER}" --output comment.md'
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "error: comment.md cannot be written: File too large\n"
    assert [each.name for each in tmp_path.iterdir()] == ["comment.md"]
    assert (tmp_path / "comment.md").read_text() == "old"


def test_json_has_the_headline_the_cautions_and_the_comment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FOLDER / "stateful.json"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["project"], answer["stack"], answer["failed"]) == ("lamina", "local", False)
    assert answer["unwanted_replacements"] == 9
    assert [each["kind"] for each in answer["cautions"]][:2] == ["replacement", "replacement"]
    assert answer["markdown"] == comment("stateful")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the preview is empty"),
        ("Previewing update (local):", "no JSON, and no error of Pulumi's"),
        ("[]", "this is a list"),
        ('{"version": 3, "deployment": {}}', "not a preview"),
        ('{"steps": 1}', "not a preview"),
        ('{"steps": [{"op": 1}]}', "1 of its steps have no `op` or no `urn`"),
        ("[\n{}\n]", "this is a list"),
        ("{\n" * 100_000, "no JSON"),
        ('{"sequence": 0, "timestamp": 1, "preludeEvent": {}}', "unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW"),
    ],
    ids=[
        "empty",
        "text",
        "a list",
        "another JSON",
        "no steps",
        "a damaged step",
        "a long list",
        "lines",
        "events",
    ],
)
def test_what_is_no_preview_is_the_users_mistake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    piped(monkeypatch, text)
    code, err = failed(capsys)
    assert code == 2
    assert told in err
    assert err.startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--no-preview"], "--no-preview needs --head"),
        ([LAYER, "--no-preview", "--head", "x.json"], "says that there is none"),
        (["nowhere.json"], "nowhere.json cannot be read: No such file"),
        ([LAYER, "--stack", "a//b"], "--stack a//b is no stack"),
        ([LAYER, "--base", "gone.json", LAYER], "gone.json cannot be read"),
        ([LAYER, "--head", LAYER], "is a preview and no manifest"),
        ([LAYER, "--head", "Pulumi.json"], "is no layer's manifest"),
        ([LAYER, "--head", "broken.json"], "broken.json is not JSON"),
    ],
    ids=["no head", "both", "file", "stack", "manifests", "a preview", "another JSON", "no JSON"],
)
def test_a_wrong_input_is_told_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "Pulumi.json").write_text('{"name": "x"}')
    (tmp_path / "broken.json").write_text("{")
    code, err = failed(capsys, *arguments)
    assert code == 2
    assert told in err


def test_what_cannot_be_written_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    code, err = failed(capsys, LAYER, "--output", "no/such/folder.md")
    assert (code, "cannot be written: No such file" in err) == (1, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"error": "no stack named x"}', "no stack named x"),
        ("error: could not load plugin\n", "could not load plugin"),
        (
            preview(diagnostics=[{"severity": "error", "message": "error: boom\n"}])
            + "\nerror: update failed\n",
            "boom",
        ),
        (
            "warning: a new version is available\n" + preview() + "\nerror: preview failed: exit status 1",
            "exit status 1",
        ),
    ],
    ids=["an error instead", "an error line", "a diagnostic", "text around the JSON"],
)
def test_a_preview_that_failed_is_told_with_its_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    piped(monkeypatch, text)
    assert main([]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].startswith("### ❌ the preview **failed**")
    assert f"```\n{told}\n```" in out or told in out


@pytest.mark.parametrize("text", ["{}", preview(), '{"steps": null, "changeSummary": {}}'])
def test_a_preview_of_nothing_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    piped(monkeypatch, text)
    assert main([]) == 0
    assert "### ✅ no resource changes" in capsys.readouterr().out


def test_a_comment_is_put_and_edited_and_the_summary_appended(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "summary").write_text("of another step\n")
    arguments = ["comment", "--repo", "acme/shop", "--pr", "7", LAYER, "--summary", "summary"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "created: https://hub/acme/shop/pull/7#101\n"
    assert main([*arguments, "--json", "--stack", "lamina/local"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == "unchanged"
    (body,) = hub.bodies()
    assert body.startswith(f"{MARKER}\n### ✅ layer `deps`: 1 package changed")
    summary = (tmp_path / "summary").read_text("utf-8")
    assert summary.startswith(f"of another step\n{MARKER}")
    assert summary.count(MARKER) == 2


def test_a_summary_that_is_full_is_told_and_nearly_full_gets_what_has_room(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "summary"
    path.write_bytes(b"x" * 990_000)
    assert main(["comment", str(FOLDER / "first.json"), "--summary", str(path)]) == 0
    assert path.stat().st_size <= 1_000_001
    assert "**Left out**, because a job summary takes 1 MiB" in path.read_text("utf-8")
    path.write_bytes(b"x" * 999_000)
    assert main(["comment", LAYER, "--summary", str(path)]) == 1
    assert "is full: a job summary takes 1 MiB" in capsys.readouterr().err


def test_comments_of_others_are_mentioned(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.add(f"{MARKER}\ntheirs", "octocat")
    assert main(["comment", "--repo", "acme/shop", "--pr", "7", LAYER]) == 0
    assert "1 comments with the same marker are of other accounts" in capsys.readouterr().err


def test_a_forks_run_gets_the_summary_without_a_token(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    assert main(["comment", LAYER, "--summary"]) == 0
    assert (tmp_path / "summary").read_text("utf-8").startswith(MARKER)
    assert "only the summary" in capsys.readouterr().err


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add(f"{MARKER}\nold")
    arguments = ["comment", "--repo", "acme/shop", "--pr", "7", LAYER, "--summary", "summary", "--dry-run"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert out.startswith(MARKER)
    assert "dry run: it would edit comment 101 on acme/shop#7" in err
    monkeypatch.delenv("GITHUB_TOKEN")
    assert main(arguments) == 0
    assert hub.bodies() == [f"{MARKER}\nold"]
    assert not (tmp_path / "summary").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([LAYER], "--repo (none) is no repository: it is OWNER/NAME; --pr is missing"),
        (["--repo", "acme", "--pr", "7", LAYER], "--repo acme is no repository"),
        (["--repo", "acme/shop", "--pr", "7", LAYER], "GITHUB_TOKEN is not set"),
        ([LAYER, "--summary"], "--summary needs a file"),
    ],
    ids=["all", "repository", "token", "summary"],
)
def test_what_is_missing_for_a_comment_is_told(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    code, err = (
        failed(capsys, "comment", *arguments) if "--summary" not in arguments else _last(capsys, arguments)
    )
    assert code == 2
    assert told in err


def _last(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, str]:
    code = main(["comment", *arguments])
    return code, capsys.readouterr().err.splitlines()[-1]


def test_the_preview_is_never_taken_for_the_summary(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    code, err = failed(capsys, "comment", "--repo", "acme/shop", "--pr", "7", "--summary", LAYER)
    assert (code, "give the preview before --summary" in err) == (2, True)


def test_a_preview_that_failed_early_needs_its_stack_and_takes_its_project_from_the_file(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    arguments = ["comment", "--repo", "acme/shop", "--pr", "7"]
    piped(monkeypatch, "error: no such stack")
    code, err = failed(capsys, *arguments)
    assert (code, "add --stack PROJECT/STACK" in err) == (2, True)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    piped(monkeypatch, "error: no such stack")
    assert main([*arguments, "--stack", "acme/shop/prod"]) == 0
    piped(monkeypatch, "error: no such stack")
    assert main([*arguments, "--stack", "prod"]) == 0
    assert len(hub.bodies()) == 1
    assert hub.bodies()[0].startswith("<!-- lamina-preview shop/prod -->\n### ❌")


def test_a_missing_permission_is_a_failure_that_says_which(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.faults = [("POST", (403, {"message": "Resource not accessible by integration"}, {}))]
    code, err = failed(capsys, "comment", "--repo", "acme/shop", "--pr", "7", LAYER)
    assert code == 1
    assert "permissions: pull-requests: write" in err


def test_only_the_comment_loads_a_client() -> None:
    program = (
        "import sys, preview.cli\n"
        f"assert preview.cli.main([{LAYER!r}, '--output', {os.devnull!r}]) == 0\n"
        "assert not {'httpx', 'yaml', 'pulumi'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=FOLDER.parents[2])


@pytest.mark.parametrize("arguments", [["--help"], ["comment", "--help"]])
def test_help_names_every_exit_code(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(arguments)
    assert "Exit codes: 0 done" in " ".join(capsys.readouterr().out.split())
