"""What a page says of a file, taken only if it can be true: an index may be broken, or lie."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

_HEX = re.compile(r"[0-9a-f]+", re.ASCII | re.IGNORECASE)
_REMOTE = {"http", "https"}


def address_of(page: str, base: str, told: object) -> str:
    """Where a file is.

    Args:
        page: the address that the page came from.
        base: the address from which relative ones count.
        told: the file's, as the page has it.

    Returns:
        It, made absolute.

    Raises:
        ValueError: it is no address, or not one that such a page may name: what comes over the network names
            no files of this machine.
    """
    if not told or not isinstance(told, str):
        raise ValueError("it has no address")
    address = urljoin(base, told)
    parts = urlsplit(address)
    local = page.startswith("file:") and parts.scheme == "file"
    # To ask for the port looks whether it can be one.
    if not local and (parts.scheme not in _REMOTE or not parts.hostname or parts.port == 0):
        raise ValueError("it is not at an address to fetch from")
    if not address.isprintable():
        raise ValueError("its address has characters that none can have")
    return address


def hashes_of(told: object) -> dict[str, str]:
    """The hashes of a file.

    A place in the cache is made from them, so what is no hash must go no further.

    Args:
        told: as the page has them: algorithm to hexadecimal digits. Algorithms nobody knows are kept.

    Returns:
        The same, algorithms in lower case.

    Raises:
        ValueError: one is not of the form that its algorithm gives.
    """
    if not isinstance(told, Mapping):
        raise ValueError("its hashes are no table")  # noqa: TRY004 (whatever is wrong with a page is one error)
    found: dict[str, str] = {}
    for name, digits in told.items():
        if not isinstance(digits, str) or not _can_be(name.lower(), digits):
            raise ValueError(f"its {name} is none")
        found[name.lower()] = digits
    return found


def text_of(told: object) -> str | None:
    """A text, or None where there is none.

    Raises:
        ValueError: it is something else.
    """
    if told is not None and not isinstance(told, str):
        raise ValueError("a number or a list stands where text belongs")
    return told


def size_of(told: object) -> int | None:
    """A length in bytes; None where none is told that can be one."""
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else None


def is_algorithm(name: str) -> bool:
    """Whether that is a hash algorithm that can be checked here.

    Those whose length is up to who asks (shake) prove nothing that was not asked for.
    """
    return name.lower() in hashlib.algorithms_guaranteed and not name.lower().startswith("shake")


def _can_be(algorithm: str, digits: str) -> bool:
    if not is_algorithm(algorithm):
        return True
    length = 2 * hashlib.new(algorithm).digest_size
    return len(digits) == length and _HEX.fullmatch(digits) is not None
