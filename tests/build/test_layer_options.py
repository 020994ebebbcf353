"""Layers with options: what the digest, the manifest and the cache make of them."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build.cache import Cache
from build.cli import main
from build.errors import UserError
from build.layer import assemble
from build.lock.selection import LockedWheel
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import LayerOptions

from .conftest import Admit
from .wheelhouse import make_wheel

OWN = Target(f"{sys.version_info.major}.{sys.version_info.minor}", "x86_64")
FILES = {
    "demo/__init__.py": b"value = 1\n",
    "demo/old.py": b"print 'two'\n",
    "demo/tests/test_demo.py": b"",
    "demo/note.txt": b"",
}
Build = Callable[..., BuiltLayer]


@pytest.fixture
def wheel(admit: Admit, tmp_path: Path) -> LockedWheel:
    return admit(make_wheel(tmp_path, "demo", files=FILES))


@pytest.fixture
def build(cache: Cache, wheel: LockedWheel, tmp_path: Path) -> Build:
    def build(output: str = "out", **options: Any) -> BuiltLayer:
        given = LayerOptions(**options)
        where = tmp_path / output
        return assemble([wheel], target=OWN, name="d", output=where, options=given, cache=cache)

    return build


def manifests(built: BuiltLayer) -> tuple[dict[str, Any], dict[str, Any]]:
    with zipfile.ZipFile(built.zip) as archive:
        return json.loads(built.manifest.read_bytes()), json.loads(archive.read("lamina.json"))


def test_each_option_makes_another_digest_and_none_the_one_without(build: Build) -> None:
    given: list[dict[str, Any]] = [{}, {"slim": True}, {"exclude": ("*.txt",)}, {"bytecode": True}]
    assert len({build(**options).digest for options in given}) == 4
    assert build(slim=False, exclude=(), bytecode=False).digest == build().digest


def test_the_manifests_say_what_was_asked_for(build: Build) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    for manifest in manifests(build(slim=True, exclude=("*.txt", "*.txt"), bytecode=True)):
        assert manifest["options"]["slim"] is True
        assert manifest["options"]["exclude"] == ["*.txt"]
        assert manifest["options"]["bytecode"]["python"] == version
    for manifest in manifests(build()):
        assert manifest["options"] == {}


def test_the_manifest_beside_the_zip_says_what_was_removed_and_what_has_no_bytecode(build: Build) -> None:
    outer, inner = manifests(build(slim=True, exclude=("*.txt",), bytecode=True))
    assert outer["removed"] == [
        {"path": "python/demo/note.txt", "package": "demo", "size": 0, "files": 1},
        {"path": "python/demo/tests/", "package": "demo", "size": 0, "files": 1},
    ]
    (told,) = outer["uncompiled"]
    assert (told["path"], told["package"]) == ("python/demo/old.py", "demo")
    assert not inner.keys() & {"removed", "uncompiled"}
    assert not manifests(build())[0].keys() & {"removed", "uncompiled"}


def test_a_package_counts_its_bytecode_and_not_what_was_removed(build: Build) -> None:
    (plain,), (pruned,), (ready,) = (
        build(**options).packages for options in ({}, {"exclude": ("*.txt",)}, {"bytecode": True})
    )
    assert pruned.files == plain.files - 1
    # Of two sources that compile, for the third does not.
    assert ready.files == plain.files + 2
    assert ready.size > plain.size


def test_a_layer_with_all_packages_left_out_is_empty_but_for_its_manifest(build: Build) -> None:
    built = build(exclude=("demo",))
    assert built.packages == ()
    with zipfile.ZipFile(built.zip) as archive:
        assert archive.namelist() == ["lamina.json"]
    assert {each["package"] for each in built.removed} == {"demo"}


def test_a_second_build_gives_the_same_bytes_from_what_the_cache_has(
    build: Build, cache: Cache, wheel: LockedWheel
) -> None:
    first = build(bytecode=True, slim=True)
    second = build("again", bytecode=True, slim=True)
    assert second.zip.read_bytes() == first.zip.read_bytes()
    assert (second.removed, second.uncompiled) == (first.removed, first.uncompiled)
    # What was kept is taken away, as a prune would; the wheel alone is enough.
    for path in cache.source_path("bytecode/00").parent.parent.rglob("*"):
        if path.is_file():
            path.unlink()
    third = build("third", bytecode=True, slim=True)
    assert third.zip.read_bytes() == first.zip.read_bytes()


def test_bytecode_for_a_python_that_is_not_here_is_refused_with_the_way_to_get_it(
    cache: Cache, wheel: LockedWheel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMINA_PYTHON_3_13", str(tmp_path / "nowhere"))
    options = LayerOptions(bytecode=True)
    with pytest.raises(UserError, match=r"LAMINA_PYTHON_3_13 names \S+nowhere, which cannot be run"):
        assemble(
            [wheel], target=Target("3.13", "arm64"), name="d", output=tmp_path, options=options, cache=cache
        )
    assert not list(tmp_path.glob("*.zip"))


def test_the_command_line_takes_all_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = make_wheel(tmp_path / "house", "demo", files=FILES)
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"--no-index\n--find-links {path.parent}\ndemo==1.0\n")
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    command = ["layer", str(lock), "--python", OWN.python, "--output", str(tmp_path / "out"), "--json"]
    assert main([*command, "--bytecode", "--slim", "--exclude", "*.txt", "--exclude", "**/old.py"]) == 0
    built = json.loads(capfd.readouterr().out)
    manifest = json.loads(Path(built["zip"]).with_suffix(".json").read_bytes())
    assert manifest["options"].keys() == {"bytecode", "exclude", "slim"}
    assert main([*command[:-1], "--bytecode", "--slim"]) == 0
    said = capfd.readouterr().out
    assert "left out: 1 file, 0 B; the manifest lists them" in said
    assert "without bytecode: 1 source that does not compile; the manifest lists them" in said
    assert main([*command, "--exclude", "*.md", "--exclude", "/demo/node.txt"]) == 2
    said = capfd.readouterr().err
    assert "exclude *.md: matches no file of the layer" in said
    assert "exclude /demo/node.txt: matches no file of the layer (is it demo/note.txt" in said
    assert len(said.splitlines()) == 2


def test_without_bytecode_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    script = (
        "import sys, build.layer; loaded = {name for name in sys.modules if name.startswith('build.')}; "
        "print(*loaded & {'build.interpreters', 'build.tree.bytecode', 'build.tree.compilers', "
        "'build.tree.pruning', 'build.tree.slimming', 'build.tree.contents'})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_missing_interpreter_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"--no-index\n--find-links {tmp_path}\nno-such-package==1.0\n")
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("LAMINA_PYTHON_3_10", str(tmp_path / "nowhere"))
    assert main(["layer", str(lock), "--python", "3.10", "--bytecode", "--output", str(tmp_path)]) == 2
    said = capfd.readouterr().err
    assert said.startswith("error: LAMINA_PYTHON_3_10 names ")
    assert said.endswith("which cannot be run as a released CPython; name a Python 3.10\n")
