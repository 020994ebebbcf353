"""Verification of what a command has just built: what is bad, or cannot be verified, is not kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache import Cache
from ..console import remark
from ..report.beside import SUFFIX
from ..target import Target
from ..tree.manifest import BuiltLayer

if TYPE_CHECKING:
    from ..verify.verdict import Verdict, Wanted


def names_in(folder: Path) -> frozenset[str]:
    """What a folder has before something is built into it; nothing where it cannot be read."""
    try:
        return frozenset(each.name for each in folder.iterdir())
    except OSError:
        return frozenset()


def verified(
    built: BuiltLayer, target: Target, wanted: Wanted, before: Collection[str]
) -> tuple[Verdict, str]:
    """Verifies a layer.

    Args:
        built: the layer.
        target: what it is for.
        wanted: what verification looks for.
        before: the names that its folder had before: these files stay even if it is bad.

    Returns:
        The verdict, which has no error, and the lines that tell people of it.

    Raises:
        UserError, FailureError: it is bad, which is told in detail before, or cannot be verified.
    """
    # A build that is not verified needs none of it.
    from ..verify import refusal, verify_layer  # noqa: PLC0415
    from ..verify.rendering import told  # noqa: PLC0415

    passed = False
    try:
        verdict = verify_layer(built, target, Cache.default(), wanted)
        passed = not verdict.errors
    finally:
        # What could not be verified is no better than what is bad.
        for path in () if passed else (built.zip, built.manifest, built.zip.with_suffix(SUFFIX)):
            if path.name not in before:
                path.unlink(missing_ok=True)
    lines = "".join(f"{line}\n" for line in told(verdict))
    if not passed:
        remark(lines)
        raise refusal(verdict, f"the layer {built.name}")
    return verdict, lines
