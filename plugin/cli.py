"""The command line: serves the provider to an engine, and looks after `schema.json` and the page about it."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from console.parsing import Parser

from .package import NAME
from .provider import Components, serve
from .tables import with_tables

SCHEMA = Path(__file__).with_name("schema.json")
PAGE = Path(__file__).resolve().parents[1] / "docs/components.md"
_ANNOUNCED = (
    "announce it in CHANGELOG.md, raise `VERSION` in build/__init__.py where it breaks a program, and run"
)
REMEDY = f"the components' inputs or outputs changed: {_ANNOUNCED} `make schema`"


def main(arguments: Sequence[str]) -> int:
    """Does what the arguments ask for.

    Returns:
        The exit code: 0, or 1 where `schema.json` is out of date.
    """
    parser = Parser(prog="python plugin", description=f"The provider of the Pulumi package {NAME}.")
    parser.add_argument("engine", nargs="?", help="the engine's address: serve it, and print the port")
    parser.add_argument("--write-schema", action="store_true", help=f"bring {SCHEMA.name} up to date")
    parser.add_argument(
        "--check-schema", action="store_true", help=f"end with 1 where {SCHEMA.name} is out of date"
    )
    # Engines add options of their own, such as those for logs.
    given, _ = parser.parse_known_args(arguments)
    if given.write_schema:
        SCHEMA.write_text(schema(), "utf-8")
        PAGE.write_text(page(), "utf-8")
    elif given.check_schema:
        if SCHEMA.read_text("utf-8") != schema():
            sys.stderr.write(f"error: {SCHEMA.name} is out of date: {REMEDY}\n")
            return 1
    elif given.engine:
        with contextlib.suppress(KeyboardInterrupt):
            serve(given.engine)
    else:
        parser.error("there is no engine: `pulumi package add` starts this, as docs/components.md says")
    return 0


def schema() -> str:
    """The schema as text for people, too: indented, in a fixed order."""
    return json.dumps(json.loads(Components().schema or "{}"), indent=2, sort_keys=True) + "\n"


def page() -> str:
    """The page about the components, with the schema's tables."""
    return with_tables(PAGE.read_text("utf-8"), json.loads(schema()))
