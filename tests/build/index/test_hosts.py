"""What is chosen depends on the target alone, not on the machine that builds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
# The standard library is loaded first: parts of it look at the platform, too.
CHOOSE = """
import collections, html.parser, importlib, json, logging, os, platform, subprocess, sys, sysconfig
system, name, machine, tag, libc = sys.argv[1:]
sys.platform = name
os.uname = lambda: collections.namedtuple("uname", "sysname nodename release version machine")(
    system, "host", "99.9", "host's own", machine)
platform.uname = lambda: os.uname()
platform.system, platform.machine = lambda: system, lambda: machine
platform.release, platform.version = lambda: "99.9", lambda: "host's own"
platform.python_version = lambda: "3.99.1"
platform.python_implementation = lambda: "PyPy"
platform.libc_ver = lambda *_: (libc, "2.99")
sysconfig.get_platform = lambda: tag
os.confstr = lambda _: f"{libc} 2.99"
sys.implementation.name = "pypy"

from packaging.version import Version
from build.index.choice import Chooser
from build.index.simple import ProjectFile
from build.index.tags import supported_tags
from build.lock.lines import read_lines
from build.lock.markers import marker_environment
from build.lock.requirements import read_requirements, Pin
from build.target import ARCHITECTURES, RUNTIMES, Target
from pathlib import Path

recorded = json.loads(Path("tests/data/index/sample-lock.json").read_text())
answer = {}
for target in [Target(python, architecture) for python in RUNTIMES for architecture in ARCHITECTURES]:
    environment = marker_environment(target)
    found = read_requirements(read_lines(Path("app/requirements.txt")), environment)
    chooser = Chooser(target)
    chosen = {}
    for name, each in recorded.items():
        files = [ProjectFile(file, file, {}, python) for file, python in each["files"].items()]
        wheel = chooser.choose(Pin(name, Version(each["version"]), frozenset(), "lock"), files)
        chosen[name] = wheel and wheel.file.filename
    tags = [str(tag) for tag in supported_tags(target)]
    answer[str(target)] = [environment, tags, chosen, [str(pin) for pin in found.pins]]
print(json.dumps(answer))
"""
HOSTS = {
    "Linux x86_64": ("Linux", "linux", "x86_64", "linux-x86_64", "glibc"),
    "Linux arm64, musl": ("Linux", "linux", "aarch64", "linux-aarch64", "musl"),
    "macOS arm64": ("Darwin", "darwin", "arm64", "macosx-11.0-arm64", ""),
    "Windows": ("Windows", "win32", "AMD64", "win-amd64", ""),
    "FreeBSD": ("FreeBSD", "freebsd14", "amd64", "freebsd-14.0-release-amd64", ""),
}


def chosen(*host: str) -> dict[str, list[object]]:
    command = [sys.executable, "-c", CHOOSE, *host]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, list[object]] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def here() -> dict[str, list[object]]:
    return chosen(*HOSTS["Linux x86_64"])


@pytest.mark.parametrize("host", [host for host in HOSTS if host != "Linux x86_64"])
def test_tags_markers_and_wheels_are_the_same_from_any_host(host: str, here: dict[str, list[object]]) -> None:
    there = chosen(*HOSTS[host])
    assert len(there) == 12
    assert there == here
