"""One encoding of a code object: what marshal leaves to chance is decided here.

`marshal.dumps` marks an object for later reference when its reference count is not one, and a string as
interned when any module of the process happened to intern it (python/cpython issues 78274, 92132, 98819,
129724); before Python 3.11 it writes sets in the order of their hashes. So the same source gives different
bytes in another process. Here equal values are written once, marked only where they are referred to again;
sets are sorted, and strings of up to one character, of which a process has one each, count as interned.

This file runs in each Python that Lambda knows, from 3.9 on, and imports nothing but the standard library.
"""

from __future__ import annotations

import struct
from typing import Any

_FLAG = 0x80
# Types (Python/marshal.c). `u` stands for all kinds of text here, and `(` for tuples of any length.
_REF, _TEXT, _BYTES, _LONG, _CODE = b"ruslc"
_TUPLE, _SHORT_TUPLE, _FROZENSET, _SLICE = b"()>:"
# Their values are the whole object, and marshal never refers back to them (Python/marshal.c, w_object).
_SINGLETONS = b"NFT.S0"
_NEVER_MARKED = _SINGLETONS + b"i"
_FIXED = {kind: size for size, kinds in ((4, b"i"), (8, b"Ig"), (16, b"y")) for kind in kinds}
_TEXTS, _SHORT_TEXTS = b"aAutzZ", b"zZ"
_INTERNED = b"ZAt"
_LENGTH = struct.Struct("<i")

# A code object (Objects/codeobject.c, Python/marshal.c): numbers, objects, the first line, objects.
_Layout = tuple[int, int, int]
_LAYOUT_3_8: _Layout = (6, 8, 1)
_LAYOUT_3_11: _Layout = (5, 8, 2)


class CanonicalError(ValueError):
    """Bytes that marshal of the known Pythons does not write."""


def canonical(marshalled: bytes, python: tuple[int, int]) -> bytes:
    """Rewrites what `marshal.dumps` gave into the one encoding of these values.

    Args:
        marshalled: of a code object.
        python: the version that wrote it, as (major, minor).

    Returns:
        Bytes that `marshal.loads` of that Python reads as an equal object.

    Raises:
        CanonicalError: they hold a type that no compiler puts into a code object.
    """
    reader = _Reader(marshalled, _LAYOUT_3_11 if python >= (3, 11) else _LAYOUT_3_8)
    root = reader.read()
    if reader.position != len(marshalled):
        raise CanonicalError("bytes follow the object")
    return _Writer(reader.values, reader.interned).write(root)


class _Value:
    """One value: a type's letter, the bytes of a leaf, or the numbers of the values that it consists of."""

    __slots__ = ("kind", "parts", "payload", "tail")

    def __init__(
        self, kind: int, payload: bytes = b"", parts: tuple[int, ...] = (), tail: Any = None
    ) -> None:
        self.kind = kind
        self.payload = payload
        self.parts = parts
        # Of a code object: how many parts come before the first line, and that line's bytes.
        self.tail = tail


