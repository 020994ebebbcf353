"""Arguments that several commands share: the target, and the options that change a layer's content."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ..target import ARCHITECTURES, GLIBC, Target
from ..tree.options import LayerOptions, preferences

if TYPE_CHECKING:
    from ..remote.cache import RemoteCache
    from ..verify.verdict import Wanted


class LockArguments(TypedDict):
    """What `build_layer` and `wheels_for` take about a lock beside its path."""

    refresh: bool
    require_hashes: bool
    extras: tuple[str, ...]
    groups: tuple[str, ...]


def add_lock(
    parser: argparse.ArgumentParser,
    metavar: str = "LOCK",
    line: str = "a requirements.txt (best with pins and hashes), a pylock.toml or a uv.lock",
) -> None:
    """Adds LOCK, and what is wanted of it.

    Args:
        parser: of the command.
        metavar: what the command calls it.
        line: its help.
    """
    parser.add_argument("lock", metavar=metavar, type=Path, help=line)
    group = parser.add_argument_group("what is wanted of the lock")
    group.add_argument(
        "--extra",
        action="append",
        default=[],
        metavar="NAME",
        help="an extra of the project of a pylock.toml or uv.lock; may be repeated",
    )
    group.add_argument(
        "--group",
        action="append",
        default=[],
        metavar="NAME",
        help="a dependency group beside the default ones (dev of a uv.lock is not one); may be repeated",
    )
    group.add_argument(
        "--require-hashes",
        action="store_true",
        help="refuse a lock that does not tell the hash of everything it installs",
    )
    group.add_argument(
        "--refresh",
        action="store_true",
        help="ask the indexes again, though the answer for this lock is known",
    )


def lock_arguments(arguments: argparse.Namespace) -> LockArguments:
    """What was given about the lock, as keyword arguments."""
    return {
        "refresh": arguments.refresh,
        "require_hashes": arguments.require_hashes,
        "extras": tuple(arguments.extra),
        "groups": tuple(arguments.group),
    }


def add_remote(parser: argparse.ArgumentParser) -> None:
    """Adds `--remote` and what belongs to it."""
    group = parser.add_argument_group("the remote cache")
    group.add_argument(
        "--remote",
        metavar="s3://BUCKET/PREFIX",
        help="a cache that machines share: finished layers and wheels (default: LAMINA_REMOTE); AWS settings "
        "are taken from where every AWS tool takes them",
    )
    group.add_argument(
        "--remote-read-only",
        action="store_true",
        help="put nothing into the remote cache (or LAMINA_REMOTE_MODE=read)",
    )
    group.add_argument(
        "--no-zip",
        action="store_true",
        help="be content with the manifest of a layer that the remote cache has",
    )


def remote_of(arguments: argparse.Namespace) -> RemoteCache | None:
    """The remote cache that was given, if one was.

    Raises:
        UserError: it cannot be one.
    """
    if arguments.remote is None and not os.environ.get("LAMINA_REMOTE"):
        return None
    from ..remote.environment import remote_cache  # noqa: PLC0415 (only where there is one)

    return remote_cache(arguments.remote, read_only=arguments.remote_read_only)


def add_target(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Adds `--python` and `--architecture`."""
    group = parser.add_argument_group("what it is for")
    group.add_argument(
        "--python", required=required, metavar="X.Y", help=f"the functions' Python: {', '.join(GLIBC)}"
    )
    group.add_argument(
        "--architecture",
        default="x86_64",
        metavar="NAME",
        help=f"the functions' processor: {' or '.join(ARCHITECTURES)} (default: %(default)s)",
    )


def target_of(arguments: argparse.Namespace) -> Target:
    """The target that was given.

    Raises:
        UserError: Lambda has no such one.
    """
    return Target(arguments.python, arguments.architecture)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds what changes a layer's content beside its lock and target."""
    group = parser.add_argument_group("what is in it")
    group.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="PATH=PACKAGE",
        help="whose file counts where two packages ship different ones for a path",
    )
    group.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="WHAT",
        help="leave out a package (boto3), or files below python/ by a .gitignore pattern (**/tests/**)",
    )
    group.add_argument(
        "--slim",
        action="store_true",
        help="leave out what no import needs: tests, stubs, headers, static libraries",
    )
    group.add_argument(
        "--bytecode",
        action="store_true",
        help="add the bytecode of every source, so that no cold start compiles; needs a Python X.Y here",
    )


def options_of(arguments: argparse.Namespace) -> LayerOptions:
    """The options that were given.

    Raises:
        UserError: one of them makes no sense.
    """
    return LayerOptions(
        prefer=preferences(arguments.prefer),
        exclude=tuple(sorted(set(arguments.exclude))),
        slim=arguments.slim,
        bytecode=arguments.bytecode,
    )


def wanted_of(arguments: argparse.Namespace) -> Wanted:
    """What verification is to look for.

    Raises:
        UserError: something of it makes no sense.
    """
    from ..verify.verdict import Wanted  # noqa: PLC0415 (not for a build that is not verified)

    return Wanted.of(arguments.require, beside=arguments.beside, layers=arguments.layers)


def add_requirements(parser: argparse.ArgumentParser) -> None:
    """Adds what verification is to look for."""
    group = parser.add_argument_group("what verification looks for")
    group.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="MODULE",
        help="a module that must be there and, where it can be tried, importable; may be repeated",
    )
    group.add_argument(
        "--beside",
        type=int,
        default=0,
        metavar="BYTES",
        help="what the function's code and its other layers have unzipped",
    )
    group.add_argument(
        "--layers",
        type=int,
        default=1,
        metavar="N",
        help="how many layers the function will have (default: %(default)s)",
    )
