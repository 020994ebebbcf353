"""`python -m preview comment`: puts the comment on a pull request, and into the job's summary."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from console.parsing import Parser

from .cli import add_inputs, report_from, write
from .document import COMMENT, SUMMARY, as_markdown, marker
from .errors import MistakeError, PreviewError
from .github import API, GitHub
from .pieces import Room
from .report import Report
from .sticky import Put, find, put
from .urns import StackName

# A summary of less would say next to nothing.
_LEAST = 4_000
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+", re.ASCII)


def run(arguments: Sequence[str]) -> int:
    """Runs the command.

    Args:
        arguments: without `comment`.

    Returns:
        0 when all is done.

    Raises:
        PreviewError: something failed, or cannot be meant.
    """
    given = _parser().parse_args(arguments)
    wanted = _destination(given, os.environ)
    summary = _summary(given, os.environ)
    report = _named(report_from(given))
    fault = _append(summary, report) if summary is not None and not given.dry_run else None
    if wanted is not None:
        _comment(wanted, report, given)
    elif given.json and fault is None:
        answer = {"done": "summary", "id": None, "url": None, "removed": 0, "foreign": 0}
        write(json.dumps(answer, indent=2) + "\n", None)
    # A summary that is full takes no comment along.
    if fault is not None:
        raise fault
    return 0


def _comment(wanted: _Destination, report: Report, given: argparse.Namespace) -> None:
    body = as_markdown(report, COMMENT)
    if not wanted.token:
        sys.stderr.write("dry run: without GITHUB_TOKEN it is not known which comment it would edit\n")
        write(body, None)
        return
    with GitHub(wanted.repository, wanted.token, api=wanted.api) as github:
        if given.dry_run:
            _tell_only(github, wanted, report, body)
        else:
            _tell(put(github, wanted.pull, marker(report.stack), body), wanted, as_json=given.json)


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where the comment goes; without a token, in a dry run, nobody is asked."""

    repository: str
    pull: int
    token: str
    api: str


def _destination(given: argparse.Namespace, environment: Mapping[str, str]) -> _Destination | None:
    """Where the comment goes; None where only a summary was asked for, or nothing else is possible.

    Raises:
        MistakeError: what is needed for a comment is missing; all of it at once.
    """
    token = environment.get("GITHUB_TOKEN", "").strip()
    repository = given.repo or environment.get("GITHUB_REPOSITORY", "")
    if given.summary is not None and not token and not given.dry_run:
        sys.stderr.write("note: without GITHUB_TOKEN there is no comment, only the summary\n")
        return None
    faults = []
    if not _REPOSITORY.fullmatch(repository):
        faults.append(f"--repo {repository or '(none)'} is no repository: it is OWNER/NAME")
    if given.pr is None:
        faults.append("--pr is missing: it is the pull request's number")
    if not token and not given.dry_run:
        faults.append(
            "GITHUB_TOKEN is not set: pass `GITHUB_TOKEN: ${{ github.token }}` to the step, or use --summary"
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        faults.append("GITHUB_TOKEN has characters that no token has")
    if faults:
        raise MistakeError("; ".join(faults))
    api = environment.get("GITHUB_API_URL", "").strip() or API
    if not api.startswith(("https://", "http://")):
        raise MistakeError(f"GITHUB_API_URL {api} is no address: it begins with https://")
    return _Destination(repository=repository, pull=given.pr, token=token, api=api)


def _summary(given: argparse.Namespace, environment: Mapping[str, str]) -> Path | None:
    """The file that the summary is appended to; None where there is none.

    Raises:
        MistakeError: --summary names none, or a preview.
    """
    path = given.summary or environment.get("GITHUB_STEP_SUMMARY", "")
    if given.summary == "" and not path:
        raise MistakeError("--summary needs a file: GITHUB_STEP_SUMMARY is not set, so give --summary FILE")
    if given.summary and given.file == "-" and given.summary.endswith(".json"):
        raise MistakeError(
            f"--summary {given.summary} is what to append to: give the preview before --summary"
        )
    return Path(path) if path else None


def _named(report: Report) -> Report:
    """The report, if it is known of which stack it is: a comment is found again by that.

    Raises:
        MistakeError: neither the preview, nor --stack, nor Pulumi.yaml says so.
    """
    project, stack = report.stack
    named = replace(report, stack=StackName(project or _project(Path("Pulumi.yaml")), stack))
    if not all(named.stack):
        raise MistakeError(
            "the preview does not say of which stack it is (did it fail early?): add --stack PROJECT/STACK"
        )
    return named


def _project(path: Path) -> str:
    try:
        found = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError):
        return ""
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def _append(path: Path, report: Report) -> PreviewError | None:
    """Adds to a job's summary, as far as what is there leaves room: GitHub drops one that is too long.

    Returns:
        What went wrong, if it cannot be written or is full.
    """
    try:
        with path.open("ab") as stream:
            room = Room(SUMMARY.limit - stream.tell(), SUMMARY.reason)
            if room.limit < _LEAST:
                return PreviewError(f"the summary {path} is full: {SUMMARY.reason} for each step")
            stream.write(as_markdown(report, room).encode("utf-8", "backslashreplace") + b"\n")
    except OSError as error:
        return PreviewError(f"the summary {path} cannot be written: {error.strerror}")
    return None


def _tell_only(github: GitHub, wanted: _Destination, report: Report, body: str) -> None:
    found = find(github, wanted.pull, marker(report.stack))
    does = f"edit comment {found.own[0].id}" if found.own else "write a comment"
    also = f", and delete {len(found.own) - 1} duplicates" if len(found.own) > 1 else ""
    sys.stderr.write(f"dry run: it would {does}{also} on {wanted.repository}#{wanted.pull}:\n")
    write(body, None)


def _tell(done: Put, wanted: _Destination, *, as_json: bool) -> None:
    if as_json:
        answer = {
            "done": done.done,
            "id": done.comment.id,
            "url": done.comment.url,
            "removed": done.removed,
            "foreign": done.foreign,
        }
        write(json.dumps(answer, indent=2) + "\n", None)
    else:
        where = done.comment.url or f"{wanted.repository}#{wanted.pull}"
        duplicates = f", {done.removed} duplicates deleted" if done.removed else ""
        write(f"{done.done}: {where}{duplicates}\n", None)
    if done.foreign:
        sys.stderr.write(
            f"note: {done.foreign} comments with the same marker are of other accounts, and were left alone\n"
        )


def _number(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no pull request's number")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m preview comment",
        description="Puts what a preview would change on a pull request: one comment for each stack, edited "
        "when the preview is made again.",
        epilog="Environment: GITHUB_TOKEN (with `pull-requests: write`), GITHUB_API_URL, GITHUB_REPOSITORY, "
        "GITHUB_STEP_SUMMARY. Exit codes: 0 done, 1 failure, 2 what was asked for cannot be meant.",
    )
    add_inputs(parser)
    parser.add_argument("--repo", default="", metavar="OWNER/NAME", help="GITHUB_REPOSITORY unless given")
    parser.add_argument("--pr", type=_number, metavar="N", help="the pull request's number")
    parser.add_argument(
        "--summary",
        nargs="?",
        const="",
        default=None,
        metavar="FILE",
        help="append it to the job's summary, too (GITHUB_STEP_SUMMARY unless given; done anyway where it is "
        "set); without GITHUB_TOKEN, only that",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the comment and what would be done with it"
    )
    parser.add_argument(
        "--json", action="store_true", help="print JSON: what was done, and with which comment"
    )
    return parser
