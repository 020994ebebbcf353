"""`verify`, `diff` and `report`: whatever is given counts, and what would not is refused by name."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.cli import main
from build.errors import UserError
from build.report.reading import target_for
from build.target import ARCHITECTURES, RUNTIMES, Target
from build.tree.manifest import BuiltLayer

from ..verify.elf_files import make_elf
from .layers import Make

NATIVE = "native.cpython-312-x86_64-linux-gnu.so"

PYTHONS, PROCESSORS = st.sampled_from(sorted(RUNTIMES)), st.sampled_from(ARCHITECTURES)
NAMED = st.fixed_dictionaries(
    {}, optional={"runtime": PYTHONS.map("python{}".format), "architecture": PROCESSORS}
)


@pytest.fixture
def layer(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuiltLayer:
    """A layer for Python 3.12 on x86_64, which is no good on arm64; its lock is `lock.txt`."""
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    return make({"native": ("1.0", {NATIVE: make_elf(module="native"), "native.pyi": b""})})


@pytest.fixture
def foreign(layer: BuiltLayer, tmp_path: Path) -> Path:
    """The same as another maker packs it: nothing in it says what it is for."""
    path = tmp_path / "foreign.zip"
    with zipfile.ZipFile(layer.zip) as whole, zipfile.ZipFile(path, "w") as other:
        for name in whole.namelist():
            if name != "lamina.json":
                other.writestr(name, whole.read(name))
    return path


@given(NAMED, st.none() | PYTHONS, st.none() | PROCESSORS)
def test_what_is_given_of_a_target_counts_and_the_rest_is_what_the_layer_names(
    named: Mapping[str, str], python: str | None, architecture: str | None
) -> None:
    found = target_for(named, python, architecture)
    told = named.get("runtime", "").removeprefix("python")
    if python or told:
        processor = architecture or named.get("architecture", "x86_64")
        assert found == Target(python or told, processor)
    else:
        assert found is None


def test_a_layer_of_a_runtime_that_lambda_no_longer_has_still_names_its_processor() -> None:
    named = {"runtime": "python3.6", "architecture": "arm64"}
    assert target_for(named) is None
    assert target_for(named, "3.12") == Target("3.12", "arm64")


def test_a_processor_that_lambda_lacks_is_told_before_a_missing_python() -> None:
    with pytest.raises(UserError, match=r"^Lambda has no architecture 'mips'; there are x86_64 and arm64$"):
        target_for(None, None, "mips")


@pytest.mark.parametrize("kind", ["zip", "manifest"])
def test_an_architecture_alone_is_verified_with_the_python_of_the_layer(
    layer: BuiltLayer, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(getattr(layer, kind))
    assert main(["verify", path]) == 0
    assert main(["verify", path, "--architecture", "x86_64"]) == 0
    assert main(["verify", path, "--architecture", "arm64"]) == 2
    assert "and python3.12 on arm64 cannot import it" in capsys.readouterr().out
    assert main(["verify", path, "--python", "3.13"]) == 2
    assert "and python3.13 on x86_64 cannot import it" in capsys.readouterr().out


def test_a_page_is_of_the_architecture_that_is_given(layer: BuiltLayer, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert main(["report", str(layer.zip), "--architecture", "arm64", "--output", str(page)]) == 0
    assert "python3.12 on arm64 cannot import it" in page.read_text()


@pytest.mark.parametrize("command", ["verify", "report"])
def test_an_architecture_alone_does_not_say_what_another_maker_s_zip_is_for(
    foreign: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = f"error: {foreign} does not say what it is for: say it by --python X.Y and --architecture\n"
    assert main([command, str(foreign), "--architecture", "arm64"]) == 2
    assert capsys.readouterr().err == told
    assert main([command, str(foreign), "--require", "native"]) == 2
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("command", ["verify", "report"])
def test_a_lock_needs_a_python(
    layer: BuiltLayer, tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = str(tmp_path / "lock.txt")
    for more in ([], ["--architecture", "arm64"]):
        assert main([command, lock, *more]) == 2
        told = f"error: {lock} is a lock: say what for by --python X.Y, and --architecture where it matters\n"
        assert capsys.readouterr().err == told


def test_a_lock_is_read_for_the_rest_of_the_target_of_the_layer_beside_it(
    layer: BuiltLayer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = str(tmp_path / "lock.txt")
    assert main(["diff", str(layer.manifest), lock, "--architecture", "arm64"]) == 0
    assert capsys.readouterr().out.startswith("the digest changed: architecture: x86_64 → arm64\n")
    assert main(["report", lock, "--against", str(layer.zip), "--architecture", "arm64"]) == 0
    assert "architecture: x86_64 → arm64" in (tmp_path / "lock.html").read_text()


@pytest.mark.parametrize("kind", ["zip", "manifest"])
@pytest.mark.parametrize("command", ["verify", "diff", "report"])
def test_what_says_how_a_lock_is_built_is_refused_for_a_layer_by_name(
    layer: BuiltLayer, kind: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(getattr(layer, kind))
    paths = {"verify": [path], "diff": [path, path], "report": [path]}[command]
    told = "are layers, which are taken as they are" if command == "diff" else "is a layer, which is taken"
    assert main([command, *paths, "--slim", "--exclude", "x", "--prefer", "a=b", "--bytecode"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.endswith(": --prefer, --exclude, --slim, --bytecode are for a lock\n")
    assert err.count("\n") == 1


def test_what_says_how_a_lock_is_read_is_refused_for_a_layer_by_name(
    layer: BuiltLayer, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(layer.zip)
    more = ["--extra", "a", "--group", "b", "--require-hashes", "--refresh"]
    assert main(["verify", path, *more]) == 2
    told = f"error: {path} is a layer, which is taken as it is: {{}} for a lock\n"
    assert capsys.readouterr().err == told.format("--extra, --group, --require-hashes, --refresh are")
    assert main(["verify", path, "--slim"]) == 2
    assert capsys.readouterr().err == told.format("--slim is")


def test_two_layers_are_compared_for_no_target(layer: BuiltLayer, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(layer.zip), str(layer.manifest)]
    assert main(["diff", *paths, "--python", "3.12", "--architecture", "arm64"]) == 2
    assert capsys.readouterr().err.endswith(": --python, --architecture are for a lock\n")


def test_two_locks_are_both_read_with_target_and_options(
    layer: BuiltLayer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock, other = tmp_path / "lock.txt", tmp_path / "other.txt"
    other.write_text(lock.read_text())
    command = ["diff", str(lock), str(other), "--json"]
    target = ["--python", "3.12", "--architecture", "arm64"]
    found = []
    for more in (target, [*target, "--slim"]):
        assert main([*command, *more]) == 0
        found.append(json.loads(capsys.readouterr().out))
    for each in found:
        assert each["before"] == each["after"]
    plain, slim = (each["before"] for each in found)
    assert slim["digest"] not in {plain["digest"], None}
    assert slim["files"] == plain["files"] - 1


def test_what_pins_do_not_know_is_refused_where_locks_are_compared_by_them(
    layer: BuiltLayer, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = str(tmp_path / "lock.txt")
    assert main(["diff", lock, lock]) == 0
    capsys.readouterr()
    for other in (lock, str(foreign)):
        assert main(["diff", lock, other, "--slim", "--architecture", "arm64"]) == 2
        assert capsys.readouterr().err == (
            "error: locks are compared by their pins alone where nothing says for which Python: "
            "--slim, --architecture need --python X.Y\n"
        )


def test_what_is_to_be_looked_for_is_refused_where_there_is_no_zip(
    layer: BuiltLayer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layer.zip.unlink()
    for path, more in ((layer.manifest, []), (tmp_path / "lock.txt", ["--python", "3.12"])):
        assert main(["report", str(path), "--require", "native", "--beside", "1M", *more]) == 2
        told = f"{path} has no zip, which is what is verified: --require, --beside cannot be told"
        assert capsys.readouterr().err == f"error: {told}\n"
