"""Arguments that several commands share: the target, and the options that change a layer's content."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from ..errors import UserError
from ..target import ARCHITECTURES, DEFAULT_ARCHITECTURE, GLIBC, Target
from ..tree.options import LayerOptions, preferences

if TYPE_CHECKING:
    from ..remote.cache import RemoteCache
    from ..verify.verdict import Wanted

# Titles of commands that take a layer or a lock.
LAYER_TARGET = "what it is for (default: what LAYER says; needed for locks and other makers' zips)"
ONLY_OF_LOCK = " (only where LAYER is a lock)"

_ABOUT_REMOTE = ("remote_read_only", "no_zip")


class LockArguments(TypedDict):
    """What `build_layer` and `wheels_for` take about a lock beside its path."""

    refresh: bool
    require_hashes: bool
    extras: tuple[str, ...]
    groups: tuple[str, ...]


def add_lock(
    parser: argparse.ArgumentParser,
    metavar: str = "LOCK",
    line: str = "a requirements.txt (best with pins and hashes), a pylock.toml or a uv.lock; what a "
    "requirements.txt does not pin is pinned by uv",
    *,
    only: str = "",
) -> None:
    """Adds LOCK, and what is wanted of it.

    Args:
        parser: of the command.
        metavar: what the command calls it.
        line: its help.
        only: when that is possible, for the group's title.
    """
    parser.add_argument("lock", metavar=metavar, type=Path, help=line)
    group = parser.add_argument_group(f"what is wanted of the lock{only}")
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
        UserError: it cannot be one; or there is none, and something is said about it.
    """
    url = os.environ.get("LAMINA_REMOTE") if arguments.remote is None else arguments.remote
    if not url:
        about = [f"--{name.replace('_', '-')}" for name in _ABOUT_REMOTE if getattr(arguments, name)]
        if about:
            raise UserError(
                f"{' and '.join(about)}: there is no remote cache; name it by --remote s3://BUCKET/PREFIX "
                "or LAMINA_REMOTE"
            )
        return None
    from ..remote.environment import remote_cache  # noqa: PLC0415 (only where there is one)

    return remote_cache(arguments.remote, read_only=arguments.remote_read_only)


def add_target(parser: argparse.ArgumentParser, title: str = "what it is for", *, named: str = "") -> None:
    """Adds `--python` and `--architecture`.

    Args:
        parser: of the command.
        title: of their group.
        named: what may name the target, too; then neither has to be given, and what is not is None.
    """
    group = parser.add_argument_group(title)
    group.add_argument(
        "--python", required=not named, metavar="X.Y", help=f"the functions' Python: {', '.join(GLIBC)}"
    )
    default = f"what {named} says, else {DEFAULT_ARCHITECTURE}" if named else DEFAULT_ARCHITECTURE
    group.add_argument(
        "--architecture",
        default=None if named else DEFAULT_ARCHITECTURE,
        metavar="NAME",
        help=f"the functions' processor: {' or '.join(ARCHITECTURES)} (default: {default})",
    )


def target_of(arguments: argparse.Namespace) -> Target:
    """The target that was given.

    Raises:
        UserError: Lambda has no such one.
    """
    return Target(arguments.python, arguments.architecture)


def add_options(parser: argparse.ArgumentParser, *, only: str = "") -> None:
    """Adds what changes a layer's content beside its lock and target.

    Args:
        parser: of the command.
        only: when that is possible, for the group's title.
    """
    group = parser.add_argument_group(f"what is in it{only}")
    group.add_argument(
        "--prefer",
        action="append",
        default=[],
        metavar="PATH=PACKAGE",
        help="whose file counts where two packages ship different ones for a path, such as six.py=six; may "
        "be repeated",
    )
    group.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="WHAT",
        help="leave out a package (boto3), or files below python/ by a .gitignore pattern (**/tests/**); may "
        "be repeated",
    )
    group.add_argument(
        "--slim",
        action="store_true",
        help="leave out what no import needs: tests, stubs, headers, static libraries",
    )
    group.add_argument(
        "--bytecode",
        action="store_true",
        help="add the bytecode of every source, so that no cold start compiles; needs a Python X.Y on this "
        "machine (or LAMINA_PYTHON_X_Y)",
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
    from .sizes import read_size  # noqa: PLC0415 (as above)

    beside = 0 if arguments.beside is None else read_size("--beside", arguments.beside)
    return Wanted.of(arguments.require, beside=beside, layers=arguments.layers)


def wants(arguments: argparse.Namespace) -> list[str]:
    """The options that say what verification is to look for, as far as they were given."""
    found = ["--require"] if arguments.require else []
    found += ["--beside"] if arguments.beside is not None else []
    return found + (["--layers"] if arguments.layers != 1 else [])


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
        metavar="SIZE",
        help="what the function's code and its other layers have unzipped: bytes, or such as 30M",
    )
    group.add_argument(
        "--layers",
        type=int,
        default=1,
        metavar="N",
        help="how many layers the function will have (default: %(default)s)",
    )
