"""A wheel of any size or number of files takes bounded memory, and work that grows no faster than it."""

from __future__ import annotations

import cProfile
import itertools
import pstats
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from build.wheel.limits import MIB, MOST_MEMBERS
from build.wheel.reading import read_facts

from .archives import FILENAME, Part, archive, members

PROJECT = Path(__file__).resolve().parents[3]
# A process of its own in between, because a child starts with its parent's peak, and pytest's is high.
MEASURE = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], *sys.argv[2:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
READ = """
import pathlib, sys
from build.errors import UserError
from build.wheel.reading import read_facts
try:
    print(len(read_facts(pathlib.Path(sys.argv[1]), sys.argv[2])["files"]))
except UserError as error:
    print(error)
"""


def read_apart(wheel: Path) -> tuple[str, int]:
    """Reads a wheel in a process of its own; gives what it said, and its largest resident memory in bytes."""
    command = [sys.executable, "-c", MEASURE, READ, str(wheel), FILENAME]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    said, peak = done.stdout.splitlines()
    return said, int(peak) * (1 if sys.platform == "darwin" else 1024)


def many(files: int) -> list[Part]:
    return members([Part(f"demo/package_{n // 1000:03}/a_module_{n:06}.py", b"x", 0) for n in range(files)])


def test_100_000_files_are_read_in_little_more_than_their_names_take(tmp_path: Path) -> None:
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(many(100_000), end_64={}, end={"here": 0xFFFF, "members": 0xFFFF}))
    said, peak = read_apart(wheel)
    assert said == "100005"
    assert peak < 160 * MIB, f"{peak / MIB:.0f} MiB"


def test_more_files_than_that_are_refused_before_the_directory_is_read(tmp_path: Path) -> None:
    wheel = tmp_path / FILENAME
    count = MOST_MEMBERS + 1
    parts = [Part(str(number), b"", 0) for number in range(count)]
    wheel.write_bytes(archive(parts, end_64={}, end={"here": 0xFFFF, "members": 0xFFFF}))
    said, peak = read_apart(wheel)
    assert f"has {count} members in a directory of" in said
    assert peak < 50 * MIB, f"{peak / MIB:.0f} MiB"


@pytest.mark.parametrize("told", [10, 60 * MIB])
def test_a_bomb_is_given_up_at_the_size_that_it_admits(told: int, tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = bytes(MIB)
    stream = b"".join([packer.compress(piece) for _ in range(300)]) + packer.flush()
    both = {"size": told}
    bomb = Part("demo/bomb", packed=stream, local=both, central=both)
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(members([bomb])))
    said, peak = read_apart(wheel)
    assert "demo/bomb is damaged: it is longer than the archive's directory says" in said
    assert peak < 50 * MIB, f"{peak / MIB:.0f} MiB"


def test_names_of_thousands_of_folders_take_no_more_memory_than_their_letters(tmp_path: Path) -> None:
    parts = [Part(f"demo/{number:05}" + "/a" * 2000, b"", 0) for number in range(2000)]
    wheel = tmp_path / FILENAME
    wheel.write_bytes(archive(members(parts)))
    said, peak = read_apart(wheel)
    assert said == "2005"
    assert peak < 100 * MIB, f"{peak / MIB:.0f} MiB"


def calls(wheel: Path) -> int:
    profile = cProfile.Profile()
    profile.runcall(read_facts, wheel, FILENAME)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


def test_twice_the_files_are_at_most_twice_the_work(tmp_path: Path) -> None:
    counted = []
    for files in (500, 1000, 2000, 4000):
        wheel = tmp_path / FILENAME
        wheel.write_bytes(archive(many(files)))
        read_facts(wheel, FILENAME)
        counted.append(calls(wheel))
    assert all(twice <= 2.01 * once for once, twice in itertools.pairwise(counted)), counted
