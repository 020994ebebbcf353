"""What an environment's process runs first: sets `sys.path` as in Lambda and hands over to `awslambdaric`.

Started by path with `-S -I`, so `sys.path` has the standard library only; it imports nothing of ours. Its one
argument is a JSON object: `task`, `opt`, `libraries`, `bytecode` (folders) and `lifeline` (a file
descriptor).
"""

from __future__ import annotations

import _thread
import importlib
import json
import os
import signal
import site
import sys

# linux/capability.h and linux/prctl.h
_CAPABILITY_VERSION = 0x20080522
_CAP_DAC_OVERRIDE = 1
_PR_CAPBSET_DROP = 24


def main() -> None:
    """Becomes the runtime interface client of the function that the environment variables describe."""
    settings = json.loads(sys.argv.pop())
    _obey_file_modes(settings["task"])
    _thread.start_new_thread(_die_with_parent, (settings["lifeline"],))
    sys.path[:] = search_path(
        settings["task"], settings["opt"], settings["libraries"], sys.path, os.environ.get("PYTHONPATH")
    )
    _read_path_files(settings)
    site.setquit()
    site.sethelper()
    os.environ.setdefault("PYTHONPATH", settings["libraries"])
    runtime_client = importlib.import_module("awslambdaric.__main__")
    # From here on, so that the standard library's own bytecode is used as it is: the trees of code and layers
    # are read-only, and a cold start would compile all of them again.
    sys.pycache_prefix = settings["bytecode"]
    runtime_client.main([sys.argv[0], os.environ["_HANDLER"]])


def search_path(
    task: str, opt: str, libraries: str, standard: list[str], python_path: str | None
) -> list[str]:
    """Gives `sys.path` in Lambda's order.

    AWS docs, "Working with .zip file archives for Python Lambda functions", "Search path": the task root
    comes first, then the layers, then the runtime's own libraries, then the standard library. A function that
    sets PYTHONPATH itself replaces the layers' entries by it, as Lambda's own bootstrap does.

    Args:
        task: the code.
        opt: the merged layers.
        libraries: what the runtime comes with.
        standard: the interpreter's own entries.
        python_path: the function's PYTHONPATH, if it sets one.

    Returns:
        The entries, without those that Lambda leaves out.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    layers = [f"{opt}/python/lib/{version}/site-packages", f"{opt}/python"]
    given = layers if python_path is None else [entry for entry in python_path.split(":") if entry]
    return [task, *given, libraries, *standard]


def _read_path_files(settings: dict[str, str]) -> None:
    """Obeys the `.pth` files of code and layers; Lambda makes these folders site directories, too."""
    for entry in list(sys.path):
        if entry == settings["task"] or entry.startswith(f"{settings['opt']}/"):
            site.addsitedir(entry)


def _obey_file_modes(task: str) -> None:
    """Gives up root's right to write what is read-only, as code and layers are in Lambda (capabilities(7)).

    Not where even what root unpacked belongs to somebody else, as in some containers: there, root needs it.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or os.stat(task).st_uid != 0:  # noqa: PTH116 - loads less
        return
    import ctypes  # noqa: PLC0415 - takes milliseconds, which only root has to wait

    libc = ctypes.CDLL(None)
    header, data = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    if libc.prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0) or libc.capget(header, data):
        return
    # Effective, permitted and inheritable, of the capabilities below 32; those above stay as they are.
    for set_ in range(3):
        data[set_] &= ~(1 << _CAP_DAC_OVERRIDE)
    libc.capset(header, data)


def _die_with_parent(lifeline: int) -> None:
    """Ends the whole process group as soon as nobody holds the other end of the pipe."""
    os.set_inheritable(lifeline, False)
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
