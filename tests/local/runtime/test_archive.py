from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from local.runtime.archive import content_key, remove_tree, unpack
from local.runtime.errors import UnusableArchiveError

from .conftest import make_zip


def member(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def linked(path: Path, name: str, destination: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("real/data", "content")
        archive.writestr(member(name, stat.S_IFLNK | 0o777), destination)
    return path


def test_the_folder_is_named_after_the_content(tmp_path: Path) -> None:
    one = make_zip(tmp_path / "one.zip", {"a": "1"})
    same = tmp_path / "same.zip"
    same.write_bytes(one.read_bytes())
    assert unpack([one], tmp_path / "out") == unpack([same], tmp_path / "out")
    assert content_key([one]) != content_key([one, same])


def test_what_is_unpacked_is_not_unpacked_again(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "one.zip", {"a": "1"})
    before = (unpack([archive], tmp_path / "out") / "a").stat()
    assert (unpack([archive], tmp_path / "out") / "a").stat() == before


def test_no_archives_make_an_empty_folder(tmp_path: Path) -> None:
    assert list(unpack([], tmp_path / "out").iterdir()) == []


def test_a_later_archive_wins_also_with_a_file_where_a_folder_was(tmp_path: Path) -> None:
    first = make_zip(tmp_path / "1.zip", {"same": "1", "a/b": "1", "c": "1", "kept": "1"})
    second = make_zip(tmp_path / "2.zip", {"same": "2", "a": "2", "c/d": "2"})
    out = unpack([first, second], tmp_path / "out")
    found = {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}
    assert found == {"same": "2", "a": "2", "c/d": "2", "kept": "1"}


def test_modes_are_read_only_and_keep_the_executable_bit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "1.zip", "w") as archive:
        archive.writestr(member("bin/tool", 0o755), "")
        archive.writestr(member("bin/data", 0o640), "")
    out = unpack([tmp_path / "1.zip"], tmp_path / "out")
    modes = [
        oct(path.stat().st_mode & 0o777) for path in (out, out / "bin", out / "bin/tool", out / "bin/data")
    ]
    assert modes == ["0o555", "0o555", "0o555", "0o444"]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\..\\evil"])
def test_a_member_outside_the_folder_is_refused_and_nothing_stays(tmp_path: Path, name: str) -> None:
    archive = make_zip(tmp_path / "bad.zip", {"good": "", name: ""})
    with pytest.raises(UnusableArchiveError, match=r"bad\.zip: the member .* would land outside its folder"):
        unpack([archive], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_link_within_the_archive_is_kept(tmp_path: Path) -> None:
    out = unpack([linked(tmp_path / "1.zip", "lib/link", "../real/data")], tmp_path / "out")
    assert (out / "lib/link").is_symlink()
    assert (out / "lib/link").read_text() == "content"


@pytest.mark.parametrize("destination", ["/etc/passwd", "../../outside"])
def test_a_link_out_of_the_archive_is_refused(tmp_path: Path, destination: str) -> None:
    archive = linked(tmp_path / "bad.zip", "lib/link", destination)
    with pytest.raises(UnusableArchiveError, match=r"bad\.zip: lib/link is a link to .*, outside its folder"):
        unpack([archive], tmp_path / "out")


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    first = linked(tmp_path / "1.zip", "link", "real")
    second = make_zip(tmp_path / "2.zip", {"link/data": "new"})
    out = unpack([first, second], tmp_path / "out")
    assert ((out / "real/data").read_text(), (out / "link/data").read_text()) == ("content", "new")


def test_a_damaged_archive_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "bad.zip", {"a": "some content"})
    archive.write_bytes(archive.read_bytes().replace(b"some", b"same", 1))
    with pytest.raises(UnusableArchiveError, match=r"bad\.zip is no usable zip archive: Bad CRC-32"):
        unpack([archive], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableArchiveError, match=r"cannot read gone\.zip: No such file"):
        unpack([tmp_path / "gone.zip"], tmp_path / "out")


def test_a_read_only_tree_can_be_removed(tmp_path: Path) -> None:
    out = unpack([make_zip(tmp_path / "1.zip", {"a/b/c": ""})], tmp_path / "out")
    remove_tree(out)
    remove_tree(out)
    assert not out.exists()
