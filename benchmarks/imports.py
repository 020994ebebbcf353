"""A cold start's imports: what the service's API imports, from a layer with bytecode and from one without."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from .comparison import Comparison, Way
from .process import ProcessError, measured
from .ways import PROJECT

# "At least twice as fast", and what a warm build with bytecode may take.
MOST_TIMES_SOURCES = 0.5
# What app/api.py and the modules that it imports take from the layer.
MODULES = ("boto3", "botocore.exceptions", "fastapi", "mangum", "pydantic", "PIL.Image", "PIL.ImageOps")
# The layer is for the Python that runs this, because that is to import it.
OWN = f"{sys.version_info.major}.{sys.version_info.minor}"

_IMPORT = "import sys; sys.path.insert(0, sys.argv[1]); [__import__(name) for name in sys.argv[2:]]"
# What the import system compiles goes through compile(), which tells its hooks (PEP 578) of it; packages may
# call that, too: anyio parses its own source to see what to import later.
_COUNT = """
import sys
found = []
def hook(event, given):
    if event == "compile" and sys._getframe(2).f_code.co_name == "source_to_code":
        found.append(str(given[1]))
sys.addaudithook(hook)
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    __import__(name)
print(*found, sep="\\n")
"""


def imports(lock: Path, home: Path, environment: Mapping[str, str]) -> Comparison:
    """How long a fresh process takes to import what the service's API imports.

    Args:
        lock: the service's.
        home: a folder of the benchmark's own.
        environment: of every command.

    Raises:
        ProcessError: a layer cannot be built, or a source of one with bytecode is compiled all the same.
    """
    plain = layer(lock, home, environment)
    ready = layer(lock, home, environment, "--bytecode")
    compiled = compiled_sources(MODULES, ready)
    if compiled:
        raise ProcessError(
            f"{len(compiled)} sources were compiled in spite of bytecode, such as {compiled[0]}"
        )
    return Comparison(
        "imports",
        f"A fresh Python {OWN} imports {', '.join(MODULES)} from a tree that it cannot write",
        [
            Way("layer of sources", lambda _: [importing(MODULES, plain)]),
            Way("layer with bytecode", lambda _: [importing(MODULES, ready)], most=MOST_TIMES_SOURCES),
        ],
    )


def layer(lock: Path, home: Path, environment: Mapping[str, str], *options: str) -> Path:
    """Builds a layer for this Python and unpacks it; gives its `python/` folder."""
    output = Path(tempfile.mkdtemp(dir=home))
    machine = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    target = ["--python", OWN, "--architecture", machine]
    command = [sys.executable, "-m", "build", "layer", str(lock), *target, "--output", str(output), *options]
    measured(command, cwd=PROJECT, environment=environment, log=home / "log")
    (archive,) = output.glob("*.zip")
    with zipfile.ZipFile(archive) as stream:
        stream.extractall(output / "opt")
    return output / "opt/python"


def importing(modules: Sequence[str], folder: Path) -> list[str]:
    """The command that imports modules from a folder.

    It keeps nothing that it compiles (-B), as in Lambda, where `/opt` cannot be written.
    """
    return [*_isolated(), _IMPORT, str(folder), *modules]


def compiled_sources(modules: Sequence[str], folder: Path) -> list[str]:
    """The sources that a fresh process compiles when it imports modules from a folder."""
    command = [*_isolated(), _COUNT, str(folder), *modules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProcessError(f"{', '.join(modules)} cannot be imported: {done.stderr[-300:]}")
    return done.stdout.split()


def _isolated() -> list[str]:
    return [sys.executable, "-I", "-S", "-B", "-c"]
