"""The option lines of a lock, such as `--index-url`, and what they change about the index settings."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from ..errors import UserError
from ..index.addresses import place
from ..index.settings import Settings
from .lines import Line

# Options that change nothing for a lock of wheels: what they allow or prefer is what always happens here, or
# they are about building from source.
_WITHOUT_EFFECT = (
    ("--only-binary", 1),
    ("--prefer-binary", 0),
    ("--all-releases", 1),
    ("--only-final", 1),
    ("--use-feature", 1),
)
_REFUSED = {
    "editable": "an editable requirement is a folder; leave it out (uv export --no-emit-project does), or "
    "build a wheel of it and serve that by --find-links",
    "no_binary": "--no-binary asks for a build from source; only wheels go into a layer, so remove it",
    "no_require_hashes": "--no-require-hashes is not taken; remove the hashes or the option",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the option lines of a lock say together.

    Attributes:
        settings: the index settings with the lock's own put in.
        require_hashes: `--require-hashes` stands somewhere.
    """

    settings: Settings
    require_hashes: bool


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(message)


def is_option(line: Line) -> bool:
    """Says whether a line holds options and no requirement."""
    return line.text.startswith("-")


def read_options(lines: Iterable[Line], settings: Settings) -> Options:
    """Applies a lock's option lines.

    As in pip, `--index-url` replaces the default index for every package, whichever file it stands in; extra
    indexes and find-links add to what the settings have, and the lock's come first.

    Raises:
        UserError: options that are unknown or not taken, all of them, each with its file and line.
    """
    parser = _parser()
    faults: list[str] = []
    found = Options(settings, require_hashes=False)
    for line in lines:
        if not is_option(line):
            continue
        try:
            arguments, rest = parser.parse_known_args(shlex.split(line.text))
        except (UserError, ValueError) as error:
            faults.append(line.fault(error))
            continue
        refused = [
            reason
            for name, reason in _REFUSED.items()
            if getattr(arguments, name) not in {None, False, ":none:"}
        ]
        if rest and rest[0].startswith("--hash"):
            refused.append(
                "--hash stands alone; put it behind its requirement (a comment ends a continued line)"
            )
        elif rest:
            refused.append(f"{shlex.join(rest[:1])} is not an option of a requirements file")
        faults += [line.fault(reason) for reason in refused]
        found = _applied(found, arguments, line)
    if faults:
        raise UserError(*faults)
    return found


def _parser() -> _Parser:
    parser = _Parser(add_help=False, usage="")
    parser.add_argument("-i", "--index-url", "--pypi-url")
    parser.add_argument("--extra-index-url", action="append", default=[])
    parser.add_argument("-f", "--find-links", action="append", default=[])
    parser.add_argument("--no-index", action="store_true")
    parser.add_argument("--trusted-host", action="append", default=[])
    parser.add_argument("--pre", action="store_true")
    parser.add_argument("--require-hashes", action="store_true")
    parser.add_argument("-e", "--editable")
    parser.add_argument("--no-binary")
    parser.add_argument("--no-require-hashes", action="store_true")
    for name, values in _WITHOUT_EFFECT:
        if values:
            parser.add_argument(name)
        else:
            parser.add_argument(name, action="store_true")
    return parser


def _applied(options: Options, arguments: argparse.Namespace, line: Line) -> Options:
    settings = options.settings
    links: Sequence[str] = [place(entry, line.file.resolve().parent) for entry in arguments.find_links]
    settings = replace(
        settings,
        index=_index(arguments.index_url, line) or settings.index,
        extra_indexes=(*(_index(url, line) for url in arguments.extra_index_url), *settings.extra_indexes),
        find_links=(*links, *settings.find_links),
        no_index=settings.no_index or arguments.no_index,
        prereleases=settings.prereleases or arguments.pre or arguments.all_releases == ":all:",
        trusted_hosts=(*arguments.trusted_host, *settings.trusted_hosts),
    )
    return Options(settings, options.require_hashes or arguments.require_hashes)


def _index(url: str | None, line: Line) -> str:
    """An index, which may be a folder; its path counts from the lock."""
    folder = line.file.absolute().parent / url if url and "://" not in url else None
    return str(folder) if folder is not None and folder.is_dir() else url or ""