class _Reader:
    """Reads a stream into numbered values; equal values have one number, each code object and NaN its own."""

    def __init__(self, stream: bytes, layout: _Layout) -> None:
        self.position = 0
        self.values: list[_Value] = []
        self.interned: set[int] = set()
        self._stream = stream
        self._layout = layout
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._marked: list[int] = []

    def read(self) -> int:
        """The next object's number."""
        letter = self._stream[self.position]
        self.position += 1
        if letter == _REF:
            return self._marked[self._length()]
        if not letter & _FLAG:
            return self._object(letter)
        # Reserved before its parts are read, as marshal counts.
        place = len(self._marked)
        self._marked.append(-1)
        number = self._marked[place] = self._object(letter & ~_FLAG)
        return number

    def _object(self, kind: int) -> int:
        if kind in _TEXTS:
            return self._text(kind)
        if kind in _SINGLETONS:
            return self._number(kind)
        if kind in _FIXED:
            return self._fixed(kind, self._take(_FIXED[kind]))
        if kind in b"sl":
            length = self._length()
            # Of a long number, 15 bits in each two bytes; the sign of all is the length's.
            size = length if kind == _BYTES else 2 * abs(length)
            return self._number(kind, _LENGTH.pack(length) + self._take(size))
        return self._code() if kind == _CODE else self._container(kind)

    def _text(self, kind: int) -> int:
        number = self._number(_TEXT, self._take(self._size(kind in _SHORT_TEXTS)))
        if kind in _INTERNED:
            self.interned.add(number)
        return number

    def _fixed(self, kind: int, payload: bytes) -> int:
        if kind in b"gy" and any(each != each for each in struct.unpack(f"<{len(payload) // 8}d", payload)):  # noqa: PLR0124 (what only NaN is)
            # Two of them are equal only if they are one object, so there must be as many as there were.
            return self._own(_Value(kind, payload))
        return self._number(kind, payload)

    def _container(self, kind: int) -> int:
        if kind in b"()":
            return self._number(_TUPLE, parts=self._parts(self._size(kind == _SHORT_TUPLE)))
        if kind == _FROZENSET:
            parts = sorted(set(self._parts(self._length())), key=self._alone)
            return self._number(kind, parts=tuple(parts))
        if kind == _SLICE:
            return self._number(kind, parts=self._parts(3))
        raise CanonicalError(f"type {chr(kind)!r} is not one of a compiler's")

    def _code(self) -> int:
        numbers, before, after = self._layout
        payload = self._take(4 * numbers)
        parts = self._parts(before)
        first_line = self._take(4)
        parts += self._parts(after)
        return self._own(_Value(_CODE, payload, parts, (before, first_line)))

    def _own(self, value: _Value) -> int:
        self.values.append(value)
        return len(self.values) - 1

    def _number(self, kind: int, payload: bytes = b"", parts: tuple[int, ...] = ()) -> int:
        key = (kind, payload, parts)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.values)
            self.values.append(_Value(kind, payload, parts))
        return number

    def _alone(self, number: int) -> tuple[Any, ...]:
        """What a member of a set is ordered by: its content alone."""
        value = self.values[number]
        return (value.kind, value.payload, tuple(self._alone(part) for part in value.parts))

    def _parts(self, count: int) -> tuple[int, ...]:
        return tuple([self.read() for _ in range(count)])

    def _size(self, short: bool) -> int:
        return self._take(1)[0] if short else self._length()

    def _length(self) -> int:
        self.position += 4
        length: int = _LENGTH.unpack_from(self._stream, self.position - 4)[0]
        return length

    def _take(self, count: int) -> bytes:
        self.position += count
        return self._stream[self.position - count : self.position]


class _Writer:
    """Writes numbered values: each in full where it comes first, and as a reference after that."""

    def __init__(self, values: list[_Value], interned: set[int]) -> None:
        self._values = values
        self._interned = interned
        self._uses = [0] * len(values)
        self._places: dict[int, int] = {}
        self._out = bytearray()

    def write(self, root: int) -> bytes:
        """The bytes of a value."""
        self._count(root)
        self._write(root)
        return bytes(self._out)

    def _count(self, number: int) -> None:
        self._uses[number] += 1
        if self._uses[number] == 1:
            for part in self._values[number].parts:
                self._count(part)

    def _write(self, number: int) -> None:
        place = self._places.get(number)
        if place is not None:
            self._out += b"r" + _LENGTH.pack(place)
            return
        value = self._values[number]
        # A reference to a small number would be as long as the number.
        flag = _FLAG if self._uses[number] > 1 and value.kind not in _NEVER_MARKED else 0
        if flag:
            self._places[number] = len(self._places)
        if value.kind == _CODE:
            self._write_code(value, flag)
        elif value.kind == _TEXT:
            self._write_text(number, value.payload, flag)
        elif value.kind in b"(>:":
            self._write_container(value, flag)
        else:
            self._out += bytes([value.kind | flag]) + value.payload

    def _write_code(self, value: _Value, flag: int) -> None:
        before, first_line = value.tail
        self._out += bytes([value.kind | flag]) + value.payload
        for part in value.parts[:before]:
            self._write(part)
        self._out += first_line
        for part in value.parts[before:]:
            self._write(part)

    def _write_text(self, number: int, text: bytes, flag: int) -> None:
        interned = number in self._interned or len(text.decode("utf-8", "surrogatepass")) <= 1
        if not text.isascii():
            self._out += bytes([b"ut"[interned] | flag]) + _LENGTH.pack(len(text))
        elif len(text) < 256:
            self._out += bytes([b"zZ"[interned] | flag, len(text)])
        else:
            self._out += bytes([b"aA"[interned] | flag]) + _LENGTH.pack(len(text))
        self._out += text

    def _write_container(self, value: _Value, flag: int) -> None:
        count = len(value.parts)
        if value.kind == _TUPLE and count < 256:
            self._out += bytes([_SHORT_TUPLE | flag, count])
        else:
            self._out += bytes([value.kind | flag])
            if value.kind != _SLICE:
                self._out += _LENGTH.pack(count)
        for part in value.parts:
            self._write(part)
