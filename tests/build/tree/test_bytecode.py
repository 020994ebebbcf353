"""The bytecode of wheels: the same bytes wherever, whenever and beside whatever they are compiled."""

from __future__ import annotations

import importlib.util
import marshal
import os
import random
import zipfile
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import FailureError
from build.interpreters import Interpreter, find_interpreter
from build.target import GLIBC
from build.tree.bytecode import Compiled, bytecode_path, compiled
from build.tree.placed import ReadWheel

from .conftest import Read, content_of, read_into

OTHERS = [python for python in GLIBC if find_interpreter(python)]
SOURCES = {
    "pkg/__init__.py": b"from .a import *\n",
    "pkg/a.py": b"def f(x):\n    return x in {'randint', 'alpha', 'beta', None}\n",
    "pkg/sub/b.c.py": b"'{'\nname = '{'\n",
    "single.py": b"",
    "pkg/data.txt": b"no source",
}


def pairs(found: dict[str, Compiled]) -> list[tuple[str, dict[str, object], dict[str, str]]]:
    return [(each.source, dict(each.files), each.failed) for each in found.values()]


def test_a_source_becomes_an_unchecked_pyc_of_its_hash_with_the_path_that_it_will_have(
    read: Read, cache: Cache, interpreter: Interpreter
) -> None:
    wheel = read("demo", SOURCES)
    found = compiled([wheel], interpreter, cache)[wheel.wheel.sha256]
    file = found.files["pkg/a.py"]
    assert file.path == f"pkg/__pycache__/a.{interpreter.tag}.pyc"
    content = content_of(found.source, file, b"", cache)
    # PEP 552: the magic number, flags (1: by hash, and nobody checks it), the source's hash.
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert content[4:8] == b"\x01\0\0\0"
    assert content[8:16] == importlib.util.source_hash(SOURCES["pkg/a.py"])
    code = marshal.loads(content[16:])
    assert code.co_filename == "/opt/python/pkg/a.py"
    assert code.co_consts[0].co_filename == "/opt/python/pkg/a.py"


def test_every_source_and_nothing_else_is_compiled(
    read: Read, cache: Cache, interpreter: Interpreter
) -> None:
    wheel = read("demo", {**SOURCES, "pkg/__pycache__/old.py": b""})
    found = compiled([wheel], interpreter, cache)[wheel.wheel.sha256]
    assert sorted(found.files) == sorted(path for path in SOURCES if path.endswith(".py"))


@pytest.mark.parametrize("path", ["six.py", "a/b.py", "a/b.c.py", "__init__.py", "a/x-y.py"])
def test_it_lies_where_the_import_system_looks_for_it(path: str, interpreter: Interpreter) -> None:
    assert bytecode_path(path, interpreter.tag) == importlib.util.cache_from_source(path)


