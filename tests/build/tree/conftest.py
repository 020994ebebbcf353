"""What the tests of the tree share: wheels that are read, and trees of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from build.cache import Cache
from build.interpreters import Interpreter
from build.tree.contents import Contents
from build.tree.placed import ReadWheel
from build.wheel.facts import STORED, File
from tests.build.conftest import admitted
from tests.build.wheelhouse import make_wheel

Read = Callable[..., ReadWheel]


@pytest.fixture
def read(cache: Cache, tmp_path: Path) -> Read:
    """Puts a tiny wheel into the cache, and reads it."""

    def read(name: str, files: Mapping[str, bytes], executable: Sequence[str] = ()) -> ReadWheel:
        return read_into(cache, tmp_path, name, files, executable)

    return read


@pytest.fixture
def interpreter() -> Interpreter:
    found = Interpreter.running()
    assert found
    return found


def read_into(
    cache: Cache, folder: Path, name: str, files: Mapping[str, bytes], executable: Sequence[str] = ()
) -> ReadWheel:
    wheel = admitted(cache, make_wheel(folder, name, files=files, executable=executable))
    return ReadWheel(wheel, cache.facts(wheel.sha256, wheel.filename))


def unpacked(contents: Contents, cache: Cache, folder: Path) -> dict[str, bytes]:
    """Writes the files of a layer below a folder, and gives them."""
    found = {file.path: content_of(file.source, file.file, file.content, cache) for file in contents.files}
    for path, content in found.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return found


def content_of(source: str | None, file: File | None, content: bytes, cache: Cache) -> bytes:
    if source is None or file is None:
        return content
    packed = cache.source_path(source).read_bytes()[file.offset : file.offset + file.packed]
    return packed if file.method == STORED else zlib.decompress(packed, -zlib.MAX_WBITS)
