"""Any layer's zip is described; what is no zip is refused in one line."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from build.errors import UserError
from build.report.zips import from_zip

from .layers import Make


def test_a_layer_of_another_maker_is_described(tmp_path: Path) -> None:
    path = tmp_path / "their.zip"
    site = "python/lib/python3.12/site-packages"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{site}/six.py", b"12345")
        archive.writestr(f"{site}/six-1.0.dist-info/METADATA", "Name: Six\nVersion: 1.0\n")
        archive.writestr(f"{site}/six-1.0.dist-info/RECORD", "six.py,,\n")
        archive.writestr("lib/libz.so", b"123")
    layer = from_zip(path, "their.zip")
    assert (layer.name, layer.digest, layer.target, layer.files) == ("their", None, None, 4)
    assert layer.packages["six"].version == "1.0"
    assert layer.packages["six"].files == 3
    assert layer.packages[""].size == 3


def test_lamina_s_own_says_what_it_is(make: Make) -> None:
    built = make({"one": ("1.0", {"one.py": b""})})
    layer = from_zip(built.zip, "it")
    assert (layer.name, layer.digest) == (built.name, built.digest)
    assert layer.target == {"runtime": "python3.12", "architecture": "x86_64"}
    assert (layer.zip_sha256, layer.zip_size) == (built.zip_sha256, built.zip_size)
    assert (layer.unzipped_size, layer.files) == (built.unzipped_size, built.files)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 and no more", b"not a zip at all"])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^bad\.zip is not a sound zip archive: "):
        from_zip(path, "bad.zip")


def test_every_damage_of_a_zip_is_read_or_refused(make: Make, tmp_path: Path) -> None:
    content = make({"one": ("1.0", {"one.py": b"1" * 300})}).zip.read_bytes()
    path = tmp_path / "bad.zip"
    for place in range(0, len(content), 3):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        # Any other error fails the test.
        with suppress(UserError):
            from_zip(path, "bad.zip")


def test_a_list_that_claims_to_be_huge_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("python/six-1.0.dist-info/METADATA", bytes(33 << 20))
    with pytest.raises(UserError, match="has metadata of 34,603,008 bytes; more than 4,194,304 are not read"):
        from_zip(path, "bomb.zip")


@pytest.mark.parametrize(
    "target", ["{}", "1", '{"runtime": 1, "architecture": "x"}', '{"runtime": "python3.12"}']
)
def test_a_manifest_inside_that_names_no_target_names_none(tmp_path: Path, target: str) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lamina.json", f'{{"target": {target}, "digest": "{"a" * 64}"}}')
    assert from_zip(path, "odd.zip").target is None


def test_a_manifest_inside_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lamina.json", "[" * 200_000)
    with pytest.raises(UserError, match=r"lamina\.json is no manifest"):
        from_zip(path, "odd.zip")
