"""Zips of other makers: what they hold is verified as far as the zip tells; what is no zip is one line."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build.cache import Cache
from build.errors import FailureError, LaminaError, UserError
from build.target import Target
from build.tree.manifest import BuiltLayer
from build.verify import verify_zip
from build.verify.findings import ERROR, WARNING, Finding

from .conftest import Check, Layer, Wheel, Zip, dist_info
from .elf_files import make_elf

TARGET = Target("3.12", "x86_64")
SITE = "python/lib/python3.12/site-packages/"
LOOKED = f"Python looks in python/ and {SITE}"


def test_what_pip_installed_is_found_good(check_zip: Check) -> None:
    record = "demo/__init__.py,,\ndemo/_fast.abi3.so,,\n../../bin/demo,,\n"
    files = {
        "python/demo/__init__.py": b"",
        "python/demo/_fast.abi3.so": make_elf(needed=["libc.so.6"], module="_fast"),
        "python/bin/demo": b"#!/usr/bin/python3\n",
        **dist_info("demo", "1.0", "six", record=record),
        **dist_info("six", "1.16"),
    }
    verdict = check_zip(files)
    assert verdict.findings == ()
    assert [each.package for each in verdict.largest] == ["demo", "six"]


def test_what_lies_in_the_runtimes_own_folder_is_found_good(check_zip: Check) -> None:
    files = {f"{SITE}demo.py": b"", **dist_info("demo", record="demo.py,,\n", site=SITE)}
    assert check_zip(files).findings == ()


def test_a_zip_without_any_metadata_is_verified_by_its_files(check_zip: Check) -> None:
    files = {"python/demo.py": b"", "python/_fast.so": make_elf("aarch64", module="_fast")}
    what = "it is for aarch64, and x86_64 is asked for"
    assert check_zip(files).findings == (
        Finding(ERROR, "", "python/_fast.so", what, "choose a wheel for the target"),
    )


@pytest.mark.parametrize(
    ("site", "where"),
    [
        ("", "its root"),
        ("python/lib/python3.11/site-packages/", "python/lib/python3.11/site-packages/"),
        ("lib/", "lib/"),
    ],
)
def test_packages_where_python_does_not_look_are_an_error(check_zip: Check, site: str, where: str) -> None:
    files = {f"{site}demo.py": b"", **dist_info("demo", site=site), **dist_info("alpha", site=site)}
    assert check_zip(files).findings == (
        Finding(ERROR, "", "", f"packages lie in {where} (alpha, demo), and {LOOKED}", "move them there"),
    )


def test_modules_where_python_does_not_look_are_an_error(check_zip: Check) -> None:
    what = f"its modules do not lie where {LOOKED.replace('in ', ': ').replace(' : ', ': ')}"
    (found,) = check_zip({"demo.py": b""}).findings
    assert (found.level, found.what) == (ERROR, what)


def test_a_layer_of_anything_but_modules_is_fine_and_an_empty_one_is_told(check_zip: Check) -> None:
    assert check_zip({"bin/tool": b"#!/bin/sh\n", "lib/libx.so.1": make_elf()}).findings == ()
    assert check_zip({}).findings == (Finding(WARNING, "", "", "it is empty", "see what the lock asks for"),)


@pytest.mark.parametrize("name", ["/etc/passwd", "python/../../x.py", "python\\demo.py"])
def test_a_path_that_leads_out_is_an_error(check_zip: Check, name: str) -> None:
    found = check_zip({"python/demo.py": b"", name: b""}).findings
    assert Finding(ERROR, "", name, "its path leads out of the layer", "pack the layer again") in found


def test_a_path_that_is_there_twice_is_an_error(foreign: Zip, cache: Cache) -> None:
    path = foreign({"python/demo.py": b"one"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(archive.getinfo("python/demo.py"), b"two")
    what = "it is there 2 times, and only one of them counts"
    assert verify_zip(path, TARGET, cache).findings == (
        Finding(ERROR, "", "python/demo.py", what, "pack the layer again"),
    )


def test_a_layer_of_ours_that_was_changed_is_an_error(
    layer: Layer, wheel: Wheel, cache: Cache, tmp_path: Path
) -> None:
    built: BuiltLayer = layer(wheel())
    assert verify_zip(built.zip, TARGET, cache).findings == ()
    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(built.zip) as whole, zipfile.ZipFile(changed, "w") as archive:
        for each in whole.infolist():
            content = whole.read(each)
            archive.writestr(each, content + b"#" if each.filename == "python/demo.py" else content)
    (found,) = verify_zip(changed, TARGET, cache).findings
    assert found.level == ERROR
    assert found.what.endswith(f"and its lamina.json says {built.digest[:12]}: it was changed")


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b"null", b'{"digest": 1, "options": []}'])
def test_a_manifest_that_is_none_does_not_matter(check_zip: Check, manifest: bytes) -> None:
    assert check_zip({"python/demo.py": b"", "lamina.json": manifest}).findings == ()


@pytest.mark.parametrize("manifest", [b"", b"\xff", b"[" * 100_000], ids=["empty", "no text", "deep"])
def test_a_manifest_that_is_no_json_is_told_in_one_line(check_zip: Check, manifest: bytes) -> None:
    with pytest.raises(UserError, match=r"^\S+ is not a sound zip archive: [^\n]+$"):
        check_zip({"python/demo.py": b"", "lamina.json": manifest})


@pytest.mark.parametrize(
    "metadata",
    [b"", b"\xff\xfe", b"Name:\nVersion:\n", b"Name: demo\n", b"\n\nName: demo\n", b"Requires-Dist: \n" * 3],
)
def test_metadata_that_says_little_is_no_fault_of_the_layer(check_zip: Check, metadata: bytes) -> None:
    files = {"python/demo.py": b"", "python/demo-1.0.dist-info/METADATA": metadata}
    assert check_zip(files).errors == ()


@pytest.mark.parametrize(
    "record", ["", '"' + "x" * 200_000, "\0,,\n", "a.py\n\n,,,,\n", "/abs.py,,\n../up.py,,\n"]
)
def test_a_record_that_is_none_lists_nothing_that_is_missed(check_zip: Check, record: str) -> None:
    files = {"python/a.py": b"", **dist_info("demo", record=record)}
    assert check_zip(files).errors == ()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04", b"no zip at all", b"PK\x05\x06" + bytes(17)])
def test_what_is_no_zip_is_told_in_one_line(cache: Cache, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "layer.zip"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"^{path} is not a sound zip archive: \S.*$"):
        verify_zip(path, TARGET, cache)


def test_what_is_not_there_is_told_in_one_line(cache: Cache, tmp_path: Path) -> None:
    path = tmp_path / "none.zip"
    with pytest.raises(FailureError, match=rf"^{path} cannot be read: No such file or directory$"):
        verify_zip(path, TARGET, cache)


def packed(method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("python/demo.py", b"value = 1\n" * 20)
        archive.writestr("python/_fast.abi3.so", make_elf(needed=["libc.so.6"], module="_fast"))
        for name, content in dist_info("demo", "1.0", "six", record="demo.py,,\n").items():
            archive.writestr(name, content)
    return stream.getvalue()


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS, ids=["stored", "deflated", "bzip2", "lzma"])
def test_a_damaged_zip_is_one_line_wherever_it_is_damaged(cache: Cache, tmp_path: Path, method: int) -> None:
    whole = packed(method)
    path = tmp_path / "layer.zip"
    for place in range(0, len(whole), 11):
        for damaged in (whole[:place], whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]):
            path.write_bytes(damaged)
            assert told(path, cache)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(METHODS),
    changes=st.lists(
        st.tuples(st.integers(0, 1200), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4
    ),
)
def test_whatever_the_damage_there_is_a_verdict_or_one_line(
    tmp_path: Path, method: int, changes: list[tuple[int, bytes]]
) -> None:
    whole = bytearray(packed(method))
    for place, content in changes:
        whole[place : place + len(content)] = content
    path = tmp_path / "layer.zip"
    path.write_bytes(whole)
    assert told(path, Cache(tmp_path / "cache"))


def told(path: Path, cache: Cache) -> bool:
    """Whether a zip gets a verdict, or one line that names it."""
    try:
        verify_zip(path, TARGET, cache)
    except LaminaError as error:
        return "\n" not in str(error) and str(path) in str(error)
    return True


@pytest.mark.parametrize("method", METHODS, ids=["stored", "deflated", "bzip2", "lzma"])
def test_a_file_whose_bytes_are_damaged_is_told_whatever_it_is(
    cache: Cache, tmp_path: Path, method: int
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("python/data.txt", bytes(range(256)) * 40)
    whole = bytearray(stream.getvalue())
    whole[len(whole) // 3] ^= 0xFF
    path = tmp_path / "layer.zip"
    path.write_bytes(whole)
    with pytest.raises(UserError, match=rf"^{path} is not a sound zip archive: \S[^\n]*$"):
        verify_zip(path, TARGET, cache)


def test_a_zip_that_claims_to_be_huge_is_not_read(foreign: Zip, cache: Cache) -> None:
    path = foreign({"python/data.txt": bytes(range(256)) * 1000})
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (2**32 - 2).to_bytes(4, "little")
    # Whoever reads it meets a wrong checksum.
    content[place + 16] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UserError, match="has 4,294,967,294 bytes unpacked, and more than"):
        verify_zip(path, TARGET, cache)


def test_a_member_that_is_encrypted_is_told_in_one_line(foreign: Zip, cache: Cache) -> None:
    path = foreign({"python/demo.py": b"x"})
    content = bytearray(path.read_bytes())
    for place in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"is not a sound zip archive: .*encrypted"):
        verify_zip(path, TARGET, cache)


@pytest.mark.parametrize(
    "files",
    [
        {**dist_info("demo", "1.0"), **dist_info("demo", "2.0"), **dist_info("Demo", "3.0")},
        {**dist_info("", "")},
        {"python/a": b"", "python/a/b.py": b""},
        {"python/" + "deep/" * 60 + "x.py": b""},
        {"python/d\u00e9mo.py": b"", "python/\u202e.py": b"", "python/a\nb.py": b""},
    ],
    ids=["twice", "no name", "file and folder", "deep", "odd names"],
)
def test_odd_layers_get_a_verdict(check_zip: Check, files: dict[str, bytes]) -> None:
    check_zip(files)


@pytest.mark.parametrize(
    ("path", "mode", "told"),
    [
        ("python/more.py", 0o100600, "600"),
        ("python/more.py", 0o640, "640"),
        ("python/more/", 0o040700, "700"),
        ("python/more.py", 0o100444, None),
        ("python/more/", 0o040755, None),
    ],
)
def test_what_only_its_owner_may_read_is_an_error(
    check_zip: Check, path: str, mode: int, told: str | None
) -> None:
    files = {"python/demo.py": b"", path: b""}
    found = check_zip(files, {path: mode}).findings
    what = f"functions may not read {path} ({told}): they are for their owner alone"
    assert [each.what for each in found] == ([what] if told else [])


def test_the_dot_that_some_tools_begin_with_does_not_matter(check_zip: Check) -> None:
    record = "demo.py,,\n_fast.so,,\n"
    files = {"python/demo.py": b"", "python/_fast.so": make_elf(), **dist_info("demo", record=record)}
    verdict = check_zip({"./": b"", "./python/": b"", **{f"./{path}": of for path, of in files.items()}})
    assert verdict.findings == ()
    assert [each.package for each in verdict.largest] == ["demo"]


@pytest.mark.parametrize("site", ["python/python/", "python/site-packages/"])
def test_packages_that_are_all_too_deep_are_an_error(check_zip: Check, site: str) -> None:
    (found,) = check_zip({f"{site}demo.py": b"", **dist_info("demo", site=site)}).findings
    assert found.what == f"packages lie in {site} (demo), and {LOOKED}"


def test_modules_of_another_python_alone_are_an_error(check_zip: Check) -> None:
    (found,) = check_zip({"python/lib/python3.11/site-packages/demo.py": b""}).findings
    assert found.what == f"its modules do not lie where {LOOKED.replace('looks in', 'looks:')}"


def of_text(name: str, head: bytes, line: bytes, count: int) -> dict[str, bytes]:
    return {f"python/demo-1.0.dist-info/{name}": head + line * count}


TOO_MUCH = {
    "metadata": (of_text("METADATA", b"Name: demo\nVersion: 1\n", b"X: y\n", 900_000), "has metadata of"),
    "RECORD": (of_text("RECORD", b"", b"demo.py,,\n", 3_400_000), "bytes of metadata, and more than"),
    "nested": ({"python/" + "deep/" * 300 + "x.py": b""}, "longer or deeper"),
}


@pytest.mark.parametrize(("files", "reason"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_asks_for_more_than_any_layer_is_refused_before_it_is_read(
    check_zip: Check, files: dict[str, bytes], reason: str
) -> None:
    with pytest.raises(UserError, match=rf"^\S+foreign.zip .*{reason}"):
        check_zip(files)


def test_more_links_than_any_layer_has_are_refused(foreign: Zip, cache: Cache) -> None:
    links = {f"python/l{number}": b"demo" for number in range(10_001)}
    path = foreign(links, dict.fromkeys(links, 0o120777))
    with pytest.raises(UserError, match=r"it has 10,001 symbolic links"):
        verify_zip(path, TARGET, cache)


def test_texts_of_metadata_are_told_in_short(check_zip: Check) -> None:
    head = f"Name: demo\nVersion: {'1.' * 9000}1\nRequires-Python: {'>=3,' * 9000}>=4\nRequires-Dist: "
    files = {"python/demo-1.dist-info/METADATA": f"{head}a; {'(' * 9000}\n".encode()}
    files["python/demo-1.dist-info/WHEEL"] = b"Tag: " + b"a." * 3000 + b"a-" + b"b." * 3000 + b"b-any\n"
    findings = check_zip(files).findings
    assert findings
    assert all(len(each.what) < 600 for each in findings)
