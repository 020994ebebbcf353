"""Credentials: found wherever pip and uv look, and written down nowhere."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import LaminaError
from build.layer import build_layer
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_fixtures import Lock
from tests.build.index_server import Index, Published
from tests.build.uv_project import uv_lock

USER, SECRET = "maria", "hush-hush"
WHEEL = "alpha-1.0-py3-none-any.whl"
PROJECT = Path(__file__).parents[3]


@pytest.fixture(params=["json", "html"])
def private(request: pytest.FixtureRequest, index: Index) -> Index:
    """An index that answers to one user only; nothing of the environment says who."""
    index.kind = request.param
    index.wheel("alpha", "1.0")
    index.credentials = (USER, SECRET)
    return index


def with_user(index: Index, path: str = "simple/") -> str:
    return f"http://{USER}:{SECRET}@127.0.0.1:{index.port}/{path}"


def pylock(index: Index, file: Published, url: str) -> str:
    return (
        f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "alpha"\nindex = "{index.url}"\n'
        f'wheels = [{{url = "{url}", hashes = {{sha256 = "{file.sha256}"}}}}]\n'
    )


def leaks(folder: Path, *apart: Path) -> list[str]:
    """Every file below the folder that holds the secret, but for those that the test wrote itself."""
    files = (path for path in folder.rglob("*") if path.is_file() and path not in apart)
    named = [str(path) for path in folder.rglob("*") if SECRET in path.name]
    return named + [str(path) for path in files if SECRET.encode() in path.read_bytes()]


def set_secret(kind: str, index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Puts the secret where the kind says, if that is outside of the lock."""
    if kind in {"environment", "pylock-index"}:
        monkeypatch.setenv("UV_DEFAULT_INDEX", with_user(index))
    elif kind in {"named", "uv"}:
        if kind == "named":
            monkeypatch.setenv("UV_DEFAULT_INDEX", f"ours={index.url}")
        monkeypatch.setenv("UV_INDEX_OURS_USERNAME", USER)
        monkeypatch.setenv("UV_INDEX_OURS_PASSWORD", SECRET)
    elif kind == "netrc":
        (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login {USER} password {SECRET}\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    elif kind == "variable":
        monkeypatch.setenv("SECRET_1", SECRET)


def lock_of(kind: str, index: Index, lock: Lock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A lock of the private index; the secret is where the kind says."""
    file = index.projects["alpha"][0]
    public, direct = f"{index.url.replace('simple/', '')}files/{WHEEL}", with_user(index, f"files/{WHEEL}")
    if kind in {"uv", "query"}:
        index.credentials = None
    lines = {
        "line": [f"--index-url {with_user(index)}", "alpha==1.0"],
        "variable": [f"--index-url {with_user(index).replace(SECRET, '${SECRET_1}')}", "alpha==1.0"],
        "url": [f"alpha @ {direct} --hash=sha256:{file.sha256}"],
        "query": [f"alpha @ {public}?token={SECRET}"],
        "pylock": [pylock(index, file, direct)],
        "pylock-index": [pylock(index, file, public)],
    }.get(kind, ["alpha==1.0"])
    path = lock(*lines, name="pylock.toml" if kind.startswith("pylock") else "requirements.txt")
    if kind == "uv":
        more = f'[[tool.uv.index]]\nname = "ours"\nurl = "{index.url}"\nexplicit = true\n'
        more += '[tool.uv.sources]\nalpha = { index = "ours" }\n'
        path = uv_lock(tmp_path / "project", index, "alpha", more=more)
        monkeypatch.delenv("UV_NO_CONFIG")
        index.credentials = (USER, SECRET)
    set_secret(kind, index, monkeypatch, tmp_path)
    return path


KINDS = [
    "environment", "named", "netrc", "line", "variable", "url", "query", "pylock", "pylock-index", "uv",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_is_in_anything_that_a_build_writes_or_logs(
    private: Index,
    lock: Lock,
    cache: Cache,
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    path = lock_of(kind, private, lock, monkeypatch, tmp_path)
    built = build_layer(path, target=target, name="layer", output=tmp_path / "out", cache=cache)
    assert [package.name for package in built.packages] == ["alpha"]
    assert leaks(tmp_path, path, tmp_path / "netrc") == []
    assert f"files/{WHEEL}" in caplog.text
    assert SECRET not in caplog.text + "".join(capfd.readouterr()) + repr(built)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "query"])
def test_no_secret_is_in_an_error(
    private: Index,
    lock: Lock,
    cache: Cache,
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    path = lock_of(kind, private, lock, monkeypatch, tmp_path)
    caplog.set_level(logging.DEBUG)
    private.credentials = (USER, "another")
    with pytest.raises(LaminaError, match=r"refuses access \(401\); check the credentials") as caught:
        wheels_for(path, target, cache)
    assert SECRET not in str(caught.value) + caplog.text
    assert leaks(cache.root) == []


@pytest.mark.parametrize(
    "line",
    [
        "alpha==${HIDDEN}!",
        "alpha ${HIDDEN}",
        "--${HIDDEN}",
        "--index-url http://u:${HIDDEN}@host/ extra",
        "--index-url http://u:${HIDDEN}@host:bad/",
        "--index-url http://u:/${HIDDEN}@host/",
        "--index-url 'http://u:${HIDDEN}@host/",
        "alpha @ http://u:${HIDDEN}@host/x.zip",
        "alpha @ http://u:/${HIDDEN}@host/x.zip",
        "git+https://u:${HIDDEN}@host/x",
        "a b @ http://host/?${HIDDEN}",
        "alpha==1 --hash=${HIDDEN}",
        "alpha==1 --hash=sha256:00 --${HIDDEN}=1",
        "-r ${HIDDEN}.txt",
        "./${HIDDEN}.whl",
    ],
)
def test_no_line_tells_a_secret_in_its_error(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("HIDDEN", SECRET)
    with pytest.raises(LaminaError) as caught:
        wheels_for(lock(line, "beta==1"), target, cache)
    assert SECRET not in str(caught.value)
    in_the_file = line.replace("${HIDDEN}", SECRET)
    if "://" in line and "?" not in line:
        with pytest.raises(LaminaError) as caught:
            wheels_for(lock(in_the_file, "beta==1"), target, cache)
        assert SECRET not in str(caught.value)


def test_a_redirect_to_a_signed_address_is_logged_without_its_signature(
    index: Index, lock: Lock, cache: Cache, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    index.wheel("alpha", "1.0")
    index.redirects = {"alpha": f"{index.url}alpha?signature={SECRET}"}
    with pytest.raises(LaminaError, match="redirects without end"):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert "/simple/alpha" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("user", ["", USER])
def test_the_keyrings_command_is_asked_where_that_is_wanted(
    private: Index, lock: Lock, cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    command = tmp_path / "bin" / "keyring"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"known = {{'get {private.url} {USER}': '{SECRET}',\n"
        f"         '--mode creds get {private.url}': '{USER}\\n{SECRET}'}}\n"
        "answer = known.get(' '.join(sys.argv[1:]))\nprint(answer) if answer else sys.exit(1)\n"
    )
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(command.parent), prepend=os.pathsep)
    monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")
    if user:
        monkeypatch.setenv("UV_DEFAULT_INDEX", private.url.replace("//", f"//{user}@"))
    assert wheels_for(lock("alpha==1.0"), Target("3.12", "x86_64"), cache)
    assert leaks(cache.root) == []


def test_who_has_no_keyring_is_told_where_credentials_were_looked_for_and_nothing_of_it(
    private: Index,
    lock: Lock,
    cache: Cache,
    target: Target,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from keyring import core

    # What the library falls back to where no backend works.
    monkeypatch.setattr(core, "_keyring_backend", core.load_keyring("keyring.backends.fail.Keyring"))
    told = (
        r"refuses access \(401\); no credentials for 127\.0\.0\.1 were found in the index URL, "
        r"UV_INDEX_<NAME>_USERNAME and _PASSWORD, netrc or keyring$"
    )
    with pytest.raises(LaminaError, match=told):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert caplog.messages == []


def test_a_keyring_command_that_is_not_there_or_knows_nothing_leaves_the_refusal(
    private: Index,
    lock: Lock,
    cache: Cache,
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LaminaError, match=r"refuses access \(401\)"):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert caplog.messages == [
        "the keyring is to be asked by its command, and there is no keyring on the PATH"
    ]
    monkeypatch.setenv("UV_KEYRING_PROVIDER", "magic")
    with pytest.raises(LaminaError, match=r"^UV_KEYRING_PROVIDER is 'magic'; there are auto, import, sub"):
        wheels_for(lock("alpha==1.0"), target, cache)


def test_the_keyrings_library_gives_what_no_file_says(
    private: Index, lock: Lock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vault.py").write_text(
        "import keyring.backend, keyring.credentials\n"
        "class Vault(keyring.backend.KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): raise NotImplementedError\n"
        "    def get_credential(self, service, username):\n"
        f"        known = service == {private.url!r}\n"
        f"        return keyring.credentials.SimpleCredential({USER!r}, {SECRET!r}) if known else None\n"
    )
    path = lock(
        pylock(private, private.projects["alpha"][0], f"http://127.0.0.1:{private.port}/files/{WHEEL}"),
        name="pylock.toml",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(PROJECT)]))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "vault.Vault")
    monkeypatch.setenv("LAMINA_CACHE", str(tmp_path / "cache"))
    command = [
        sys.executable,
        "-m",
        "build",
        "layer",
        str(path),
        "--python",
        "3.12",
        "--output",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "alpha" in done.stdout
    assert leaks(tmp_path, tmp_path / "vault.py", *tmp_path.rglob("*.pyc")) == []
    assert SECRET not in done.stdout + done.stderr