def test_order_folder_number_of_processes_and_time_do_not_matter(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    files = {
        f"pkg/m{number}.py": f"x = {{'a{number}', '{{', None}} ; {'x' * number} = 1".encode()
        for number in range(40)
    }
    found = []
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        own = Cache(folder / "cache")
        wheels = [
            read_into(own, folder, name, {**files, f"{name}.py": b"1"}) for name in ("one", "two", "three")
        ]
        random.Random(attempt).shuffle(wheels)
        one = compiled(wheels, interpreter, own, processes=1 + attempt % 3)
        found.append(sorted(pairs(one)))
    assert all(each == found[0] for each in found)


def test_the_callers_environment_does_not_matter(
    tmp_path: Path, interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for attempt, names in enumerate(
        [{}, {"PYTHONHASHSEED": "5", "PYTHONOPTIMIZE": "2", "PYTHONPATH": str(tmp_path)}]
    ):
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        # It would be found first by a process that looks into its caller's folders.
        (tmp_path / "marshal.py").write_text("raise SystemExit(1)")
        (tmp_path / "json.py").write_text("raise SystemExit(1)")
        monkeypatch.chdir(tmp_path)
        own = Cache(tmp_path / f"cache {attempt}")
        found.append(pairs(compiled([read_into(own, tmp_path, "demo", SOURCES)], interpreter, own)))
    assert found[0] == found[1]


def test_it_is_kept_and_not_made_again(read: Read, cache: Cache, interpreter: Interpreter) -> None:
    wheel = read("demo", SOURCES)
    first = compiled([wheel], interpreter, cache)
    cache.wheel_path(wheel.wheel.sha256).unlink()
    assert pairs(compiled([wheel], interpreter, cache)) == pairs(first)


@pytest.mark.parametrize("damage", ["gone", "shorter"])
def test_it_is_made_again_where_the_cache_lost_it(
    read: Read, cache: Cache, interpreter: Interpreter, damage: str
) -> None:
    wheel = read("demo", SOURCES)
    first = compiled([wheel], interpreter, cache)
    path = cache.source_path(first[wheel.wheel.sha256].source)
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        os.truncate(path, 3)
    assert pairs(compiled([wheel], interpreter, cache)) == pairs(first)
    assert path.read_bytes() == whole


def test_sources_that_do_not_compile_are_left_out_and_told(
    read: Read, cache: Cache, interpreter: Interpreter
) -> None:
    bad = {
        "two.py": b"print 'two'\n",
        "template.py": b"class {{ name }}: pass\n",
        "latin.py": b"x = '\xe9'\n",
        "nul.py": b"x = 1\0\n",
        "deep.py": b"(" * 5000 + b")" * 5000,
    }
    wheel = read("demo", {**bad, "good.py": b"1"})
    found = compiled([wheel], interpreter, cache)[wheel.wheel.sha256]
    assert list(found.files) == ["good.py"]
    assert found.failed.keys() == bad.keys()
    assert found.failed["two.py"].startswith("SyntaxError: Missing parentheses in call to 'print'")
    assert pairs(compiled([wheel], interpreter, cache)) == [(found.source, dict(found.files), found.failed)]


def test_a_wheel_without_sources_has_no_bytecode(read: Read, cache: Cache, interpreter: Interpreter) -> None:
    wheel = read("demo", {"data.txt": b"x"})
    assert compiled([wheel], interpreter, cache)[wheel.wheel.sha256].files == {}


def test_a_name_that_is_too_long_for_bytecode_has_none(
    read: Read, cache: Cache, interpreter: Interpreter
) -> None:
    wheel = read("demo", {"n" * 240 + ".py": b"1", "n" * 235 + ".py": b"1"})
    assert list(compiled([wheel], interpreter, cache)[wheel.wheel.sha256].files) == ["n" * 235 + ".py"]


@pytest.mark.parametrize("python", OTHERS)
def test_each_python_at_hand_gives_its_own(read: Read, cache: Cache, python: str) -> None:
    other = find_interpreter(python)
    assert other
    wheel = read("demo", SOURCES)
    found = compiled([wheel], other, cache)[wheel.wheel.sha256]
    content = content_of(found.source, found.files["single.py"], b"", cache)
    assert int.from_bytes(content[:2], "little") == other.magic
    assert found.files["single.py"].path == f"__pycache__/single.{other.tag}.pyc"


def test_a_wheel_that_was_changed_in_the_cache_is_told(
    read: Read, cache: Cache, interpreter: Interpreter
) -> None:
    wheel = read("demo", {"a.py": b"value = 12345\n" * 50})
    change(cache.wheel_path(wheel.wheel.sha256), wheel)
    with pytest.raises(
        FailureError, match=r"the cached demo-1\.0-\S+ (is|was) damaged: its a\.py is another than it was"
    ):
        compiled([wheel], interpreter, cache)


def change(path: Path, wheel: ReadWheel) -> None:
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("a.py")
    content = bytearray(path.read_bytes())
    content[info.header_offset + 40] ^= 0x55
    path.write_bytes(content)
