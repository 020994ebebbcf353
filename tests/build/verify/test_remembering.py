"""Verdicts are kept: what is known is not found out again, and what is asked otherwise is."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from build.cache import Cache, kinds
from build.interpreters import Interpreter
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.tree.options import LayerOptions
from build.verify import Verdict, Wanted, verify_layer, verify_zip
from build.verify import checks as checking
from build.wheel import inspection

from .conftest import Layer, Wheel, dist_info
from .elf_files import make_elf

Forget = Callable[[], None]


@pytest.fixture
def bad(layer: Layer, wheel: Wheel, own: Target) -> BuiltLayer:
    """A layer with findings of every kind."""
    elf = make_elf(own.machine, needed=["libnowhere.so"], versions={"libc.so.6": ["GLIBC_2.99"]})
    one = wheel(
        "alpha",
        files={"alpha/_fast.so": elf, "alpha/__init__.py": b""},
        requires=["beta>=2", "boto3", "gone"],
    )
    two = wheel(
        "beta", files={"beta.py": b"", "more/__init__.py": b"", "more/data.txt": b"x"}, requires=["nothing"]
    )
    return layer(one, two, wheel("gone"), target=own, options=LayerOptions(exclude=("gone",)))


@pytest.fixture
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> Forget:
    """From when it is called on, nothing is looked at and nothing is started."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a verdict that is known is found out again")

    def forbid() -> None:
        monkeypatch.setattr(checking, "verdict_of", forbidden)
        monkeypatch.setattr(inspection, "inspected", forbidden)
        monkeypatch.setattr("build.verify.subject.inspected", forbidden)
        monkeypatch.setattr(subprocess, "Popen", forbidden)

    return forbid


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted.of(beside=10, layers=6)], ids=["as it is", "beside others"]
)
def test_the_second_verdict_is_the_first_and_reads_nothing(
    bad: BuiltLayer, cache: Cache, own: Target, wanted: Wanted, nothing_is_read: Forget
) -> None:
    first = verify_layer(bad, own, cache, wanted)
    assert {each.level for each in first.findings} == {"error", "warning"}
    nothing_is_read()
    for each in bad.packages:
        cache.wheel_path(each.sha256).unlink()
    second = verify_layer(bad, own, cache, wanted)
    assert second == first
    assert second.as_json() == first.as_json()
    assert type(second.findings[0]) is type(first.findings[0])


def test_modules_that_could_be_imported_are_not_imported_again(
    layer: Layer, wheel: Wheel, cache: Cache, own: Target, nothing_is_read: Forget
) -> None:
    built, wanted = layer(wheel(), target=own), Wanted.of(["demo"])
    first = verify_layer(built, own, cache, wanted)
    assert [each.level for each in first.findings] == ["note"]
    nothing_is_read()
    assert verify_layer(built, own, cache, wanted) == first


def test_the_verdict_on_a_foreign_zip_is_kept_too_wherever_it_lies(
    check_zip: Callable[..., Verdict], cache: Cache, target: Target, tmp_path: Path, nothing_is_read: Forget
) -> None:
    first = check_zip(dist_info("demo", "1.0", "nothing"))
    nothing_is_read()
    (tmp_path / "foreign.zip").rename(tmp_path / "other.zip")
    assert verify_zip(tmp_path / "other.zip", target, cache) == first


def test_another_question_gets_another_answer(bad: BuiltLayer, cache: Cache, own: Target) -> None:
    plain = verify_layer(bad, own, cache)
    others = [
        Wanted.of(["nobody"]),
        Wanted.of(["beta"]),
        Wanted.of(beside=262_144_000),
        Wanted.of(layers=6),
    ]
    verdicts = [verify_layer(bad, own, cache, each) for each in others]
    assert all(set(each.findings) > set(plain.findings) for each in verdicts)
    assert len({each.findings for each in verdicts}) == 4
    assert verify_layer(bad, own, cache) == plain


def test_what_follows_from_the_target_is_found_anew_for_each(
    layer: Layer, wheel: Wheel, cache: Cache
) -> None:
    one = wheel(files={"demo/_fast.so": make_elf(versions={"libc.so.6": ["GLIBC_2.28"]})})
    levels = []
    for python in ("3.11", "3.12", "3.11"):
        target = Target(python, "x86_64")
        levels.append(
            [each.level for each in verify_layer(layer(one, target=target), target, cache).findings]
        )
    assert levels == [["error"], [], ["error"]]


def test_another_zip_gets_another_answer(layer: Layer, wheel: Wheel, cache: Cache, target: Target) -> None:
    one = layer(wheel(requires=["nothing"]))
    other = layer(wheel("other"))
    assert verify_layer(one, target, cache).errors
    assert not verify_layer(other, target, cache).errors


