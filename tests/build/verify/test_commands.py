"""The command line: `verify` for layers and locks, and `layer --verify`, which leaves nothing that is bad."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from build.cache import Cache
from build.cli import main
from build.tree.manifest import BuiltLayer
from build.unchanged import recalled

from ..index_fixtures import Lock
from .conftest import Layer, Wheel, Zip, dist_info
from .elf_files import make_elf

PROJECT = Path(__file__).resolve().parents[3]
FOR = ("--python", "3.12")
Out = pytest.CaptureFixture[str]
Lines = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def own_cache(cache: Cache, no_settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMINA_CACHE", str(cache.root))
    monkeypatch.delenv("LAMINA_REMOTE", raising=False)


@pytest.fixture
def house(wheel: Wheel, tmp_path: Path) -> Path:
    """Wheels of which some are good, one is bad, and one is doubtful."""
    wheel("good")
    wheel(
        "bad",
        files={"bad/_fast.so": make_elf("x86_64", versions={"libc.so.6": ["GLIBC_2.99"]})},
        requires=["nothing"],
    )
    wheel("doubtful", requires=["boto3"])
    return tmp_path / "house"


@pytest.fixture
def locked(house: Path, lock: Lock) -> Callable[..., str]:
    def locked(*names: str) -> str:
        pins = (f"{name}==1.0 --hash=sha256:{_sha256(house, name)}" for name in names)
        return str(lock("--no-index", f"--find-links {house}", *pins))

    return locked


def _sha256(house: Path, name: str) -> str:
    (wheel,) = house.glob(f"{name}-1.0-*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


GLIBC = (
    "error: bad python/bad/_fast.so: it needs glibc with GLIBC_2.99, and python3.12 has 2.34; pin a version "
    "with a wheel for an older system, choose a newer Python, or exclude the file if nothing loads it"
)
LACKS = "error: bad: it requires nothing, which is not in the layer; add nothing to the lock"
BOTO3 = (
    "warning: doubtful: it requires boto3, which comes from the runtime, in a version that AWS changes "
    "without notice; add boto3 to the lock"
)


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()} if folder.exists() else set()


def test_a_good_lock_passes(locked: Callable[..., str], capsys: Out) -> None:
    assert main(["verify", locked("good"), *FOR]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[0] == "the largest packages"
    assert out.splitlines()[-1] == "passed: nothing was found"


def test_a_bad_lock_fails_with_all_that_is_wrong(locked: Callable[..., str], capsys: Out) -> None:
    assert main(["verify", locked("bad", "good", "doubtful"), *FOR]) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[:4] == [LACKS, GLIBC, BOTO3, ""]
    assert out.splitlines()[-1] == "failed: 2 errors, 1 warning"


def test_warnings_alone_pass(locked: Callable[..., str], capsys: Out) -> None:
    assert main(["verify", locked("doubtful"), *FOR]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == BOTO3
    assert out.splitlines()[-1] == "passed: 1 warning"


def test_a_zip_and_its_manifest_give_the_locks_verdict(
    locked: Callable[..., str], tmp_path: Path, capsys: Out
) -> None:
    lock = locked("bad", "doubtful")
    assert main(["layer", lock, *FOR, "--output", str(tmp_path / "out"), "--json"]) == 0
    archive = json.loads(capsys.readouterr().out)["zip"]
    answers = set()
    for given in ([lock, *FOR], [archive], [str(Path(archive).with_suffix(".json"))]):
        assert main(["verify", *given]) == 2
        answers.add(capsys.readouterr().out)
    assert len(answers) == 1


def test_programs_get_one_object(locked: Callable[..., str], capsys: Out) -> None:
    assert main(["verify", locked("bad", "doubtful"), *FOR, "--json"]) == 2
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert (list(answer), err) == (["ok", "findings", "largest"], "")
    assert answer["ok"] is False
    assert [list(each) for each in answer["findings"]] == [["level", "package", "file", "what", "todo"]] * 3
    assert [(each["level"], each["package"]) for each in answer["findings"]] == [
        ("error", "bad"), ("error", "bad"), ("warning", "doubtful"),
    ]  # fmt: skip
    assert [list(each) for each in answer["largest"]] == [["package", "size", "share"]] * 2


def test_what_is_looked_for_can_be_said(locked: Callable[..., str], capsys: Out) -> None:
    lock = locked("good")
    more = ["--require", "good", "--require", "godo", "--beside", "262144000", "--layers", "6"]
    assert main(["verify", lock, *FOR, *more]) == 2
    out = capsys.readouterr().out
    assert "error: there is no module godo in the layer; did you mean good?" in out
    assert "unzipped with the 262.1 MB beside it; Lambda takes 262.1 MB" in out
    assert "error: the function would have 6 layers, and may have 5" in out


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--slim"], "--slim is for a lock"),
        (["--exclude", "boto3"], "--exclude is for a lock"),
        (["--bytecode", "--extra", "x"], "--extra, --bytecode are for a lock"),
        (
            ["--require-hashes", "--refresh", "--group", "x"],
            "--group, --require-hashes, --refresh are for a lock",
        ),
        (["--prefer", "a=b"], "--prefer is for a lock"),
    ],
)
def test_what_is_for_a_lock_is_refused_with_a_layer(
    layer: Layer, wheel: Wheel, capsys: Out, given: list[str], named: str
) -> None:
    built: BuiltLayer = layer(wheel())
    assert main(["verify", str(built.zip), *given]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"error: {built.zip} is a layer, which is taken as it is: {named}\n")


def test_a_layer_knows_what_it_is_for_and_another_target_can_be_given(
    layer: Layer, wheel: Wheel, capsys: Out
) -> None:
    built = layer(wheel(files={"demo/_fast.so": make_elf(versions={"libc.so.6": ["GLIBC_2.28"]})}))
    assert main(["verify", str(built.zip)]) == 0
    capsys.readouterr()
    assert main(["verify", str(built.zip), "--python", "3.11"]) == 2
    assert "glibc with GLIBC_2.28, and python3.11 has 2.26" in capsys.readouterr().out


def test_a_foreign_zip_needs_a_target(foreign: Zip, capsys: Out) -> None:
    path = foreign({"python/demo.py": b"", **dist_info("demo")})
    assert main(["verify", str(path)]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith(f"error: {path} does not say what it is for: say it by --python X.Y")
    assert main(["verify", str(path), *FOR]) == 0


def test_a_lock_needs_a_target(locked: Callable[..., str], capsys: Out) -> None:
    lock = locked("good")
    assert main(["verify", lock]) == 2
    assert capsys.readouterr().err.startswith(f"error: {lock} is a lock: say what for by --python X.Y")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("layer.zip", b"PK no zip", "is not a sound zip archive: File is not a zip file"),
        ("layer.json", b"{}", "is not a layer's manifest; give the .json beside its zip, the zip, or a lock"),
        (
            "layer.json",
            b"no JSON",
            "is not a layer's manifest; give the .json beside its zip, the zip, or a lock",
        ),
    ],
)
def test_what_is_no_layer_is_one_line(
    tmp_path: Path, capsys: Out, name: str, content: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["verify", str(path), *FOR]) == 2
    assert capsys.readouterr() == ("", f"error: {path} {reason}\n")


def test_a_manifest_without_its_zip_is_one_line(layer: Layer, wheel: Wheel, capsys: Out) -> None:
    built = layer(wheel())
    built.zip.unlink()
    assert main(["verify", str(built.manifest)]) == 2
    err = capsys.readouterr().err
    assert err == f"error: {built.manifest} is a manifest, and its zip is not beside it\n"


def test_what_is_not_there_is_one_line(tmp_path: Path, capsys: Out) -> None:
    assert main(["verify", str(tmp_path / "none.zip"), *FOR]) == 2
    assert capsys.readouterr() == (
        "",
        f"error: {tmp_path / 'none.zip'} cannot be read: No such file or directory\n",
    )


def test_a_bad_name_of_a_module_is_told_before_anything_is_built(
    locked: Callable[..., str], tmp_path: Path, capsys: Out, cache: Cache
) -> None:
    lock = locked("good")
    for command in (["verify", lock], ["layer", lock, "--output", str(tmp_path / "out")]):
        assert main([*command, *FOR, "--require", "a-b"]) == 2
        assert capsys.readouterr() == (
            "",
            "error: 'a-b' is not the name of a module; write it as an import does, such as PIL.Image\n",
        )
    assert files(tmp_path / "out") == set()
    assert not (cache.root / "wheels").exists()


# layer --verify


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., int]:
    def built(lock: str, *more: str) -> int:
        return main(["layer", lock, *FOR, "--output", str(tmp_path / "out"), *more])

    return built


@pytest.mark.parametrize("more", [["--verify"], ["--require", "good"], ["--beside", "1"], ["--layers", "2"]])
def test_a_bad_layer_leaves_nothing_and_tells_everything(
    locked: Callable[..., str], built: Callable[..., int], tmp_path: Path, capsys: Out, more: list[str]
) -> None:
    assert built(locked("bad", "good", "doubtful"), *more) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[:3] == [LACKS, GLIBC, BOTO3]
    assert lines[-1] == (
        "error: the layer layer would not work in Lambda: verification found 2 errors, told above"
    )
    assert files(tmp_path / "out") == set()


def test_what_was_there_before_a_bad_layer_stays(
    locked: Callable[..., str], built: Callable[..., int], tmp_path: Path
) -> None:
    assert built(locked("good"), "--verify") == 0
    assert built(locked("bad")) == 0
    before = {each: each.read_bytes() for each in (tmp_path / "out").iterdir()}
    assert len(before) == 6
    assert built(locked("bad"), "--verify") == 2
    assert built(locked("bad", "good"), "--verify") == 2
    assert {each: each.read_bytes() for each in (tmp_path / "out").iterdir()} == before


def test_what_cannot_be_verified_leaves_nothing(
    locked: Callable[..., str],
    built: Callable[..., int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Out,
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr("build.verify.subject.inspection_of", broken)
    assert built(locked("good"), "--verify") == 1
    assert capsys.readouterr() == ("", f"error: {tmp_path}: No space left on device\n")
    assert files(tmp_path / "out") == set()


def test_a_layer_that_passes_is_built_and_its_warnings_are_told(
    locked: Callable[..., str], built: Callable[..., int], tmp_path: Path, capsys: Out
) -> None:
    assert built(locked("good", "doubtful"), "--verify") == 0
    out, err = capsys.readouterr()
    assert err == f"{BOTO3}\n"
    assert out.splitlines()[-1].endswith(".zip")
    assert len(files(tmp_path / "out")) == 3
    assert built(locked("good", "doubtful"), "--verify", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_programs_get_the_verdict_with_the_layer(
    locked: Callable[..., str], built: Callable[..., int], capsys: Out
) -> None:
    assert built(locked("doubtful"), "--verify", "--json") == 0
    verification = json.loads(capsys.readouterr().out)["verification"]
    assert (verification["ok"], len(verification["findings"])) == (True, 1)
    assert verification["findings"][0]["package"] == "doubtful"
    assert built(locked("doubtful"), "--json") == 0
    assert "verification" not in json.loads(capsys.readouterr().out)


def test_an_unchanged_build_tells_its_warnings_again(
    locked: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    command = ["layer", locked("doubtful"), *FOR, "--output", str(tmp_path / "out"), "--verify"]
    one, other = (
        subprocess.run([sys.executable, "-m", "build", *command], capture_output=True, text=True, check=True)
        for _ in range(2)
    )
    assert (one.stdout, one.stderr) == (other.stdout, other.stderr)
    assert other.stderr == f"{BOTO3}\n"
    assert recalled(command) == (one.stdout, one.stderr)


def test_a_bad_layer_is_never_answered_from_a_note(locked: Callable[..., str], tmp_path: Path) -> None:
    command = ["layer", locked("bad"), *FOR, "--output", str(tmp_path / "out"), "--verify"]
    for _ in range(2):
        assert main(command) == 2
        assert recalled(command) is None


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["--verify"], "--verify"),
        (["--require", "good"], "--require"),
        (["--verify", "--beside", "1", "--layers", "2"], "--verify, --beside, --layers"),
    ],
)
def test_without_a_zip_nothing_can_be_verified(
    locked: Callable[..., str],
    built: Callable[..., int],
    tmp_path: Path,
    capsys: Out,
    more: list[str],
    named: str,
) -> None:
    assert built(locked("good"), "--remote", "s3://none/none", "--no-zip", *more) == 2
    err = capsys.readouterr().err
    assert err == f"error: --no-zip: a layer is verified by its zip; leave out {named}\n"
    assert files(tmp_path / "out") == set()
