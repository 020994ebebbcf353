"""The long way from a lock to wheels: requirements, pins, index pages, choices, downloads."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TypeVar

from ..cache import Cache
from ..errors import FailureError, LaminaError, UserError, all_faults
from ..lock.lines import Line
from ..lock.markers import marker_environment
from ..lock.options import Options, read_options
from ..lock.pinning import default_index, pinned
from ..lock.requirements import Pin, Requirements, read_requirements
from ..lock.selection import LockedWheel
from ..progress import Progress
from ..target import Target
from .answers import pin_key, recall_pin, remember_pin
from .choice import Chooser, Wheel
from .download import bring
from .folders import local_path, state
from .indexes import Indexes
from .settings import Settings, check_addresses, read_settings, without_credentials
from .sources import Sources
from .transport import CONNECTIONS, Transport, UnreachableError
from .workers import StoppedError, in_parallel

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Found:
    """The outcome of a search.

    Attributes:
        wheels: sorted by name, all in the cache.
        folders: each local find-links place and its state before it was read.
    """

    wheels: tuple[LockedWheel, ...]
    folders: dict[str, str]


def search(
    lock: Path,
    lines: Sequence[Line],
    target: Target,
    cache: Cache,
    sources: Sources,
    *,
    progress: Progress,
    refresh: bool = False,
) -> Found:
    """Selects and fetches the wheels of a lock.

    Args:
        lock: the file that `lines` were read from, for uv.
        lines: its logical lines, includes resolved.
        target: what is built for.
        cache: where wheels are kept.
        sources: where index settings come from.
        progress: is told about pages and downloads.
        refresh: do not use what was chosen for single pins before.

    Raises:
        UserError, FailureError: as `wheels_for`.
    """
    environment = marker_environment(target)
    options, found = _read(lines, read_settings(sources), environment)
    settings = options.settings
    check_addresses(settings)
    folders = {
        str(path): state(path) for link in settings.find_links if (path := local_path(link)) is not None
    }
    pins = found.pins
    if found.unpinned:
        compiled = pinned(lock, target, settings, os.environ)
        pins = read_requirements(compiled, environment, all_or_nothing=False).pins
    places = [[url and without_credentials(url) for url in settings.indexes], settings.find_links, folders]
    keys = {pin: pin_key(pin.name, str(pin.version), pin.hashes, target, places) for pin in pins}
    known = {} if refresh else {pin: wheel for pin in pins if (wheel := recall_pin(cache, keys[pin]))}
    missing = [pin for pin in pins if pin not in known]
    if missing:
        fetched = _fetch(missing, target, cache, settings, progress)
        for pin, wheel in fetched.items():
            remember_pin(cache, keys[pin], wheel)
        known |= fetched
    return Found(tuple(known[pin] for pin in pins), folders)


def _read(
    lines: Sequence[Line], settings: Settings, environment: dict[str, str]
) -> tuple[Options, Requirements]:
    """Reads options and requirements, and tells the faults of both at once."""
    faults = []
    options = Options(settings, require_hashes=False)
    try:
        options = read_options(lines, settings)
    except UserError as error:
        faults.append(str(error))
    try:
        found = read_requirements(lines, environment, require_hashes=options.require_hashes)
    except UserError as error:
        faults.append(str(error))
    if faults:
        raise UserError(all_faults(faults))
    return options, found


def _fetch(
    pins: Sequence[Pin], target: Target, cache: Cache, settings: Settings, progress: Progress
) -> dict[Pin, LockedWheel]:
    builtin = default_index() if None in settings.indexes else None
    urls = tuple(url or builtin or "" for url in settings.indexes)
    stop = Event()
    with Transport(settings, (*urls, *settings.find_links), stop=stop) as transport:
        indexes = Indexes(settings, builtin, transport)
        chooser = Chooser(target)
        with progress.stage("reading the index", total=len(pins), unit="files") as stage:

            def find(pin: Pin) -> Wheel:
                wheel = indexes.find(pin, chooser)
                stage.advance(1)
                return wheel

            wheels = _all(find, pins, transport, stop)
        _warn_of_yanked(pins, wheels)
        total = sum(wheel.file.size or 0 for wheel in wheels)
        with progress.stage("downloading wheels", total=total, unit="bytes") as stage:
            # The largest first: they must not be what everybody waits for in the end.
            order = sorted(range(len(pins)), key=lambda place: -(wheels[place].file.size or 0))
            brought = _all(
                lambda place: bring(pins[place], wheels[place], cache, transport, stage),
                order,
                transport,
                stop,
            )
    fetched = {pins[place]: wheel for place, wheel in zip(order, brought, strict=True)}
    untold = [pin for pin, wheel in zip(pins, wheels, strict=True) if wheel.file.requires_python is None]
    _check_pythons({pin: fetched[pin] for pin in untold}, chooser, cache)
    return fetched


def _check_pythons(wheels: Mapping[Pin, LockedWheel], chooser: Chooser, cache: Cache) -> None:
    """Refuses wheels whose own METADATA is against the target's Python; not every place tells beforehand."""
    needed = {pin: cache.facts(wheel.sha256, wheel.filename) for pin, wheel in wheels.items()}
    faults = [
        f"{wheels[pin].filename} needs Python {facts['requires_python']}, and the target is "
        f"{chooser.target.runtime}; pin another version"
        for pin, facts in needed.items()
        if not chooser.python_fits(facts["requires_python"])
    ]
    if faults:
        raise UserError(all_faults(faults))


def _all(work: Callable[[T], R], items: Sequence[T], transport: Transport, stop: Event) -> list[R]:
    """Does `work` for all items in parallel and raises every fault at once; a dead index ends it early."""

    def guarded(item: T) -> R:
        try:
            return work(item)
        except UnreachableError:
            stop.set()
            raise

    outcomes = in_parallel(guarded, items, stop=stop, interrupt=transport.abort, workers=CONNECTIONS)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    for error in errors:
        if not isinstance(error, LaminaError | StoppedError):
            raise error
    _raise_all(FailureError, errors)
    _raise_all(UserError, errors)
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def _raise_all(kind: type[LaminaError], errors: Iterable[Exception]) -> None:
    messages = list(dict.fromkeys(str(error) for error in errors if isinstance(error, kind)))
    if messages:
        raise kind(all_faults(messages))


def _warn_of_yanked(pins: Sequence[Pin], wheels: Sequence[Wheel]) -> None:
    for pin, wheel in zip(pins, wheels, strict=True):
        if wheel.file.yanked is not None:
            reason = f": {wheel.file.yanked}" if wheel.file.yanked else ""
            _LOG.warning("%s (%s) was yanked from its index%s", pin, pin.where, reason)
