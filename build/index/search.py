"""The long way from pins to wheels: index pages, choices, downloads."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import Any, TypeVar

from ..cache import Cache
from ..errors import FailureError, LaminaError, UserError
from ..lock.asked import Asked
from ..lock.pinning import default_index
from ..lock.requirements import Pin
from ..lock.selection import LockedWheel
from ..progress import Progress
from ..target import Target
from ..wheel.names import shown
from .addresses import without_credentials
from .answers import pin_key, recall_pin, remember_pin
from .choice import Chooser, Wheel
from .connections import CONNECTIONS
from .download import bring
from .folders import local_path
from .indexes import Indexes, OnlySdistError, named
from .settings import Settings
from .transport import Transport, UnreachableError
from .workers import StoppedError, in_parallel

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


def search(
    asked: Asked, target: Target, cache: Cache, *, progress: Progress, refresh: bool = False
) -> tuple[LockedWheel, ...]:
    """Selects and fetches the wheels of a lock.

    Args:
        asked: what the lock asks for.
        target: what is built for.
        cache: where wheels are kept.
        progress: is told about pages and downloads.
        refresh: do not use what was chosen for single pins before.

    Returns:
        The wheels in the order of the pins, all in the cache.

    Raises:
        UserError, FailureError: as `wheels_for`.
    """
    keys = {pin: _key(pin, asked, target) for pin in asked.pins}
    known = {} if refresh else {pin: wheel for pin in keys if (wheel := recall_pin(cache, keys[pin]))}
    missing = [pin for pin in asked.pins if pin not in known]
    if missing:
        fetched = _fetch(missing, target, cache, asked.settings, progress)
        for pin, wheel in fetched.items():
            remember_pin(cache, keys[pin], wheel)
        known |= fetched
    return tuple(known[pin] for pin in asked.pins)


def _key(pin: Pin, asked: Asked, target: Target) -> str:
    settings = asked.settings
    if pin.files:
        files = [[each.filename, each.url, sorted(each.hashes.items())] for each in pin.files]
        places = [local_path(each.url) for each in pin.files]
        where: list[Any] = ["files", files, [asked.watched.get(str(each)) for each in places]]
    else:
        urls = [url and without_credentials(url) for url in settings.indexes]
        links = {link: asked.watched.get(str(local_path(link))) for link in settings.find_links}
        pages = [path / pin.name for url in urls if url and (path := local_path(url)) is not None]
        where = [urls, settings.find_links, links, [asked.watched.get(str(path)) for path in pages]]
    return pin_key(pin.name, str(pin.version), pin.hashes, target, where)


def _fetch(
    pins: Sequence[Pin], target: Target, cache: Cache, settings: Settings, progress: Progress
) -> dict[Pin, LockedWheel]:
    on_indexes = [pin for pin in pins if not pin.files]
    builtin = default_index() if on_indexes and None in settings.indexes else None
    urls = tuple(url or builtin or "" for url in settings.indexes)
    direct = [file.url for pin in pins for file in pin.files]
    stop = Event()
    known = (*urls, *settings.find_links, *settings.known, *direct)
    with Transport(settings, known, stop=stop) as transport:
        indexes = Indexes(settings, builtin, transport)
        chooser = Chooser(target)
        with progress.stage("reading the index", total=len(on_indexes), unit="files") as stage:

            def find(pin: Pin) -> Wheel:
                if pin.files:
                    return named(pin, chooser)
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
        f"{wheels[pin].filename} needs Python {shown(facts['requires_python'])}, and the target is "
        f"{chooser.target.runtime}; pin another version"
        for pin, facts in needed.items()
        if not chooser.python_fits(facts["requires_python"])
    ]
    if faults:
        raise UserError(*faults)


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
    sdists = [error for error in errors if isinstance(error, OnlySdistError)]
    if sdists:
        errors = [*(error for error in errors if error not in sdists), OnlySdistError.of_all(sdists)]
    for error in errors:
        if not isinstance(error, LaminaError | StoppedError):
            raise error
    _raise_all(FailureError, errors)
    _raise_all(UserError, errors)
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def _raise_all(kind: type[LaminaError], errors: Iterable[Exception]) -> None:
    messages = dict.fromkeys(fault for error in errors if isinstance(error, kind) for fault in error.faults)
    if messages:
        raise kind(*messages)


def _warn_of_yanked(pins: Sequence[Pin], wheels: Sequence[Wheel]) -> None:
    for pin, wheel in zip(pins, wheels, strict=True):
        if wheel.file.yanked is not None:
            reason = f": {shown(wheel.file.yanked)}" if wheel.file.yanked else ""
            _LOG.warning("%s (%s) was yanked from its index%s", pin, pin.where, reason)
