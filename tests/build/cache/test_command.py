"""`python -m build cache`: what it says, removes and finds."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build.cache import Cache
from build.cache.kinds import PLANS, format_of
from build.cache.seal import sealed
from build.cache.survey import entries
from build.cli import main
from build.console import size_of
from build.tree.manifest import BuiltLayer

from .conftest import Build

Run = Callable[..., tuple[int, Any]]
DAY = 86400


@pytest.fixture
def run(cache: Cache, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("LAMINA_CACHE", str(cache.root))

    def run(*arguments: str) -> tuple[int, Any]:
        code = main(["cache", *arguments])
        out, err = capsys.readouterr()
        if code and err:
            return code, err
        return code, json.loads(out) if "--json" in arguments else out

    return run


def aged(cache: Cache, days: float, *kinds: str) -> None:
    then = time.time() - days * DAY
    for entry in entries(cache.root):
        if not kinds or entry.kind in kinds:
            os.utime(entry.path, (then, then))


def kinds(cache: Cache) -> set[str]:
    return {entry.kind for entry in entries(cache.root)}


def test_an_empty_cache_has_nothing_to_tell(run: Run, cache: Cache) -> None:
    assert run("info") == (0, f"0 entries, 0 B in {cache.root}\n")
    assert run("prune")[0] == run("verify")[0] == 0
    assert not cache.root.exists()


def test_info_counts_entries_and_bytes_by_kind(run: Run, cache: Cache, build: Build) -> None:
    build()
    _, found = run("info", "--json")
    assert found["folder"] == str(cache.root)
    assert found["kinds"]["wheels"]["entries"] == found["kinds"]["facts"]["entries"] == 3
    wheels = sum(path.stat().st_size for path in cache.root.glob("wheels/*/*"))
    assert found["kinds"]["wheels"]["bytes"] == wheels
    assert found["entries"] == sum(each["entries"] for each in found["kinds"].values())
    told = f"{found['entries']} entries, {size_of(found['bytes'])} in {cache.root}"
    assert run("info")[1].splitlines()[-1] == told


def test_prune_removes_what_was_not_used_for_thirty_days(run: Run, cache: Cache, build: Build) -> None:
    build()
    aged(cache, 29)
    assert run("prune", "--json")[1]["removed"]["entries"] == 0
    aged(cache, 31)
    assert run("prune", "--json")[1]["kept"]["entries"] == 0


def test_a_build_makes_what_it_uses_young(run: Run, cache: Cache, build: Build, tmp_path: Path) -> None:
    build()
    aged(cache, 31)
    build(tmp_path / "again")
    run("prune")
    # A warm build needs neither pins nor facts; facts stay with their wheels.
    assert kinds(cache) >= {"wheels", "facts", "plans", "selections", "sboms", "outcomes"}
    assert "pins" not in kinds(cache)


def test_prune_removes_the_longest_unused_first_down_to_a_size(run: Run, cache: Cache, build: Build) -> None:
    old, *young = (package.sha256 for package in build().packages)
    then = time.time() - 5 * DAY
    os.utime(cache.wheel_path(old), (then, then))
    os.utime(cache.source_path(f"facts/{old}"), (then, then))
    size = sum(entry.size for entry in entries(cache.root))
    _, done = run("prune", "--max-size", str(size - 1), "--json")
    assert done["removed"]["entries"] == 2
    assert [cache.has_wheel(each) for each in (old, *young)] == [False, True, True]
    assert run("prune", "--max-size", "0", "--json")[1]["kept"] == {"entries": 0, "bytes": 0}


def test_prune_takes_old_formats_orphans_and_temporary_files_whatever_is_asked(
    run: Run, cache: Cache, build: Build
) -> None:
    built = build()
    whole = set(entries(cache.root))
    temporary = cache.root / "incoming" / ".x.0123.lamina-tmp"
    temporary.write_bytes(b"left")
    old = {"no seal": b"{}", "old seal": sealed(b"{}", format_of(PLANS) - 1)}
    for name, content in old.items():
        (cache.root / PLANS / name).write_bytes(content)
    newer = cache.root / PLANS / "newer"
    newer.write_bytes(sealed(b"{}", format_of(PLANS) + 1))
    orphan = cache.root / "facts" / "00" / ("0" * 64)
    cache.write_json("facts", orphan.name, {})
    assert run("prune", "--older-than", "1d", "--json")[1]["removed"]["entries"] == 4
    assert {entry.path for entry in entries(cache.root)} == {entry.path for entry in whole} | {newer}
    assert built.zip.is_file()


def test_entries_of_another_format_are_made_again(cache: Cache, build: Build, tmp_path: Path) -> None:
    whole = build().zip.read_bytes()
    for entry in list(entries(cache.root)):
        if entry.kind != "wheels":
            # As earlier versions wrote them: without a seal.
            entry.path.write_bytes(entry.path.read_bytes()[:-40])
    assert build(tmp_path / "again").zip.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prune", "--older-than", "3"], "--older-than 3: write a number and a unit, such as 12h, 30d or 8w"),
        (["prune", "--older-than", "-3d"], "argument --older-than: expected one argument"),
        (["prune", "--max-size", "2X"], "--max-size 2X: write a number and a unit, such as 500M or 2G"),
        ([], "the following arguments are required: WHAT"),
    ],
)
def test_mistakes_are_told(run: Run, arguments: list[str], said: str) -> None:
    code, err = run(*arguments)
    assert (code, err[: len(said) + 7]) == (2, f"error: {said}")


@pytest.mark.parametrize(("text", "size"), [("2G", 2 << 30), ("1.5KiB", 1536), ("10mb", 10 << 20), ("7", 7)])
def test_sizes(text: str, size: int) -> None:
    from build.commands.sizes import read_size

    assert read_size("--max-size", text) == size


@pytest.mark.parametrize("work", ["info", "prune", "verify"])
def test_quiet_and_verbose_are_taken_before_and_after_what_to_do(
    run: Run, work: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(work, "--quiet") == run("--quiet", work) == (0, "")
    assert run(work, "--quiet", "--json")[1]["folder"]
    for arguments in ([work, "--verbose"], ["--verbose", work]):
        assert main(["cache", *arguments]) == 0
        assert capsys.readouterr().err.endswith(" s  in all\n")
    both = "error: --quiet and --verbose exclude each other; leave out one of them\n"
    assert run("--quiet", work, "--verbose") == (2, both)


def test_help_says_that_pruning_waits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["cache", "prune", "--help"])
    assert "up to 30 s for running" in " ".join(capsys.readouterr().out.split())


def test_a_sound_cache_is_found_sound(run: Run, cache: Cache, build: Build) -> None:
    build()
    count = len(list(entries(cache.root)))
    code, out = run("verify")
    assert code == 0
    assert out.startswith(f"{count} entries, ")
    assert out.endswith(f" in {cache.root}: all sound\n")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_verify_names_and_removes_what_is_damaged_and_exits_with_1(
    run: Run, cache: Cache, build: Build
) -> None:
    built: BuiltLayer = build()
    wheel = cache.wheel_path(built.packages[0].sha256)
    plan = next(entry.path for entry in entries(cache.root) if entry.kind == PLANS)
    flip(wheel)
    flip(plan)
    code, out = run("verify")
    assert code == 1
    lines = out.splitlines()
    assert lines[0].startswith("one of the plans (plans/")
    assert lines[0].endswith("): its content is not what was sealed; it is removed")
    bytes_line = (
        f"({wheel.relative_to(cache.root)}): its bytes are not those that were admitted; it is removed"
    )
    assert lines[1] == f"alpha-1.0-py3-none-any.whl {bytes_line}"
    assert lines[2].endswith(": 2 damaged")
    assert not wheel.exists()
    assert not plan.exists()
    assert run("verify")[0] == 0


def test_verify_compares_the_facts_with_the_wheel(run: Run, cache: Cache, build: Build) -> None:
    package = build().packages[0]
    facts = cache.read_json("facts", package.sha256)
    assert facts is not None
    facts["files"][0][7] = "0" * 64
    cache.write_json("facts", package.sha256, facts)
    code, found = run("verify", "--json")
    assert code == 1
    assert [each["what"] for each in found["damaged"]] == [
        "the facts that are kept about it are not true of it"
    ]
