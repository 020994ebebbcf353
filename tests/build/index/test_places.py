"""Indexes of other kinds: folders, pages without JSON, hosts with a certificate of their own."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from build.cache import Cache
from build.errors import LaminaError, UserError
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_fixtures import Lock
from tests.build.index_server import Index, serve, tiny_wheel

WHEEL = "alpha-1.0-py3-none-any.whl"


@pytest.fixture
def folder(tmp_path: Path, no_settings: Path) -> Path:
    """A folder that is laid out as an index."""
    place = tmp_path / "simple" / "alpha"
    place.mkdir(parents=True)
    (place / WHEEL).write_bytes(tiny_wheel("alpha", "1.0"))
    (place / "index.html").write_text(f"<a href='{WHEEL}'>{WHEEL}</a>")
    return tmp_path / "simple"


@pytest.mark.parametrize(
    "form", ["--index-url {}", "-i simple", "--extra-index-url file://{}\n--index-url simple"]
)
def test_a_folder_laid_out_as_an_index_is_one_and_is_watched(
    folder: Path, lock: Lock, cache: Cache, target: Target, form: str
) -> None:
    path = lock(form.format(folder), "alpha==1.0")
    (found,) = wheels_for(path, target, cache)
    assert found.filename == WHEEL
    better = "alpha-1.0-py312-none-any.whl"
    (folder / "alpha" / better).write_bytes(tiny_wheel("alpha", "1.0", "py312-none-any"))
    (folder / "alpha" / "index.html").write_text(f"<a href='{WHEEL}'></a><a href='{better}'></a>")
    assert wheels_for(path, target, cache)[0].filename == better


def test_what_a_folder_does_not_have_is_told(folder: Path, lock: Lock, cache: Cache, target: Target) -> None:
    with pytest.raises(UserError, match=r"beta \(\S+:2\) is on none of the indexes"):
        wheels_for(lock(f"-i {folder}", "beta==1.0"), target, cache)
    with pytest.raises(
        UserError, match=r"alpha 2\.0 \(\S+:2\) is not on the index, though other versions are"
    ):
        wheels_for(lock(f"-i {folder}", "alpha==2.0"), target, cache)
    with pytest.raises(
        UserError, match=r"^file:///none cannot be an index; give an http address, or a folder"
    ):
        wheels_for(lock("-i file:///none", "alpha==1.0"), target, cache)


def test_an_index_that_refuses_to_speak_of_json_is_read(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.kind = "html"
    file = index.wheel("alpha", "1.0")
    index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_39_x86_64")
    index.file("alpha-1.0.tar.gz", b"", project="alpha")
    path = lock(f"alpha==1.0 --hash=sha256:{file.sha256}")
    assert wheels_for(path, target, cache, require_hashes=True)[0].sha256 == file.sha256
    assert index.requests == ["/simple/alpha/", f"/files/{WHEEL}"]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that nobody vouches for, for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_a_certificate_is_looked_at_unless_its_host_is_trusted(
    no_settings: Path,
    lock: Lock,
    cache: Cache,
    target: Target,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with serve(Index(), certificate) as private:
        private.wheel("alpha", "1.0")
        lines = [f"--index-url https://127.0.0.1:{private.port}/simple/", "alpha==1.0"]
        with pytest.raises(
            LaminaError, match=r"^no answer from the index https://127\S+ \(.*CERTIFICATE_VERIFY_FAILED"
        ):
            wheels_for(lock(*lines), target, cache)
        with pytest.raises(LaminaError, match="CERTIFICATE_VERIFY_FAILED"):
            wheels_for(lock("--trusted-host other", *lines), target, cache)
        for trusted in (f"--trusted-host 127.0.0.1:{private.port}", "--trusted-host=127.0.0.1"):
            assert wheels_for(lock(trusted, *lines), target, cache, refresh=True)
        monkeypatch.setenv("PIP_CERT", str(certificate))
        assert wheels_for(lock(*lines), target, cache, refresh=True)
        monkeypatch.delenv("PIP_CERT")
        monkeypatch.setenv("PIP_TRUSTED_HOST", "a b 127.0.0.1")
        assert wheels_for(lock(*lines), target, cache, refresh=True)


@pytest.mark.parametrize("host", ["https://host/", "me:hush@host", "host/path", "host:port"])
def test_what_is_no_host_cannot_be_trusted(
    index: Index, lock: Lock, cache: Cache, target: Target, host: str
) -> None:
    with pytest.raises(UserError, match=r"cannot be a trusted host; write host or host:port$") as caught:
        wheels_for(lock(f"--trusted-host {host}", "alpha==1.0"), target, cache)
    assert "hush" not in str(caught.value)
