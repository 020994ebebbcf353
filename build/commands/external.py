"""The command `external`: the program of Terraform's `external` data source."""

from __future__ import annotations

import argparse
import sys

from ..cache import Cache
from ..console import answer, hush, remark
from ..errors import FailureError, UserError
from ..evidence import record
from ..external.answer import answer_of
from ..external.asked import DEFAULT_NAME, DEFAULT_OUTPUT, KEYS, Asked, asked_by
from ..external.placing import Place, object_key
from ..external.protocol import read_query, written_answer
from ..layer import build_layer
from ..progress import progress_for_terminal
from ..remote.environment import remote_cache
from ..tree.manifest import BuiltLayer
from ..tree.options import settled
from ..unchanged import remember
from .verified import names_in, verified

_EXAMPLE = """echo '{"lock": "requirements.txt", "python": "3.12"}' | """


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Answers a query of Terraform's external data source: one JSON object of strings comes on standard "
        "input, one goes to standard output. Needed are lock and python; name is "
        f"{DEFAULT_NAME} and output {DEFAULT_OUTPUT} unless given. With bucket, the zip is put there under "
        "its digest unless it is there; what was there is taken for granted for an hour, and refresh asks "
        "at once. docs/terraform.md tells about each key."
    )
    parser.epilog = f"keys: {', '.join(KEYS)}\n\n  {_EXAMPLE}{parser.prog}"


def run(arguments: argparse.Namespace) -> int:
    """Builds what the query asks for, and tells of it.

    Returns:
        0.

    Raises:
        UserError: the query makes no sense; or as `build_layer` and verification.
        FailureError: as `build_layer`; the bucket cannot be used.
    """
    # Whoever asks is a program.
    hush(yes=False)
    if arguments.query is None:
        raise _no_query(arguments.program)
    asked = asked_by(read_query(arguments.query))
    evidence = record()
    remote = remote_cache(asked.remote, read_only=asked.remote_read_only)
    options = settled(asked.options, asked.target, Cache.default())
    before = names_in(asked.output)
    built = build_layer(
        asked.lock,
        target=asked.target,
        name=asked.name,
        output=asked.output,
        options=options,
        progress=progress_for_terminal(),
        refresh=asked.refresh,
        require_hashes=asked.require_hashes,
        extras=asked.extras,
        groups=asked.groups,
        remote=remote,
    )
    warnings = verified(built, asked.target, asked.wanted, before)[1] if asked.wanted else ""
    place, sha256 = _placed(asked._replace(options=options), built)
    text = written_answer(answer_of(built, options, asked.output, place, sha256))
    warnings = "" if arguments.quiet else warnings
    if not asked.refresh and not (remote and remote.troubled):
        remember(arguments.given, evidence, text, warnings, arguments.query)
    remark(warnings)
    answer(text)
    return 0


def _placed(asked: Asked, built: BuiltLayer) -> tuple[Place | None, str]:
    """The zip's place in the bucket that was asked for, and the SHA-256 of the bytes that Lambda will get."""
    if not asked.bucket:
        return None, built.zip_sha256
    place = Place(asked.bucket, object_key(asked.prefix, asked.name, built.digest))
    return place, place.filled(built, asked.target, asked.options)


def _no_query(program: str) -> UserError | FailureError:
    if sys.stdin is not None and sys.stdin.isatty():
        return UserError(
            f"the query is read from standard input, where a terminal is; try: {_EXAMPLE}{program}"
        )
    return FailureError("standard input, from which the query is read, is closed or cannot be read")
