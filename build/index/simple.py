"""Pages of an index: the Simple API as JSON (PEP 691, 700) or HTML (PEP 503, 592), filtered while read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin

from packaging.utils import canonicalize_name
from packaging.version import Version

from ..errors import FailureError
from ..wheel.names import shown
from .claims import address_of, hashes_of, is_algorithm, size_of, text_of

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"

Keep = Callable[[str], bool]

_SDISTS = (".tar.gz", ".zip", ".tar.bz2", ".tgz")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """One file that an index offers.

    Attributes:
        filename: as the index spells it.
        url: where it is; `file:` for a local one. May carry credentials.
        hashes: algorithm to hex digits, as far as the index tells.
        requires_python: a version specifier, or None.
        yanked: why the file was taken back (may be empty); None when it was not.
        size: in bytes, when the index tells.
    """

    filename: str
    url: str = field(repr=False)
    hashes: Mapping[str, str]
    requires_python: str | None = None
    yanked: str | None = None
    size: int | None = None


class Wanted:
    """Tells by its name whether a file belongs to one version of one package, at the cost of a comparison.

    A page lists every file of every version, often thousands; almost all are left out unparsed. A pin without
    a local version also wants the files that have one (PEP 440, "Version matching").
    """

    def __init__(self, name: str, version: Version) -> None:
        self.name = name
        self._version = version
        self._major = str(version.release[0])
        self._known = {str(version): True}

    def __call__(self, filename: str) -> bool:
        """Says whether the file is wanted."""
        if filename.endswith(".whl"):
            parts = filename.split("-", 2)
            name, text = (parts[0], parts[1]) if len(parts) == 3 else ("", "")
        else:
            name, text = _sdist(filename)
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._matches(text)
        return known and canonicalize_name(name) == self.name

    def _matches(self, text: str) -> bool:
        major = text.partition(".")[0]
        if major.isdigit() and major.lstrip("0") != self._major.lstrip("0"):
            return False
        try:
            version = Version(text)
        except ValueError:
            # It is none, or has more digits than Python makes a number of.
            return False
        return self._version in (version, Version(version.public))


def _sdist(filename: str) -> tuple[str, str]:
    for ending in _SDISTS:
        if filename.endswith(ending):
            name, _, text = filename.removesuffix(ending).rpartition("-")
            return name, text
    return "", ""


def read_page(content: bytes, content_type: str, url: str, keep: Keep) -> list[ProjectFile]:
    """Reads a page in whichever of the two formats it has.

    Args:
        content: the body.
        content_type: the header; what is no JSON by it, and does not begin as JSON does, is read as HTML.
        url: where the page came from in the end; relative addresses count from it.
        keep: which files to keep, by name.

    Raises:
        FailureError: the page is broken, or of a version of the API from the future.
    """
    if "json" in content_type.lower() or content[:64].lstrip().startswith(b"{"):
        return _read_json(content, url, keep)
    return _read_html(content, url, keep)


def _read_json(content: bytes, url: str, keep: Keep) -> list[ProjectFile]:
    def slim(found: dict[str, Any]) -> dict[str, Any] | None:
        """Drops each unwanted file as soon as it is read, so that a page of 4 MB never stands in memory."""
        return found if "filename" not in found or keep(found["filename"]) else None

    try:
        page = json.loads(content, object_hook=slim)
        version = str(page["meta"]["api-version"])
        entries = [entry for entry in page["files"] if entry is not None]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FailureError("its JSON page is not what PEP 691 describes") from error
    _check_version(version)
    return [_file(entry, url) for entry in entries]


def _check_version(version: str) -> None:
    if version.partition(".")[0] != "1":
        raise FailureError(
            f"it speaks version {shown(version)} of the Simple API; this understands version 1"
        )


def _file(entry: Mapping[str, Any], url: str) -> ProjectFile:
    filename = ""
    try:
        filename = entry["filename"]
        yanked = entry.get("yanked")
        return ProjectFile(
            filename=filename,
            url=address_of(url, url, entry["url"]),
            hashes=hashes_of(entry["hashes"]),
            requires_python=text_of(entry.get("requires-python")),
            # As in pip: what is neither a reason nor true says nothing.
            yanked=None if not yanked else yanked if isinstance(yanked, str) else "",
            size=size_of(entry.get("size")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Names the field where one is missing.
        raise FailureError(
            f"its JSON page is not what PEP 691 describes: {shown(str(filename))}: {shown(str(error))}"
        ) from error


def _read_html(content: bytes, url: str, keep: Keep) -> list[ProjectFile]:
    parser = _Anchors(url, keep)
    # As pip, without `close`: that looks for the end of each tag that has none through all the rest.
    try:
        parser.feed(content.decode("utf-8", errors="replace"))
    except AssertionError as error:
        # The library's word for markup that it cannot read.
        raise FailureError("its HTML page cannot be read") from error
    return parser.files


class _Anchors(HTMLParser):
    def __init__(self, url: str, keep: Keep) -> None:
        super().__init__()
        self._page = self._base = url
        self._keep = keep
        self.files: list[ProjectFile] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "meta" and attributes.get("name") == "pypi:repository-version":
            _check_version(attributes.get("content") or "1.0")
        href = (attributes.get("href") or "").strip()
        if not href:
            return
        if tag == "base":
            with suppress(ValueError):
                self._base = urljoin(self._base, href)
        elif tag == "a":
            place, _, fragment = href.partition("#")
            # Looked at first: to make addresses of the thousands that nobody wants takes longest of all.
            filename = unquote(place.partition("?")[0].rpartition("/")[2])
            if self._keep(filename):
                # What is no address at all is passed over, as everything else on a page that is no file.
                with suppress(ValueError):
                    self._add(address_of(self._page, self._base, place), filename, fragment, attributes)

    def _add(self, address: str, filename: str, fragment: str, attributes: Mapping[str, str | None]) -> None:
        yanked = attributes.get("data-yanked", "") or "" if "data-yanked" in attributes else None
        self.files.append(
            ProjectFile(
                filename=filename,
                url=address,
                hashes=_in_fragment(fragment, filename),
                requires_python=attributes.get("data-requires-python"),
                yanked=yanked,
            )
        )


def _in_fragment(fragment: str, filename: str) -> dict[str, str]:
    """The hash behind a file's address (PEP 503); what else stands there may be before it."""
    parts = dict(part.partition("=")[::2] for part in fragment.split("&"))
    try:
        return hashes_of({name: digits for name, digits in parts.items() if is_algorithm(name)})
    except ValueError as error:
        raise FailureError(f"{shown(filename)}: {shown(str(error))} ({shown(fragment)})") from error
