"""The program: `__main__.py` of the project, run in a process of its own against the monitor."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from .events import Listener, LogEvent
from .guard import guarded
from .host import VARIABLE
from .project import Project, Settings

_HOME = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def running(
    project: Project, settings: Settings, stack: str, address: str, tell: Listener, *, preview: bool
) -> Iterator[subprocess.Popen[str]]:
    """Starts the program, and ends it with the context.

    Args:
        project: whose `__main__.py`.
        settings: it may read.
        stack: the stack's name.
        address: of the monitor and the log.
        tell: hears what it prints.
        preview: whether nothing will be changed.
    """
    with guarded(
        "local.engine.host",
        cwd=project.program,
        env=_environment(project, settings, stack, address, preview=preview),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        errors="replace",
    ) as process:
        reader = threading.Thread(target=_listen, args=(process, tell), daemon=True)
        reader.start()
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            reader.join(timeout=5)


def _listen(process: subprocess.Popen[str], tell: Listener) -> None:
    if process.stdout is None:
        return
    for line in process.stdout:
        tell(LogEvent("info", line.rstrip("\n")))


def _environment(
    project: Project, settings: Settings, stack: str, address: str, *, preview: bool
) -> dict[str, str]:
    given = {
        "program": str(project.program.resolve()),
        "project": project.name,
        "stack": stack,
        "monitor": address,
        "engine": address,
        "dry_run": preview,
        "parallel": 16,
        "organization": "organization",
        "root_directory": str(project.folder.resolve()),
    }
    # The stand-in itself must be importable from the project's folder, which may lie elsewhere.
    path = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(_HOME)])
    return {
        **os.environ,
        VARIABLE: json.dumps(given),
        "PYTHONPATH": path,
        "PULUMI_CONFIG": json.dumps(dict(settings.values)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(settings.secret_keys)),
    }
