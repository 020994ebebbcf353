"""The contents of a layer: its wheels' files less what is left out, and their bytecode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..cache import Cache
from ..interpreters import Interpreter
from ..progress import SILENT, Progress
from .layout import SITE, merge, planned
from .options import LayerOptions
from .placed import Merged, Placed, PlannedFile, ReadWheel
from .pruning import Removed, account, pruned


class Uncompiled(NamedTuple):
    """A source that has no bytecode.

    Attributes:
        path: in the layer.
        package: whose it is.
        reason: what the compiler says.
    """

    path: str
    package: str
    reason: str


class Contents(NamedTuple):
    """What is in a layer.

    Attributes:
        wheels: those that are in it.
        files: sorted by path; each distribution's RECORD lists what is really there.
        removed: what of the lock's wheels is not.
        uncompiled: sources without bytecode, where it was asked for.
    """

    wheels: list[ReadWheel]
    files: list[PlannedFile]
    removed: list[Removed]
    uncompiled: list[Uncompiled]


def contents_of(
    wheels: Sequence[ReadWheel], options: LayerOptions, cache: Cache, *, progress: Progress = SILENT
) -> Contents:
    """Decides what is in a layer.

    Args:
        wheels: all of the lock, in any order.
        options: `settled` ones.
        cache: where the wheels are, and where bytecode is kept.
        progress: told about the compiling.

    Raises:
        UserError: wheels do not go together, or what is to be left out is not there.
        FailureError: a wheel is gone or damaged, or a compiler does not work.
    """
    kept, left_out = pruned(wheels, options.exclude)
    merged = merge(kept, options.prefer)
    if options.slim:
        from .slimming import slimmed  # noqa: PLC0415 (only where it is asked for)
        from .sources import Sources  # noqa: PLC0415 (as above)

        with Sources(cache) as sources:
            left_out |= slimmed(
                {path: each for path, each in merged.items() if path not in left_out}, sources
            )
    for path in left_out:
        del merged[path]
    bytecode: dict[str, str] = {}
    uncompiled: list[Uncompiled] = []
    if options.interpreter:
        bytecode, uncompiled = _add_bytecode(kept, merged, options.interpreter, cache, progress)
    files = planned(kept, merged, bytecode)
    removed = (
        account(wheels, (file.path.removeprefix(SITE) for file in files))
        if len(kept) < len(wheels) or left_out
        else []
    )
    return Contents(kept, files, removed, uncompiled)


def _add_bytecode(
    wheels: Sequence[ReadWheel], merged: Merged, interpreter: Interpreter, cache: Cache, progress: Progress
) -> tuple[dict[str, str], list[Uncompiled]]:
    from .bytecode import compiled  # noqa: PLC0415 (only where it is asked for)

    known = compiled(wheels, interpreter, cache, progress=progress)
    bytecode: dict[str, str] = {}
    uncompiled: list[Uncompiled] = []
    for path, (owner, _, _) in sorted(merged.items()):
        of_wheel = known[owner.wheel.sha256]
        if path in of_wheel.failed:
            uncompiled.append(Uncompiled(SITE + path, owner.wheel.name, of_wheel.failed[path]))
        elif path in of_wheel.files:
            file = of_wheel.files[path]
            bytecode[path] = file.path
            # In place of one that the wheel brought: that may be of an older source.
            merged[file.path] = Placed(owner, file, of_wheel.source)
    return bytecode, uncompiled
