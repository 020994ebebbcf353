"""A wheel is read once, and one that lies or leads elsewhere is refused by name."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.errors import FailureError, UserError
from build.wheel.facts import files_of
from build.wheel.names import name_fault
from build.wheel.reading import read_facts
from tests.build.wheelhouse import make_wheel, record_hash


def test_every_file_is_known_by_the_hash_of_its_content(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo/__init__.py": b"x = 1\n"})
    (file,) = [each for each in files_of(read_facts(wheel, wheel.name)) if each.path == "demo/__init__.py"]
    assert (file.sha256, file.size) == (hashlib.sha256(b"x = 1\n").hexdigest(), 6)


@pytest.mark.parametrize("level", [0, 1, 9])
def test_the_packed_stream_is_found_where_the_facts_say(tmp_path: Path, level: int) -> None:
    wheel = make_wheel(tmp_path, files={"a.py": b"a" * 1000}, level=level)
    (file,) = [each for each in files_of(read_facts(wheel, wheel.name)) if each.path == "a.py"]
    with zipfile.ZipFile(wheel) as archive:
        assert file.packed == archive.getinfo("a.py").compress_size
    packed = wheel.read_bytes()[file.offset : file.offset + file.packed]
    assert (packed == b"a" * 1000) == (level == 0)


def test_data_descriptors_and_extra_fields_do_not_move_the_stream(tmp_path: Path) -> None:
    plain = make_wheel(tmp_path, files={"a.py": b"a" * 100})
    out = io.BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(Unseekable(out), "w") as archive:
        for info in source.infolist():
            copy = zipfile.ZipInfo(info.filename)
            copy.extra = b"\xfe\xca\x04\x00abcd"
            copy.compress_type = zipfile.ZIP_STORED
            archive.writestr(copy, source.read(info))
    plain.write_bytes(out.getvalue())
    (file,) = [each for each in files_of(read_facts(plain, plain.name)) if each.path == "a.py"]
    assert plain.read_bytes()[file.offset : file.offset + file.packed] == b"a" * 100


class Unseekable(io.RawIOBase):
    """A pipe: zipfile then writes data descriptors."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return self._out.write(bytes(data))  # type: ignore[call-overload]

    def flush(self) -> None:
        pass


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("demo.py,sha256=AAAA,10\n", "demo.py is not the file that RECORD lists"),
        ("", "demo.py is not in RECORD"),
        ("demo.py,,10\n", "demo.py has no SHA-256 or better in RECORD, but no hash"),
        (
            f"demo.py,{record_hash(b'value = 1' + bytes([10]))},11\n",
            "demo.py is not the file that RECORD lists",
        ),
        ("demo.py,md5=AAAA,\n", "demo.py has no SHA-256 or better in RECORD, but md5"),
        ("gone.py,sha256=AAAA,1\n", "gone.py is in RECORD but not in the wheel"),
        ("demo.py,sha256=AAAA\n", "a damaged RECORD: the line of 'demo.py' has 2 fields"),
        ("demo.py,sha256=A,1\ndemo.py,sha256=B,1\n", "a damaged RECORD: demo.py is listed twice"),
        ('"demo.py,sha256=A,1\n', "a damaged RECORD: it is not CSV"),
    ],
)
def test_a_record_that_lies_is_refused_by_wheel_and_file(tmp_path: Path, record: str, reason: str) -> None:
    wheel = make_wheel(tmp_path, record=record)
    with pytest.raises(UserError, match=f"^demo-1.0-py3-none-any.whl .*{reason}"):
        read_facts(wheel, wheel.name)


def test_several_faults_of_one_wheel_are_told_at_once(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"a.py": b"", "b.py": b""}, record="a.py,sha256=A,\nb.py,sha256=B,\n")
    with pytest.raises(UserError, match=r"a\.py is not the file.*; b\.py is not the file"):
        read_facts(wheel, wheel.name)


HOSTILE = {
    "../evil.py": "leads elsewhere",
    "/evil.py": "leads elsewhere",
    "a/../../evil.py": "leads elsewhere",
    "a//b.py": "leads elsewhere",
    "./a.py": "leads elsewhere",
    "C:/evil.py": "another operating system",
    "a\\b.py": "another operating system",
    "a\nb.py": "control character",
    "a\x7fb.py": "control character",
}


