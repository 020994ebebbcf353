"""The command line: `python -m preview` prints a comment; its command `comment` is in comment_cli.py."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from console.parsing import Parser

from .document import COMMENT, as_markdown
from .errors import MistakeError, PreviewError
from .facts import Preview
from .manifests import read_manifests
from .reading import read_preview
from .report import Report, as_json, report_on
from .urns import StackName

_INTERRUPTED = 130
_MOST_BYTES = 1 << 30


def main(arguments: Sequence[str]) -> int:
    """Runs the command.

    Args:
        arguments: without the program's name.

    Returns:
        0 when all is done, 1 when something failed, 2 for what cannot be meant, 130 when interrupted.
    """
    try:
        if list(arguments[:1]) == ["comment"]:
            from .comment_cli import run  # noqa: PLC0415 (httpx is loaded for the one command that needs it)

            return run(arguments[1:])
        return _render(arguments)
    except PreviewError as error:
        sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
        return error.exit_code
    except RecursionError:
        sys.stderr.write("error: the preview is nested too deeply to be one\n")
        return MistakeError.exit_code
    except BrokenPipeError:
        # Python flushes once more when it ends, and would tell of it in its own words.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return _INTERRUPTED


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """Adds what both commands read."""
    parser.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        help="what `pulumi preview --json` printed; standard input unless given",
    )
    parser.add_argument(
        "--no-preview",
        action="store_true",
        help="tell what --base and --head say of the layers alone, where nobody may look at the stack",
    )
    parser.add_argument(
        "--base",
        nargs="+",
        action="extend",
        type=Path,
        default=[],
        metavar="MANIFEST",
        help="manifests of the layers as the base branch has them: the JSON beside each zip, or lamina.json",
    )
    parser.add_argument(
        "--head",
        nargs="+",
        action="extend",
        type=Path,
        default=[],
        metavar="MANIFEST",
        help="manifests of the layers as they are proposed",
    )
    parser.add_argument(
        "--stack",
        default="",
        metavar="NAME",
        help="STACK, PROJECT/STACK or ORGANIZATION/PROJECT/STACK; what the preview says unless given",
    )


def report_from(given: argparse.Namespace) -> Report:
    """Reads all inputs, and decides what is told of them.

    Raises:
        MistakeError: one of them is not what it should be.
    """
    if given.no_preview and given.file != "-":
        raise MistakeError(f"{given.file} is a preview, and --no-preview says that there is none")
    if given.no_preview and not given.head:
        raise MistakeError("--no-preview needs --head: there is nothing else to tell of")
    preview = Preview(made=False) if given.no_preview else preview_of(given.file)
    base, head = read_manifests(given.base), read_manifests(given.head)
    return report_on(preview, stack=stack_of(given.stack), base=base, head=head)


def preview_of(file: str) -> Preview:
    """The preview in a file; `-` is standard input.

    Raises:
        MistakeError: it cannot be read, or is none.
    """
    try:
        if file != "-":
            with Path(file).open("rb") as stream:
                content = stream.read(_MOST_BYTES)
        elif sys.stdin is None or sys.stdin.isatty():
            raise MistakeError("give a preview: pulumi preview --json --stack NAME | python -m preview")
        else:
            content = sys.stdin.buffer.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MistakeError(f"{file} cannot be read: {reason}") from None
    # A shell that redirects on Windows writes UTF-16 with its mark.
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return read_preview(content.decode(encoding, "replace"))


def stack_of(name: str) -> StackName:
    """A stack's name as Pulumi takes it: `STACK`, `PROJECT/STACK` or `ORGANIZATION/PROJECT/STACK`.

    Raises:
        MistakeError: it is none of these.
    """
    parts = name.split("/")
    if not name:
        return StackName("", "")
    if len(parts) > 3 or not all(parts):
        raise MistakeError(
            f"--stack {name} is no stack: it is STACK, PROJECT/STACK or ORGANIZATION/PROJECT/STACK"
        )
    return StackName(parts[-2] if len(parts) > 1 else "", parts[-1])


def write(text: str, path: Path | None) -> None:
    """Writes an answer, to standard output unless a file is named.

    Raises:
        PreviewError: it cannot be written.
    """
    try:
        if path is None:
            sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
            sys.stdout.flush()
        else:
            _put(path, text.encode("utf-8", "backslashreplace"))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise PreviewError(f"{path or 'the answer'} cannot be written: {error.strerror}") from None


def _put(path: Path, content: bytes) -> None:
    """Writes a file whole, or leaves the one that is there; a terminal or a pipe is written to."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    # What a link points to is replaced, not the link.
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _render(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    report = report_from(given)
    markdown = as_markdown(report, COMMENT)
    answer = json.dumps(as_json(report, markdown), indent=2) + "\n" if given.json else markdown
    write(answer, given.output)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m preview",
        description="Says in Markdown what a Pulumi preview would change, for whoever reviews it.",
        epilog="`python -m preview comment` puts it on a pull request: see its --help. "
        "Exit codes: 0 done, also if the preview had failed; 1 failed; 2 what was asked for makes no sense.",
    )
    add_inputs(parser)
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of standard output")
    parser.add_argument(
        "--json", action="store_true", help="print JSON: headline, cautions, changes, Markdown"
    )
    return parser
