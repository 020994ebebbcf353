"""Where the wheels of a lock are looked for: find-links places, then the indexes, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Protocol

from ..errors import FailureError, UserError
from ..lock.requirements import Pin
from .addresses import without_credentials
from .choice import Chooser, Wheel
from .folders import entries, local_path
from .refusals import refusal
from .settings import Settings
from .simple import Keep, ProjectFile, Wanted, read_page
from .transport import Page, Transport

_LOG = logging.getLogger(__name__)


class _Place(Protocol):
    conclusive: bool

    def files(self, wanted: Wanted) -> list[ProjectFile] | None: ...


class Indexes:
    """All places of the settings, in the order in which they are asked.

    As in uv's `first-index` strategy, and unlike pip, an index that has the pinned version is the only one
    asked for it, so that nobody can slip a better-tagged file of the same name and version in through another
    index (uv documentation, "Searching across multiple indexes"). Find-links come first and do not conclude;
    with hashes in the lock the search goes on until a file fits them.
    """

    def __init__(self, settings: Settings, default_index: str | None, transport: Transport) -> None:
        """Takes places as they are; nothing is read yet.

        Args:
            settings: where to look.
            default_index: what stands for an index that is None.
            transport: fetches pages.
        """
        urls = [url or default_index for url in settings.indexes]
        self._places: list[_Place] = [_place(link, transport) for link in settings.find_links]
        self._places += [_index(url, transport) for url in urls if url is not None]

    def find(self, pin: Pin, chooser: Chooser) -> Wheel:
        """Gives the wheel to install for a pin.

        Raises:
            UserError: there is none, with the reason.
            UnreachableError: an index does not answer.
        """
        wanted = Wanted(pin.name, pin.version)
        seen: list[ProjectFile] | None = None
        for place in self._places:
            files = place.files(wanted)
            if files is None:
                continue
            seen = [*(seen or []), *files]
            wheel = chooser.choose(pin, files)
            if wheel is not None:
                return wheel
            if files and place.conclusive and not pin.hashes:
                break
        raise _refused(pin, seen, chooser)


def named(pin: Pin, chooser: Chooser) -> Wheel:
    """Gives the wheel to install for a pin whose files the lock names itself.

    Raises:
        UserError: none of them suits the target.
    """
    wheel = chooser.choose(pin, pin.files)
    if wheel is None:
        raise _refused(pin, pin.files, chooser)
    return wheel


def _refused(pin: Pin, seen: Sequence[ProjectFile] | None, chooser: Chooser) -> UserError:
    if seen and not any(file.filename.endswith(".whl") for file in seen):
        return OnlySdistError(f"{pin} ({pin.where})")
    return UserError(refusal(pin, seen, chooser))


class OnlySdistError(UserError):
    """There are only sdists of a pin, which is the error's text; several are told in one sentence."""

    @classmethod
    def of_all(cls, errors: Sequence[OnlySdistError]) -> UserError:
        """What to tell of all of them."""
        pins = ", ".join(str(error) for error in errors)
        return UserError(
            f"only an sdist is published of {pins}, and nothing is built from source; build wheels "
            "(pip wheel --no-deps NAME==VERSION), serve their folder by --find-links, and lock again with it"
        )


def _index(url: str, transport: Transport) -> _Place:
    folder = local_path(url)
    return _PageIndex(url, transport) if folder is None else _FolderIndex(folder)


class _FolderIndex:
    """A folder laid out as an index is: a folder for each project, with its page as `index.html`."""

    conclusive = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self, wanted: Wanted) -> list[ProjectFile] | None:
        path = self._folder / wanted.name / "index.html"
        try:
            page = Page(path.read_bytes(), "text/html", path.absolute().as_uri())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FailureError(f"cannot read the index page {path}: {error.strerror or error}") from error
        return _read(page, wanted)


class _PageIndex:
    """An index with a page for each project (PEP 503, PEP 691)."""

    conclusive = True

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url.rstrip("/")
        self._transport = transport
        # Pages are taken apart one at a time: together they would need more memory than the rest of a build.
        self._reading = Lock()

    def files(self, wanted: Wanted) -> list[ProjectFile] | None:
        page = self._transport.page(f"{self._url}/{wanted.name}/")
        if page is None:
            return None
        with self._reading:
            return _read(page, wanted)


class _FlatPage:
    """A find-links page: HTML with the files of any project; read once."""

    conclusive = False

    def __init__(self, url: str, transport: Transport) -> None:
        self._url = url
        self._transport = transport
        self._lock = Lock()
        self._files: list[ProjectFile] | None = None

    def files(self, wanted: Wanted) -> list[ProjectFile] | None:
        with self._lock:
            if self._files is None:
                page = self._transport.page(self._url)
                self._files = _read(page, lambda _: True) if page else []
        return [file for file in self._files if wanted(file.filename)] or None


class _Listed:
    """Files of this machine, listed beforehand."""

    conclusive = False

    def __init__(self, files: list[ProjectFile]) -> None:
        self._files = files

    def files(self, wanted: Wanted) -> list[ProjectFile] | None:
        return [file for file in self._files if wanted(file.filename)] or None


def _place(link: str, transport: Transport) -> _Place:
    path = local_path(link)
    if path is None:
        return _FlatPage(link, transport)
    if path.is_dir():
        return _Listed(list(_local_files(path.absolute())))
    if path.is_file():
        page = Page(path.read_bytes(), "text/html", path.absolute().as_uri())
        return _Listed(_read(page, lambda _: True))
    _LOG.warning("find-links: %s does not exist and is passed over", path)
    return _Listed([])


def _local_files(folder: Path) -> Iterator[ProjectFile]:
    for entry in entries(folder):
        yield ProjectFile(entry.name, (folder / entry.name).as_uri(), {}, size=entry.stat().st_size)


def _read(page: Page, keep: Keep) -> list[ProjectFile]:
    try:
        return read_page(page.content, page.content_type, page.url, keep)
    except FailureError as error:
        raise FailureError(f"cannot use the index page {without_credentials(page.url)}: {error}") from error
