"""The probe: imports modules from the finished zip, in a clean process of the target's Python."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..cache import Cache
from ..errors import FailureError, LaminaError
from ..interpreters import find_interpreter
from ..wheel.opened import opened
from .findings import ERROR, NOTE, Finding
from .links import is_link, links_of, resolved
from .runtimes import MODULES
from .subject import Subject

_SECONDS = 120
# One line of JSON a module, before and after, so that a crash names its module.
_CODE = """
import json, os, sys
sys.path[:0] = sys.argv[1].split(os.pathsep)
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
root = os.getcwd() + os.sep
# As in Lambda, whoever runs this; root may write what nobody else may.
def guard(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in ("os.mkdir", "os.remove", "os.rename", "os.symlink"):
        path = args[0]
        if isinstance(path, (str, bytes)) and os.path.abspath(os.fsdecode(path)).startswith(root):
            raise OSError(30, "Read-only file system", path)
sys.addaudithook(guard)
def say(*line):
    out.write(json.dumps(line) + "\\n"); out.flush()
for name in sys.argv[2:]:
    say(name, None, None)
    try:
        __import__(name)
    except BaseException as error:
        lacking = error.name if isinstance(error, ModuleNotFoundError) else None
        try:
            text = str(error)
        except BaseException:
            text = ""
        say(name, f"{type(error).__name__}: {text}"[:300], lacking)
    else:
        say(name, "", None)
# Without waiting for threads that a module has started.
os._exit(0)
"""


def probe(subject: Subject, modules: Sequence[str], cache: Cache) -> Iterator[Finding]:
    """Imports modules, or says why that cannot be tried here.

    Args:
        subject: the layer.
        modules: dotted names.
        cache: where is kept which interpreters there are.

    Raises:
        FailureError: the zip cannot be unpacked.
    """
    if not modules:
        return
    target = subject.target
    interpreter = find_interpreter(target.python, cache)
    if interpreter is None or platform.machine() != target.machine or platform.system() != "Linux":
        lacking = (
            f"no Python {target.python}" if interpreter is None else f"no Linux on {target.architecture}"
        )
        what = f"the modules were not imported: {lacking} is here"
        yield Finding(NOTE, "", "", what, f"see that {', '.join(modules)} can be imported")
        return
    folder = Path(tempfile.mkdtemp(prefix="lamina-probe-"))
    try:
        _unpack(subject.zip, folder)
        found = list(_imported(str(interpreter.path), subject, modules, folder))
        told = {each.what.partition(" ")[0] for each in found}
        imported = [name for name in modules if name not in told]
        if imported:
            what = f"imported by Python {interpreter.version}: {', '.join(imported)}"
            yield Finding(NOTE, "", "", what, "")
        yield from found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with opened(path, str(path)) as (archive, members):
            links = links_of(archive, members)
            archive.extractall(folder, [each for each in members if not is_link(each)])
        _link(folder, links)
    except (OSError, LaminaError) as error:
        raise FailureError(f"{path} cannot be unpacked to be tried: {error}") from error
    for parent, _, names in os.walk(folder):
        for name in names:
            if not Path(parent, name).is_symlink():
                Path(parent, name).chmod(stat.S_IRUSR | stat.S_IXUSR)


def _link(folder: Path, links: Mapping[str, str]) -> None:
    """Makes links of what is left: nothing is unpacked through one."""
    for link in links:
        place = resolved(link, links)
        there = folder / link
        # What leads out of the layer is not followed here: it would lead into this machine.
        if place and not there.exists() and (folder / place).exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.symlink_to(folder / place)


def _imported(python: str, subject: Subject, modules: Sequence[str], folder: Path) -> Iterator[Finding]:
    sites = os.pathsep.join(str(folder / site) for site in subject.sites)
    command = [python, "-I", "-S", "-B", "-c", _CODE, sites, *modules]
    # Nothing of this process' environment; what Lambda sets and modules may ask for.
    environment = {
        "HOME": str(folder),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": "probe",
        "LAMBDA_TASK_ROOT": str(folder),
    }
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            # A process that a module leaves behind would keep a pipe open.
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_SECONDS,
        )
        said = done.stdout
        ended = f"the interpreter ended with {done.returncode}"
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
        ended = f"it took more than {_SECONDS} seconds"
    except OSError as error:
        raise FailureError(f"{python} cannot be run: {error.strerror}") from error
    yield from _told(said, modules, ended)


def _told(said: bytes, modules: Sequence[str], ended: str) -> Iterator[Finding]:
    outcomes: dict[str, tuple[str, str]] = dict.fromkeys(modules, (ended, ""))
    for line in said.splitlines():
        # The last one is cut off where the interpreter was stopped.
        with contextlib.suppress(ValueError, TypeError):
            name, outcome, lacking = json.loads(line)
            outcomes[name] = (ended if outcome is None else str(outcome), str(lacking or ""))
    for name, (outcome, lacking) in outcomes.items():
        if lacking.partition(".")[0] in MODULES:
            what = f"{name} could not be tried: it imports {lacking}, which the runtime brings"
            yield Finding(NOTE, "", "", what, f"see that {name} can be imported")
        elif outcome:
            what = f"{name} cannot be imported: {' '.join(outcome.split()).rstrip(':')}"
            yield Finding(ERROR, "", "", what, "see what it needs, or do not require it")
