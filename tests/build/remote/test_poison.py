"""What the remote cache gives and is not what it should be is refused, told, and built here."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from build.remote.answers import seal_of
from build.tree.manifest import BuiltLayer

from ..index_server import Index
from .conftest import NAME, Run, keys

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

OTHER = "ab" * 32
Change = Callable[[dict[str, Any]], object]


def key_of(s3: S3Client, kind: str) -> str:
    (key,) = (key for key in keys(s3) if f"/{kind}/" in key)
    return key


def content(s3: S3Client, key: str) -> bytes:
    return s3.get_object(Bucket=NAME, Key=key)["Body"].read()


def put(s3: S3Client, key: str, body: bytes) -> None:
    s3.put_object(Bucket=NAME, Key=key, Body=body)


MANIFESTS: dict[str, tuple[Change, str]] = {
    "another digest": (lambda found: found["manifest"].update(digest=OTHER), "it is for another layer"),
    "no digest": (lambda found: found["manifest"].update(digest="../../x"), "it cannot be read"),
    "another target": (
        lambda found: found["manifest"].update(runtime="python3.9"),
        "it is for another layer",
    ),
    "other options": (
        lambda found: found["manifest"].update(options={"slim": True}),
        "it is for another layer",
    ),
    "another name": (lambda found: found["manifest"].update(name="other"), "it is for another layer"),
    "another format": (lambda found: found.update(format=0), "it is for another layer"),
    "more fields": (lambda found: found["manifest"].update(more=1), "it is for another layer"),
    "a wheel that is not in the lock": (
        lambda found: found["manifest"]["packages"][0].update(sha256=OTHER),
        "the lock does not allow its alpha",
    ),
    "a size that is none": (lambda found: found["manifest"].update(zip_size=-1), "it cannot be read"),
    "no packages": (lambda found: found["manifest"].update(packages={}), "it is for another layer"),
    "another bill": (lambda found: found.update(sbom="{}"), "its bill of materials is another layer's"),
    "no bill": (lambda found: found.pop("sbom"), "it cannot be read"),
    "a wheel whose name leads elsewhere": (
        lambda found: found["manifest"]["packages"][0].update(wheel="../../alpha-1.0-py3-none-any.whl"),
        "it cannot be read",
    ),
    "a wheel of less than nothing": (
        lambda found: found["manifest"]["packages"][0].update(size=-1),
        "it cannot be read",
    ),
    "files left out that nobody asked to": (
        lambda found: found["manifest"].update(removed=[{"folder": "x", "files": 1, "size": 1}]),
        "it is for another layer",
    ),
    "a bill of other wheels": (
        lambda found: found.update(sbom=found["sbom"].replace('"alpha"', '"omega"')),
        "its bill of materials is another layer's",
    ),
    "a bill that is no text": (
        lambda found: found.update(sbom=found["sbom"].replace("alpha", "\ud800")),
        "it cannot be read",
    ),
    "a flipped bit in what nothing else tells": (
        lambda found: found.update(sbom=found["sbom"].replace("library", "librarx", 1)),
        "its bytes are not those that were put",
    ),
    "another zip hash": (lambda found: found["manifest"].update(zip_sha256="x"), "it cannot be read"),
}


@pytest.mark.parametrize(("change", "reason"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_poisoned_manifest_is_refused(
    run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture, change: Change, reason: str
) -> None:
    first = run()
    key = key_of(s3, "layers")
    whole = content(s3, key)
    found = json.loads(whole)
    change(found)
    put(s3, key, json.dumps(found).encode())
    second = run()
    assert second.zip.read_bytes() == first.zip.read_bytes()
    assert second.manifest.read_bytes() == first.manifest.read_bytes()
    (said,) = caplog.messages
    assert said.startswith(f"the layer deps in the remote cache s3://ci-cache/lamina is refused: {reason}")
    assert said.endswith("; it is built here")
    # Who may write puts it right.
    assert json.loads(content(s3, key)) == json.loads(whole)
    assert run().digest == first.digest
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b"null"])
def test_what_is_no_manifest_is_refused(
    run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    first = run()
    put(s3, key_of(s3, "layers"), body)
    assert run().zip.read_bytes() == first.zip.read_bytes()
    assert "is refused: it cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda body: body[:-100], "its bytes are not those that its manifest tells"),
        (lambda _: b"", "its bytes are not those that its manifest tells"),
        (lambda body: body + b"more", "it is longer than it can be"),
        (lambda body: body[:500] + b"X" + body[501:], "its bytes are not those that its manifest tells"),
    ],
    ids=["truncated", "empty", "longer", "flipped"],
)
def test_a_damaged_zip_is_refused(
    run: Run,
    s3: S3Client,
    caplog: pytest.LogCaptureFixture,
    index: Index,
    change: Callable[[bytes], bytes],
    reason: str,
) -> None:
    first = run()
    key = key_of(s3, "zips")
    put(s3, key, change(content(s3, key)))
    second = run()
    assert second.zip.read_bytes() == first.zip.read_bytes()
    (said,) = caplog.messages
    assert said.startswith("the zip of the layer deps in the remote cache s3://ci-cache/lamina is refused: ")
    assert said.endswith(f": {reason}; it is built here")
    assert len(list(second.zip.parent.iterdir())) == 3
    assert content(s3, key) == first.zip.read_bytes()


def repacked(built: BuiltLayer, change: Callable[[str, bytes], bytes | None], comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(built.zip) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            changed = change(info.filename, old.read(info))
            if changed is not None:
                new.writestr(info, changed)
        new.comment = comment
    return buffer.getvalue()


def fitting(s3: S3Client, body: bytes, **more: Any) -> None:
    """Puts a zip together with a manifest that has its hash, as an evil writer would."""
    sha256 = hashlib.sha256(body).hexdigest()
    key = key_of(s3, "layers")
    found = json.loads(content(s3, key))
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        size = sum(info.file_size for info in archive.infolist())
        count = len(archive.infolist())
    found["manifest"] |= {"zip_sha256": sha256, "zip_size": len(body), "unzipped_size": size, "files": count}
    found["manifest"] |= more
    found["sha256"] = seal_of(found["manifest"], found["sbom"])
    put(s3, key, json.dumps(found).encode())
    put(s3, f"lamina/zips/{sha256[:2]}/{sha256}.zip", body)


EVIL: dict[str, tuple[Callable[[BuiltLayer], bytes], str]] = {
    "another file's content": (
        lambda built: repacked(
            built, lambda name, data: data + b"evil" if name.endswith("alpha.py") else data
        ),
        "the content of its files gives another digest",
    ),
    "a file less": (
        lambda built: repacked(built, lambda name, data: None if name.endswith("beta.py") else data),
        "the content of its files gives another digest",
    ),
    "another manifest inside": (
        lambda built: repacked(built, lambda name, data: b"{}" if name == "lamina.json" else data),
        "the manifest inside it is another",
    ),
    "no manifest inside": (
        lambda built: repacked(built, lambda name, data: None if name == "lamina.json" else data),
        "it is no sound zip archive",
    ),
    "bytes behind its end": (
        lambda built: repacked(built, lambda _, data: data, comment=b"hidden"),
        "its bytes are not those that Lamina writes for its files",
    ),
    "bytes before its beginning": (
        lambda built: b"#!/bin/sh\n" + built.zip.read_bytes(),
        "its bytes are not those that Lamina writes for its files",
    ),
}


@pytest.mark.parametrize(("make", "reason"), EVIL.values(), ids=EVIL)
def test_a_poisoned_zip_is_refused_though_its_manifest_fits(
    run: Run,
    s3: S3Client,
    caplog: pytest.LogCaptureFixture,
    make: Callable[[BuiltLayer], bytes],
    reason: str,
) -> None:
    first = run()
    fitting(s3, make(first))
    second = run()
    assert second.zip.read_bytes() == first.zip.read_bytes()
    (said,) = caplog.messages
    assert said.startswith("the zip of the layer deps in the remote cache s3://ci-cache/lamina is refused: ")
    assert reason in said


def test_a_bomb_is_not_unpacked(run: Run, s3: S3Client, caplog: pytest.LogCaptureFixture) -> None:
    first = run()
    bomb = repacked(first, lambda name, data: bytes(20 << 20) if name.endswith("alpha.py") else data)
    fitting(s3, bomb, unzipped_size=first.unzipped_size)
    assert run().zip.read_bytes() == first.zip.read_bytes()
    assert "its files are not as many, or not as large, as its manifest says" in caplog.text