@pytest.mark.parametrize(("name", "reason"), HOSTILE.items(), ids=[repr(name) for name in HOSTILE])
def test_a_name_that_leads_out_of_the_layer_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    wheel = make_wheel(tmp_path, unrecorded={name: b"x"})
    with pytest.raises(UserError, match=reason):
        read_facts(wheel, wheel.name)


@given(st.text(min_size=1))
def test_a_name_without_fault_never_leaves_its_folder(name: str) -> None:
    if name_fault(name) is None:
        parts = name.removesuffix("/").split("/")
        assert not {"", ".", ".."} & set(parts)
        assert "\0" not in name


def rewritten(wheel: Path, change: str) -> Path:
    """The wheel with one member more, of a kind that no wheel should have."""
    with zipfile.ZipFile(wheel, "a") as archive:
        info = zipfile.ZipInfo("odd")
        if change == "link":
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
        elif change == "device":
            info.external_attr = (stat.S_IFCHR | 0o666) << 16
        elif change == "bzip2":
            info.compress_type = zipfile.ZIP_BZIP2
        archive.writestr(info, b"elsewhere")
    return wheel


@pytest.mark.parametrize(
    ("change", "reason"),
    [("link", "not a regular file"), ("device", "not a regular file"), ("bzip2", "packed by method 12")],
)
def test_what_is_no_plain_file_is_refused(tmp_path: Path, change: str, reason: str) -> None:
    wheel = rewritten(make_wheel(tmp_path), change)
    with pytest.raises(UserError, match=f"'odd' is {reason}"):
        read_facts(wheel, wheel.name)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_comes_twice_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("demo.py", b"other")
    with pytest.raises(UserError, match=r"demo\.py is in it twice"):
        read_facts(wheel, wheel.name)


def test_damaged_content_is_found_by_its_checksum(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"a.py": b"a" * 50}, level=0)
    wheel.write_bytes(wheel.read_bytes().replace(b"a" * 50, b"a" * 49 + b"b"))
    with pytest.raises(UserError, match=r"a\.py is damaged: its checksum"):
        read_facts(wheel, wheel.name)


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    path.write_bytes(b"not a zip")
    with pytest.raises(UserError, match="is not a sound zip archive"):
        read_facts(path, path.name)


def test_a_wheel_cut_short_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    wheel.write_bytes(wheel.read_bytes()[:-10])
    with pytest.raises(UserError, match="is not a sound zip archive"):
        read_facts(wheel, wheel.name)


def test_a_missing_wheel_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FailureError, match=r"demo\.whl cannot be read from .*gone"):
        read_facts(tmp_path / "gone", "demo.whl")


def test_dist_infos_further_down_are_a_wheels_own_files(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"demo/_vendor/six-1.0.dist-info/RECORD": b""})
    facts = read_facts(wheel, wheel.name)
    assert facts["record"] == "demo-1.0.dist-info/RECORD"
    assert "demo/_vendor/six-1.0.dist-info/RECORD" in [file.path for file in files_of(facts)]


def test_requirements_are_read_as_they_stand_over_several_lines(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, requires=["Beta>=1", "gamma ;\n  extra == 'x'"])
    assert read_facts(wheel, wheel.name)["requires"] == ["Beta>=1", "gamma ; extra == 'x'"]


def test_a_second_dist_info_is_refused_as_by_pip_and_uv(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"six-2.0.dist-info/X": b""})
    with pytest.raises(UserError, match=r"of demo 1\.0; it has demo-1\.0\.dist-info, six-2\.0\.dist-info"):
        read_facts(wheel, wheel.name)


def test_a_wheel_of_another_name_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    other = wheel.rename(tmp_path / "other-1.0-py3-none-any.whl")
    with pytest.raises(UserError, match=r"one dist-info folder of other 1\.0; it has demo-1\.0\.dist-info"):
        read_facts(other, other.name)


def test_a_wheel_format_of_the_future_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, files={"a.py": b""})
    with zipfile.ZipFile(wheel) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b"Wheel-Version: 1.0", b"Wheel-Version: 2.0"))
    with pytest.raises(UserError, match=r"wheel format 2\.0; 1\.x is known"):
        read_facts(wheel, wheel.name)
