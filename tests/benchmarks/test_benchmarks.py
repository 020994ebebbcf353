"""The benchmark runs what it says, measures whole processes, and fails where a promise is broken."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import _verdict, main
from benchmarks.comparison import Comparison, Row, Way, compare
from benchmarks.external import external
from benchmarks.floor import copy_and_hash
from benchmarks.growth import growth
from benchmarks.process import ProcessError, measured
from benchmarks.ways import warm, zip_name, zipped
from build.wheel.facts import files_of
from build.wheel.reading import read_facts
from tests.build.wheelhouse import make_wheel


def test_the_floor_copies_and_hashes_every_wheel(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"a")
    (tmp_path / "b.whl").write_bytes(b"b" * (2 << 20))
    found = copy_and_hash(tmp_path, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"a" + b"b" * (2 << 20)
    assert found == hashlib.sha256((tmp_path / "out").read_bytes()).hexdigest()


def test_a_process_is_measured_whole(tmp_path: Path) -> None:
    hungry = [sys.executable, "-c", "import time; kept = b'x' * (300 << 20); time.sleep(0.05)"]
    run = measured(hungry, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    assert run.peak > 300 << 20
    assert run.seconds > 0.05


def test_a_process_is_given_what_it_reads(tmp_path: Path) -> None:
    code = "import sys; sys.exit(sys.stdin.buffer.read() != b'a query')"
    command = [sys.executable, "-c", code]
    measured(command, cwd=tmp_path, environment=os.environ, log=tmp_path / "log", stdin=b"a query")
    with pytest.raises(ProcessError, match="exited with 1"):
        measured(command, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")


def test_a_peer_joins_where_it_is_named_and_is_missed_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LAMINA_PACKAGE_PY", raising=False)
    compared = external(tmp_path / "lock", tmp_path)
    assert [(way.name, way.most) for way in compared.ways] == [
        ("python -c pass", None),
        ("lamina external", 3),
    ]
    assert "without terraform-aws-lambda, whose package.py LAMINA_PACKAGE_PY" in capsys.readouterr().err
    monkeypatch.setenv("LAMINA_PACKAGE_PY", __file__)
    (*_, peer) = external(tmp_path / "lock", tmp_path).ways
    assert peer.commands(tmp_path) == [[sys.executable, __file__, "prepare"]]
    assert capsys.readouterr().err == ""


def test_a_failed_process_is_told_with_what_it_said(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no disk'); exit(3)"]
    with pytest.raises(ProcessError, match="exited with 3: no disk"):
        measured(command, cwd=tmp_path, environment=os.environ, log=tmp_path / "log")
    with pytest.raises(ProcessError, match="no-such-tool: No such file"):
        measured(["no-such-tool"], cwd=tmp_path, environment={}, log=tmp_path / "log")


def test_the_table_says_which_zip_was_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert zip_name("-r9") == "python -m zipfile (there is no zip)"
    assert zipped(tmp_path, "-r9")[1:3] == ["-m", "zipfile"]
    (tmp_path / "zip").write_text("#!/bin/sh\n")
    (tmp_path / "zip").chmod(0o755)
    assert zip_name("-r9") == "zip -r9"
    assert zipped(tmp_path, "-r9")[:3] == ["zip", "-q", "-r9"]


def test_the_floor_comes_first_and_then_lamina(tmp_path: Path) -> None:
    compared = warm(tmp_path / "lock", tmp_path / "wheels")
    assert [way.name.split()[0] for way in compared.ways] == ["floor", "lamina", "uv", "pip"]
    assert [way.most for way in compared.ways] == [None, 1.25, None, None]


@pytest.mark.parametrize(
    ("ratio", "mebibytes", "faults"),
    [
        (1.25, 100, []),
        (1.26, 100, ["lamina: takes 1.26 times as long, and may take 1.25"]),
        (1.25, 101, ["lamina: uses 101 MiB, and may use 100"]),
    ],
    ids=["kept", "slow", "hungry"],
)
def test_a_broken_promise_is_a_failure(
    ratio: float, mebibytes: float, faults: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Row("floor", 1, 1, None, 1, None), Row("lamina", ratio, ratio, 1.25, mebibytes, 100)]
    assert _verdict(rows) == bool(faults)
    assert capsys.readouterr().err == "".join(f"error: {fault}\n" for fault in faults)


def test_ways_run_in_turn_and_the_first_round_does_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def way(name: str, code: str) -> Way:
        return Way(name, lambda _: [[sys.executable, "-c", code]], environment={"FOLDER": "{folder}"})

    marks = tmp_path / "marks"
    note = f"import os; assert os.path.isdir(os.environ['FOLDER']); open({str(marks)!r}, 'a').write"
    compared = Comparison("it", "title", [way("a", f"{note}('a')"), way("b", f"{note}('b')")])
    rows = compare(compared, 2, tmp_path, os.environ)
    assert marks.read_text() == "ababab"
    assert [row.name for row in rows] == ["a", "b"]
    assert rows[0].ratio == 1
    assert "it, round 2: b" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["marks"]


def test_copies_of_wheels_are_wheels_with_as_many_bytes(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "demo", files={"demo/__init__.py": b"x = 1\n", "demo/big.txt": b"y" * 5000})
    compared = growth(wheels, tmp_path)
    assert [way.most for way in compared.ways] == [1, 2, 4, 8]
    house = tmp_path / "copies"
    assert len(list(house.iterdir())) == 8
    for wheel in house.iterdir():
        paths = {file.path for file in files_of(read_facts(wheel, wheel.name))}
        assert f"{wheel.name.partition('-')[0]}/demo/big.txt" in paths
    assert (tmp_path / "times2.txt").read_text().splitlines()[2:] == ["copy0of0==1", "copy1of0==1"]


def test_an_unknown_comparison_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["wram"])
    assert "there is no comparison wram; choose of warm, large" in capsys.readouterr().err


def test_figures_are_kept_as_json_beside_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "house"
    make_wheel(house, "demo")
    lock = tmp_path / "lock.txt"
    lock.write_text(f"--no-index\n--find-links {house}\ndemo==1.0\n")
    monkeypatch.setenv("COLUMNS", "200")
    figures = tmp_path / "figures.json"
    code = main(["unchanged", "--lock", str(lock), "--rounds", "1", "--json", str(figures)])
    kept = json.loads(figures.read_text())
    (compared,) = kept["comparisons"]
    assert [row["name"] for row in compared["rows"]] == ["python -c pass", "lamina"]
    assert compared["rows"][1]["most"] == 3
    assert code == (compared["rows"][1]["ratio"] > 3)
    assert "python -c pass" in capsys.readouterr().out
