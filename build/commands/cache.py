"""The command `cache`: what is kept, and what of it is damaged or may go."""

from __future__ import annotations

import argparse
import json
from typing import Any

from ..cache import Cache
from ..console import answer, counted, size_of
from ..loudness import add_loudness
from .sizes import read_age, read_size

_DEFAULT_AGE = "30d"


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Looks after the cache, where wheels and what was found out about them are kept by their hashes. "
        "Builds need not be stopped for it. LAMINA_CACHE names its folder."
    )
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    info = commands.add_parser("info", help="say where it is, and how much of which kind is in it")
    info.set_defaults(work=_info)
    prune = commands.add_parser("prune", help="remove what was not used for long, or is too much")
    prune.description = (
        "Removes what was not used for long, or what was used longest ago. Waits up to 30 s for running "
        "builds, and builds wait for it."
    )
    prune.add_argument(
        "--older-than",
        metavar="AGE",
        help=f"what was not used for so long, such as 12h, 30d or 8w (default: {_DEFAULT_AGE}, unless "
        "--max-size is given)",
    )
    prune.add_argument(
        "--max-size", metavar="SIZE", help="what was used longest ago, until so much is left: 500M, 2G"
    )
    prune.set_defaults(work=_prune)
    verify = commands.add_parser(
        "verify", help="hash and read every wheel again, and remove what is damaged; exit code 1 if any was"
    )
    verify.set_defaults(work=_verify)
    for command in (info, prune, verify):
        command.add_argument("--json", action="store_true", help="print one JSON object instead of text")
        add_loudness(command)


def run(arguments: argparse.Namespace) -> int:
    """Does what was asked for.

    Returns:
        0; 1 where something was damaged.

    Raises:
        UserError: an age or a size cannot be read.
        FailureError: the cache cannot be read or written, or builds use it all the time.
    """
    code: int = arguments.work(arguments, Cache.default())
    return code


def _info(arguments: argparse.Namespace, cache: Cache) -> int:
    from ..cache.survey import summary  # noqa: PLC0415 (each command loads what it needs)

    found = summary(cache.root)
    width = max((len(kind) for kind in found["kinds"]), default=0)
    lines = [
        f"  {kind:<{width}}  {each['entries']:>7}  {size_of(each['bytes']):>12}"
        for kind, each in found["kinds"].items()
    ]
    lines.append(f"{_entries(found['entries'])}, {size_of(found['bytes'])} in {found['folder']}")
    _say(arguments, found, lines)
    return 0


def _prune(arguments: argparse.Namespace, cache: Cache) -> int:
    from ..cache.pruning import prune  # noqa: PLC0415 (as above)

    size = None if arguments.max_size is None else read_size("--max-size", arguments.max_size)
    age = arguments.older_than or (_DEFAULT_AGE if size is None else None)
    done = prune(cache.root, older_than=None if age is None else read_age("--older-than", age), max_size=size)
    freed, left = (sum(entry.size for entry in part) for part in (done.removed, done.kept))
    found = {
        "folder": str(cache.root),
        "removed": {"entries": len(done.removed), "bytes": freed},
        "kept": {"entries": len(done.kept), "bytes": left},
    }
    removed = f"removed {_entries(len(done.removed))}, {size_of(freed)}"
    _say(arguments, found, [f"{removed}; {_entries(len(done.kept))}, {size_of(left)} stay in {cache.root}"])
    return 0


def _verify(arguments: argparse.Namespace, cache: Cache) -> int:
    from ..cache.verification import verify  # noqa: PLC0415 (as above)
    from ..progress import progress_for_terminal  # noqa: PLC0415 (as above)

    done = verify(cache, progress=progress_for_terminal())
    found = {
        "folder": str(cache.root),
        "entries": done.entries,
        "bytes": done.size,
        "damaged": [{"path": each.path, "label": each.label, "what": each.what} for each in done.damages],
    }
    lines = [f"{each.label} ({each.path}): {each.what}; it is removed" for each in done.damages]
    lines.append(
        f"{_entries(done.entries)}, {size_of(done.size)} in {cache.root}: "
        f"{f'{len(done.damages)} damaged' if done.damages else 'all sound'}"
    )
    _say(arguments, found, lines)
    return 1 if done.damages else 0


def _say(arguments: argparse.Namespace, found: dict[str, Any], lines: list[str]) -> None:
    answer((json.dumps(found, indent=1) if arguments.json else "\n".join(lines)) + "\n")


def _entries(count: int) -> str:
    return counted(count, "entry", "entries")
