"""The contents of a layer as a whole: laws of what is left out, and what the import system makes of it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import uv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.imports import compiled_sources
from build.cache import Cache
from build.interpreters import Interpreter
from build.tree.contents import Contents, contents_of
from build.tree.options import LayerOptions
from build.tree.placed import ReadWheel
from build.wheel.record import parse_record
from tests.build.wheelhouse import make_wheel, record_hash

from .conftest import Read, read_into, unpacked

ALPHA = {
    "alpha/__init__.py": b"from .core import value\n",
    "alpha/core.py": b"value = {'a', 'b'}\n",
    "alpha/core.pyi": b"value: set[str]\n",
    "alpha/tests/__init__.py": b"",
    "alpha/tests/test_core.py": b"import alpha\n",
    "alpha/old.py": b"print 'two'\n",
    "ns/__init__.py": b"",
}
BETA = {
    "beta.py": b"import alpha\n",
    "beta_data/x.h": b"",
    "beta_data/x.txt": b"1",
    "ns/__init__.py": b"",
    "__pycache__/beta.cpython-311.pyc": b"of another machine",
}


@pytest.fixture
def wheels(read: Read) -> list[ReadWheel]:
    return [read("alpha", ALPHA), read("beta", BETA)]


def bytecode(options: LayerOptions = LayerOptions()) -> LayerOptions:  # noqa: B008 (frozen)
    return LayerOptions(
        exclude=options.exclude, slim=options.slim, bytecode=True, interpreter=Interpreter.running()
    )


def tree(contents: Contents) -> dict[str, str]:
    return {file.path: file.sha256 for file in contents.files}


OPTIONS = st.builds(
    LayerOptions,
    exclude=st.lists(
        st.sampled_from(["**/tests/**", "*.txt", "beta", "/alpha/core.py", "ns/", "*.py"]), max_size=4
    ).map(tuple),
    slim=st.booleans(),
    bytecode=st.booleans(),
).map(lambda given: bytecode(given) if given.bytecode else given)

# The fixtures are only read.
LAW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def possible(options: LayerOptions) -> LayerOptions:
    """Without the pattern that matches nothing where another took the package."""
    given = tuple(each for each in options.exclude if not ("beta" in options.exclude and each == "*.txt"))
    return LayerOptions(
        exclude=given, slim=options.slim, bytecode=options.bytecode, interpreter=options.interpreter
    )


@LAW
@given(OPTIONS)
def test_what_stays_has_the_bytes_that_it_had(
    wheels: list[ReadWheel], cache: Cache, options: LayerOptions
) -> None:
    plain = tree(contents_of(wheels, LayerOptions(), cache))
    found = contents_of(wheels, possible(options), cache)
    for file in found.files:
        if not file.path.endswith(("/RECORD", ".pyc")):
            assert file.sha256 == plain[file.path]


@LAW
@given(OPTIONS, st.randoms(use_true_random=False))
def test_no_order_matters(
    wheels: list[ReadWheel], cache: Cache, options: LayerOptions, random: object
) -> None:
    given = possible(options)
    turned = LayerOptions(
        exclude=tuple(reversed(given.exclude)) + given.exclude,
        slim=given.slim,
        bytecode=given.bytecode,
        interpreter=given.interpreter,
    )
    assert turned.as_json() == given.as_json()
    one, other = contents_of(wheels, given, cache), contents_of(wheels[::-1], turned, cache)
    assert one.files == other.files
    assert one.removed == other.removed
    assert one.uncompiled == other.uncompiled


@LAW
@given(OPTIONS)
def test_each_record_lists_what_is_there_and_nothing_else(
    wheels: list[ReadWheel], cache: Cache, options: LayerOptions
) -> None:
    found = contents_of(wheels, possible(options), cache)
    sizes = {file.path: len(file.content) if file.file is None else file.file.size for file in found.files}
    listed: set[str] = set()
    for record in (file for file in found.files if file.path.endswith("/RECORD")):
        for path, (digest, size) in parse_record(record.content.decode()).items():
            listed.add(f"python/{path}")
            if digest:
                assert int(size) == sizes[f"python/{path}"]
                assert bytes.fromhex(tree(found)[f"python/{path}"]).hex() in hex_of(digest)
    assert listed == sizes.keys()


def hex_of(digest: str) -> str:
    import base64

    return base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "=").hex()


@LAW
@given(OPTIONS)
def test_what_is_there_and_what_is_removed_are_all_that_there_was(
    wheels: list[ReadWheel], cache: Cache, options: LayerOptions
) -> None:
    plain = contents_of(wheels, LayerOptions(), cache)
    found = contents_of(wheels, possible(options), cache)
    removed = [entry.path for entry in found.removed]
    there = set(tree(found))
    for path in tree(plain).keys() - there:
        assert [each for each in removed if path == each or (each.endswith("/") and path.startswith(each))]
    for each in removed:
        assert not [path for path in there if path == each or (each.endswith("/") and path.startswith(each))]


@LAW
@given(OPTIONS)
def test_slim_and_exclude_only_take_away_and_bytecode_only_adds(
    wheels: list[ReadWheel], cache: Cache, options: LayerOptions
) -> None:
    given = possible(options)
    without = LayerOptions(exclude=given.exclude, slim=given.slim)
    plain, pruned = (
        tree(contents_of(wheels, LayerOptions(), cache)),
        tree(contents_of(wheels, without, cache)),
    )
    ready = tree(contents_of(wheels, bytecode(without), cache))
    assert pruned.keys() <= plain.keys()
    assert pruned.keys() <= ready.keys()
    added = ready.keys() - pruned.keys()
    assert {path.rpartition("/__pycache__/")[0] for path in added} <= {
        path.rpartition("/")[0] for path in pruned if path.endswith(".py")
    }


def test_bytecode_takes_the_place_of_what_the_wheel_brought(wheels: list[ReadWheel], cache: Cache) -> None:
    interpreter = Interpreter.running()
    assert interpreter
    path = f"python/__pycache__/beta.{interpreter.tag}.pyc"
    found = contents_of(wheels, bytecode(), cache)
    (file,) = [file for file in found.files if file.path == path]
    assert file.sha256 != hashlib.sha256(BETA["__pycache__/beta.cpython-311.pyc"]).hexdigest()


def test_sources_without_bytecode_are_told(wheels: list[ReadWheel], cache: Cache) -> None:
    (told,) = contents_of(wheels, bytecode(), cache).uncompiled
    assert (told.path, told.package) == ("python/alpha/old.py", "alpha")
    assert told.reason.startswith("SyntaxError: ")
    assert not contents_of(wheels, bytecode(LayerOptions(exclude=("/alpha/old.py",))), cache).uncompiled


def test_a_package_that_is_left_out_takes_only_its_own(wheels: list[ReadWheel], cache: Cache) -> None:
    found = contents_of(wheels, LayerOptions(exclude=("alpha",)), cache)
    assert [read.wheel.name for read in found.wheels] == ["beta"]
    assert "python/ns/__init__.py" in tree(found)
    assert {entry.package for entry in found.removed} == {"alpha"}


@pytest.mark.parametrize("slim", [False, True])
def test_metadata_finds_every_file_of_every_distribution(
    wheels: list[ReadWheel], cache: Cache, tmp_path: Path, slim: bool
) -> None:
    found = contents_of(wheels, bytecode(LayerOptions(exclude=("*.txt",), slim=slim)), cache)
    unpacked(found, cache, tmp_path / "opt")
    distributions = list(importlib.metadata.distributions(path=[str(tmp_path / "opt/python")]))
    assert sorted(each.metadata["Name"] for each in distributions) == ["alpha", "beta"]
    for each in distributions:
        files = each.files or []
        assert files
        for file in files:
            content = file.read_binary()
            if file.hash:
                assert file.size == len(content)
                assert f"{file.hash.mode}={file.hash.value}" == record_hash(content)


def test_an_import_from_a_tree_with_bytecode_compiles_nothing(
    wheels: list[ReadWheel], cache: Cache, tmp_path: Path
) -> None:
    names = ["alpha", "beta", "ns"]
    for options, compiled in (
        (LayerOptions(), True),
        (bytecode(), False),
        (bytecode(LayerOptions(slim=True)), False),
    ):
        folder = tmp_path / f"opt {options.bytecode} {options.slim}"
        unpacked(contents_of(wheels, options, cache), cache, folder)
        found = compiled_sources(names, folder / "python")
        assert bool(found) == compiled, found


def test_tracebacks_name_the_file_as_lambda_has_it(
    wheels: list[ReadWheel], cache: Cache, tmp_path: Path
) -> None:
    unpacked(contents_of(wheels, bytecode(), cache), cache, tmp_path)
    interpreter = Interpreter.running()
    assert interpreter
    content = (tmp_path / f"python/alpha/__pycache__/core.{interpreter.tag}.pyc").read_bytes()
    assert b"/opt/python/alpha/core.py" in content
    assert str(tmp_path).encode() not in content


def test_the_files_are_those_that_uv_installs_and_compiles(tmp_path: Path) -> None:
    files: Sequence[tuple[str, Mapping[str, bytes]]] = [("alpha", ALPHA), ("beta", BETA)]
    house = tmp_path / "house"
    for name, content in files:
        make_wheel(house, name, files=content)
    cache = Cache(tmp_path / "cache")
    found = contents_of(
        [read_into(cache, house, name, content) for name, content in files], bytecode(), cache
    )
    install = [
        uv.find_uv_bin(),
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-index",
        "--find-links",
        str(house),
    ]
    install += ["--compile-bytecode", "--python", sys.executable, "--target", str(tmp_path / "theirs")]
    subprocess.run(
        [*install, "alpha", "beta"], check=True, capture_output=True, env={"PATH": "", "HOME": str(tmp_path)}
    )
    theirs = {
        path.relative_to(tmp_path / "theirs").as_posix()
        for path in (tmp_path / "theirs").rglob("*")
        if path.is_file()
    }
    own = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".lock"}
    assert {path for path in theirs if path.rpartition("/")[2] not in own} == {
        path.removeprefix("python/") for path in tree(found)
    }