@pytest.mark.parametrize("kind", [kinds.FINDINGS, kinds.INSPECTIONS])
def test_what_was_kept_in_another_format_is_not_read(
    bad: BuiltLayer, cache: Cache, own: Target, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    first = verify_layer(bad, own, cache)
    monkeypatch.setitem(kinds._FORMATS, kind, 99)
    if kind == kinds.INSPECTIONS:
        shutil.rmtree(cache.root / kinds.FINDINGS)
    looked: list[str] = []
    real = checking.verdict_of if kind == kinds.FINDINGS else inspection.inspected

    def counted(*given: object) -> object:
        looked.append("")
        return real(*given)  # type: ignore[arg-type]

    place = (checking, "verdict_of") if kind == kinds.FINDINGS else (inspection, "inspected")
    monkeypatch.setattr(*place, counted)
    assert verify_layer(bad, own, cache) == first
    assert len(looked) == (1 if kind == kinds.FINDINGS else len(bad.packages))


def test_what_is_known_of_a_wheel_serves_every_layer_that_has_it(
    layer: Layer, wheel: Wheel, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = inspection.inspected

    def counted(path: Path, label: str) -> object:
        looked.append(label)
        return real(path, label)

    monkeypatch.setattr(inspection, "inspected", counted)
    wheels = [wheel(name) for name in ("alpha", "beta", "gamma")]
    for some in (wheels[:2], wheels[1:], wheels):
        verify_layer(layer(*some), target, cache)
    assert looked == [f"{name}-1.0-py3-none-any.whl" for name in ("alpha", "beta", "gamma")]


@pytest.mark.parametrize("require", [(), ("beta", "nobody")], ids=["", "with modules"])
def test_a_layer_whose_wheels_are_not_here_gets_the_same_verdict(
    bad: BuiltLayer, cache: Cache, own: Target, tmp_path: Path, require: tuple[str, ...]
) -> None:
    by_wheels = verify_layer(bad, own, cache, Wanted.of(require))
    by_zip = verify_layer(bad, own, Cache(tmp_path / "elsewhere"), Wanted.of(require))
    assert by_zip == by_wheels
    assert verify_zip(bad.zip, own, Cache(tmp_path / "third"), Wanted.of(require)) == by_wheels


def test_another_interpreter_tries_the_modules_anew(
    layer: Layer, wheel: Wheel, cache: Cache, own: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, wanted = layer(wheel(), target=own), Wanted.of(["demo"])
    first = verify_layer(built, own, cache, wanted)
    running = Interpreter.running()
    assert running
    other = replace(running, version=f"{own.python}.99")
    for module in ("build.interpreters", "build.verify.probe"):
        monkeypatch.setattr(f"{module}.find_interpreter", lambda *_: other)
    second = verify_layer(built, own, cache, wanted)
    assert second != first
    assert second.findings[0].what == f"imported by Python {own.python}.99: demo"
    # Without a module to import, it makes no difference.
    assert verify_layer(built, own, cache) == verify_layer(built, own, cache, Wanted())


def test_another_kind_of_machine_tries_the_modules_anew(
    layer: Layer, wheel: Wheel, cache: Cache, own: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, wanted = layer(wheel(), target=own), Wanted.of(["demo"])
    with monkeypatch.context() as patch:
        patch.setattr(platform, "machine", lambda: "riscv64")
        patch.setattr(os, "uname", lambda: SimpleNamespace(machine="riscv64"))
        (found,) = verify_layer(built, own, cache, wanted).findings
        assert found.what.startswith("the modules were not imported")
    (found,) = verify_layer(built, own, cache, wanted).findings
    assert found.what.startswith("imported by")


def test_what_failed_of_the_moment_is_tried_again(
    layer: Layer, wheel: Wheel, cache: Cache, own: Target, tmp_path: Path
) -> None:
    # As a machine short of memory or time would fail.
    flag = tmp_path / "flag"
    built = layer(wheel(files={"demo.py": f"open({str(flag)!r})".encode()}), target=own)
    wanted = Wanted.of(["demo"])
    assert verify_layer(built, own, cache, wanted).errors
    flag.touch()
    assert verify_layer(built, own, cache, wanted).errors == ()


def test_a_cache_that_can_only_be_read_does(
    bad: BuiltLayer, cache: Cache, own: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    first = verify_layer(bad, own, cache)
    shutil.rmtree(cache.root / kinds.FINDINGS)
    shutil.rmtree(cache.root / kinds.INSPECTIONS)
    monkeypatch.setattr("build.cache.entries.make_temporary", refuse)
    assert verify_layer(bad, own, cache) == first
