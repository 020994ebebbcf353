"""From a lock to wheels in the cache, over a real index on a loopback port."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import FailureError, UserError
from build.index import download, transport
from build.lock.selection import LockedWheel
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_fixtures import Lock
from tests.build.index_server import Index, Published, serve, tiny_wheel


def hashed(name: str, version: str, *files: Published) -> str:
    return f"{name}=={version} " + " ".join(f"--hash=sha256:{file.sha256}" for file in files)


def incoming(cache: Cache) -> list[str]:
    folder = cache.root / "incoming"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.fixture(params=["json", "html"])
def any_index(request: pytest.FixtureRequest, index: Index) -> Index:
    index.kind = request.param
    return index


def test_every_package_gets_its_wheel_and_the_cache_holds_it(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    beta = any_index.wheel("beta", "2.0")
    alpha = any_index.wheel("Alpha.One".lower().replace(".", "-"), "1.0")
    found = wheels_for(lock("beta==2.0", "Alpha.One==1.0  # first"), target, cache)
    assert found == (
        LockedWheel("alpha-one", "1.0", "alpha_one-1.0-py3-none-any.whl", alpha.sha256),
        LockedWheel("beta", "2.0", "beta-2.0-py3-none-any.whl", beta.sha256),
    )
    assert [cache.wheel_path(wheel.sha256).read_bytes() for wheel in found] == [alpha.content, beta.content]


def test_a_lock_seen_before_needs_no_network_and_no_library(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    first = wheels_for(path, target, cache)
    asked = len(index.requests)
    code = (
        "import sys; from pathlib import Path; from build.resolve import wheels_for\n"
        "from build.cache import Cache; from build.target import Target\n"
        f"cache = Cache(Path({str(cache.root)!r}))\n"
        f"found = wheels_for(Path({str(path)!r}), Target('3.12', 'x86_64'), cache)\n"
        "heavy = {'packaging', 'httpx', 'rich', 'uv', 'logging', 'tomllib'} & set(sys.modules)\n"
        "print(found[0].sha256, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [first[0].sha256, "[]"]
    assert len(index.requests) == asked


def test_a_comment_or_another_order_asks_nobody_again(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    index.wheel("beta", "1.0")
    first = wheels_for(lock("alpha==1.0", "beta==1.0"), target, cache)
    asked = len(index.requests)
    assert wheels_for(lock("# why", "beta==1.0", "alpha==1.0"), target, cache) == first
    assert len(index.requests) == asked


def test_a_changed_pin_asks_only_for_itself(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    for version in ("1.0", "1.1"):
        index.wheel("alpha", version)
    index.wheel("beta", "1.0")
    wheels_for(lock("alpha==1.0", "beta==1.0"), target, cache)
    index.requests.clear()
    wheels_for(lock("alpha==1.1", "beta==1.0"), target, cache)
    assert sorted(index.requests) == ["/files/alpha-1.1-py3-none-any.whl", "/simple/alpha/"]


def test_refresh_asks_the_index_again(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    wheels_for(path, target, cache)
    better = index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_17_x86_64")
    assert wheels_for(path, target, cache)[0].filename.endswith("any.whl")
    assert wheels_for(path, target, cache, refresh=True)[0].sha256 == better.sha256


def test_a_wheel_gone_from_the_cache_is_fetched_again(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    file = index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    wheels_for(path, target, cache)
    cache.wheel_path(file.sha256).unlink()
    wheels_for(path, target, cache)
    assert cache.has_wheel(file.sha256)
    assert index.asked(".whl") == 2


def test_a_download_is_tried_again(any_index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    file = any_index.wheel("alpha", "1.0", text="x" * 5000)
    any_index.faults = {"alpha": [503], file.filename: ["cut"]}
    assert wheels_for(lock("alpha==1.0"), target, cache)[0].sha256 == file.sha256
    assert any_index.asked(".whl") == 2


def test_an_index_that_asks_to_wait_is_left_alone_so_long(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    index.faults, index.retry_after = {"alpha": [429]}, "1"
    begin = time.monotonic()
    wheels_for(lock("alpha==1.0"), target, cache)
    assert time.monotonic() - begin > 1


def test_an_index_that_asks_to_wait_for_long_is_not_waited_for(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    index.faults, index.retry_after = {"alpha": [429]}, "9000"
    with pytest.raises(FailureError, match=r"\(status 429, and it asks to wait for 9000 seconds\)"):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert index.asked("alpha/") == 1


def test_a_page_without_end_is_given_up(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_MOST_PAGE", 100)
    index.wheel("alpha", "1.0")
    with pytest.raises(FailureError, match="/alpha/ has a page of more than"):
        wheels_for(lock("alpha==1.0"), target, cache)


def test_a_download_without_end_is_given_up(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MOST_PACKED", 100)
    index.wheel("alpha", "1.0")
    with pytest.raises(
        FailureError, match=r"^alpha-1\.0-py3-none-any\.whl has more than .* nothing of it was kept"
    ):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert incoming(cache) == []


def test_a_pipe_is_no_wheel(lock: Lock, cache: Cache, target: Target, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alpha-1.0-py3-none-any.whl")
    with pytest.raises(
        FailureError, match=r"alpha-1\.0-py3-none-any\.whl cannot be read from .*: it is no file"
    ):
        wheels_for(lock("./alpha-1.0-py3-none-any.whl"), target, cache)


@pytest.mark.parametrize("fault", ["cut", "chunked-short"])
def test_a_truncated_download_is_refused_and_leaves_nothing(
    index: Index, lock: Lock, cache: Cache, target: Target, fault: str
) -> None:
    file = index.wheel("alpha", "1.0")
    index.faults = {file.filename: [fault] * 5}
    with pytest.raises(
        FailureError, match=r"cannot download alpha-1\.0-py3-none-any\.whl from http://127.*\("
    ):
        wheels_for(lock("alpha==1.0"), target, cache)
    assert not cache.has_wheel(file.sha256)
    assert incoming(cache) == []


def test_a_wheel_that_the_lock_does_not_mean_is_refused(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    file = any_index.wheel("alpha", "1.0", hashes={}, size=None)
    path = lock(f"alpha==1.0 --hash=sha256:{'a' * 64}")
    told = r"alpha-1\.0-py3-none-any\.whl is not the file that the lock .*requirements\.txt:1\) means: "
    message = rf"{told}.*{'a' * 64}.*{file.sha256}"
    with pytest.raises(FailureError, match=message):
        wheels_for(path, target, cache)
    assert not cache.has_wheel(file.sha256)
    assert incoming(cache) == []


def test_without_hashes_in_the_lock_the_index_hash_is_checked(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    any_index.wheel("alpha", "1.0", hashes={"sha256": "b" * 64})
    with pytest.raises(FailureError, match=f"its index means: expected sha256:{'b' * 64}"):
        wheels_for(lock("alpha==1.0"), target, cache)


def test_longer_hashes_in_the_lock_are_checked(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    with pytest.raises(FailureError, match="expected sha512:c"):
        wheels_for(lock(f"alpha==1.0 --hash=sha512:{'c' * 128}"), target, cache)


def test_only_wheels_that_the_lock_knows_are_eligible(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    plain = any_index.wheel("alpha", "1.0")
    any_index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_34_x86_64")
    assert wheels_for(lock(hashed("alpha", "1.0", plain)), target, cache)[0].sha256 == plain.sha256


def test_all_packages_without_a_wheel_are_told_at_once(any_index: Index, lock: Lock, cache: Cache) -> None:
    any_index.wheel("rapid", "3.14.3", "cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64")
    any_index.wheel("rapid", "3.14.3", "cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64")
    any_index.wheel("arm", "1.0", "cp311-cp311-manylinux_2_17_aarch64")
    any_index.wheel("young", "1.0", "cp313-cp313-manylinux_2_17_x86_64")
    any_index.wheel("strict", "1.0", requires_python=">=3.12")
    any_index.file("source-1.0.tar.gz", b"", project="source")
    any_index.wheel("other", "2.0")
    any_index.wheel("foreign", "1.0")
    pins = [
        "rapid==3.14.3",
        "arm==1.0",
        "young==1.0",
        "strict==1.0",
        "source==1.0",
        "other==1.0",
        "absent==1",
    ]
    with pytest.raises(UserError) as caught:
        wheels_for(lock(*pins), Target("3.11", "x86_64"), cache)
    message = str(caught.value)
    here = "has no wheel for python3.11 on x86_64 (glibc 2.26)"
    for expected in (
        f"rapid 3.14.3 {here}: its wheels need manylinux_2_27 or manylinux_2_28; pin an older version or use",
        f"arm 1.0 {here}: its wheels are for manylinux_2_17_aarch64; pin another version",
        f"young 1.0 {here}: its wheels are for cp313-cp313; pin another version or use python3.13",
        "strict 1.0 needs Python >=3.12, and the target is python3.11; pin another version or use python3.12",
        "only an sdist is published of source 1.0 (",
        "is not on the index, though other versions are",
        "absent",
    ):
        assert expected in message
    assert "\n" not in message
    assert any_index.asked(".whl") == 0


def test_a_lock_whose_hashes_know_no_wheel_for_the_target_says_so(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    any_index.wheel("alpha", "1.0")
    with pytest.raises(
        UserError, match=r"has none of the hashes that .*requirements\.txt:1 lists; lock again"
    ):
        wheels_for(lock(f"alpha==1.0 --hash=sha256:{'a' * 64}"), target, cache)


def test_a_yanked_pin_is_taken_with_a_warning(
    any_index: Index, lock: Lock, cache: Cache, target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    any_index.wheel("alpha", "1.0", yanked="broken on Mondays\x1b[31m\n")
    with caplog.at_level(logging.WARNING):
        assert wheels_for(lock("alpha==1.0"), target, cache)[0].version == "1.0"
    assert "alpha 1.0" in caplog.text
    assert r"was yanked from its index: 'broken on Mondays\x1b[31m\n'" in caplog.text


def test_another_build_of_the_same_tag_wins_by_its_number(
    any_index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    for build in ("2", "10", "9a"):
        any_index.file(
            f"alpha-1.0-{build}-py3-none-any.whl", tiny_wheel("alpha", "1.0", text=build), project="alpha"
        )
    assert wheels_for(lock("alpha==1.0"), target, cache)[0].filename == "alpha-1.0-10-py3-none-any.whl"


def test_credentials_of_the_index_go_with_its_files_and_are_kept_nowhere(
    any_index: Index,
    lock: Lock,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    any_index.wheel("alpha", "1.0")
    any_index.credentials = ("me", "s3cret!")
    monkeypatch.setenv("UV_DEFAULT_INDEX", any_index.url_for("me", "s3cret%21"))
    wheels_for(lock("alpha==1.0"), Target("3.12", "x86_64"), cache)
    assert "HTTP Request" in caplog.text
    assert "s3cret" not in caplog.text
    kept = [path for path in cache.root.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]
    assert kept == []


def test_a_new_password_changes_no_answer(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url_for("me", "old"))
    wheels_for(path, target, cache)
    asked = len(index.requests)
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.url_for("you", "new"))
    wheels_for(path, target, cache)
    assert len(index.requests) == asked


def test_refused_access_is_one_line_without_credentials(
    any_index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_index.credentials = ("me", "right")
    monkeypatch.setenv("UV_DEFAULT_INDEX", any_index.url_for("me", "wrong"))
    with pytest.raises(FailureError, match=r"refuses access \(401\); check the credentials") as caught:
        wheels_for(lock("alpha==1.0", "beta==1.0"), target, cache)
    assert "wrong" not in str(caught.value)
    assert "me:" not in str(caught.value)


def test_credentials_come_from_netrc(
    index: Index, no_settings: Path, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    index.credentials = ("me", "secret")
    netrc = no_settings / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    assert wheels_for(lock("alpha==1.0"), target, cache)


def test_credentials_come_from_the_keyring_after_a_refusal(
    index: Index, lock: Lock, cache: Cache, tmp_path: Path
) -> None:
    index.wheel("alpha", "1.0")
    index.credentials = ("me", "secret")
    (tmp_path / "vault.py").write_text(
        "import keyring.backend, keyring.credentials\n"
        "class Vault(keyring.backend.KeyringBackend):\n"
        "    priority = 9\n"
        "    def get_password(self, service, username): return None\n"
        "    def set_password(self, service, username, password): raise NotImplementedError\n"
        "    def get_credential(self, service, username):\n"
        f"        known = service == {index.url!r}\n"
        "        return keyring.credentials.SimpleCredential('me', 'secret') if known else None\n"
    )
    code = (
        "from pathlib import Path; from build.resolve import wheels_for\n"
        "from build.cache import Cache; from build.target import Target\n"
        f"cache = Cache(Path({str(cache.root)!r}))\n"
        f"wheels_for(Path({str(lock('alpha==1.0'))!r}), Target('3.12', 'x86_64'), cache)"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[3])])
    environ = {**os.environ, "PYTHONPATH": path, "PYTHON_KEYRING_BACKEND": "vault.Vault"}
    subprocess.run([sys.executable, "-c", code], env=environ, check=True)
    assert index.asked(".whl") == 1


@pytest.mark.usefixtures("no_settings")
def test_no_network_with_a_cold_cache_is_one_line(
    lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(Index()) as gone:
        pass
    monkeypatch.setenv("UV_DEFAULT_INDEX", gone.url_for("me", "secret"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(
        FailureError, match=r"^no answer from the index http://127\S+ \(.*refused\); check"
    ) as caught:
        wheels_for(lock(*(f"p{number}==1" for number in range(40))), target, cache)
    assert str(caught.value).count("no answer") <= 8
    assert "secret" not in str(caught.value)


def test_the_first_index_that_has_the_version_answers(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_34_x86_64", text="of a stranger")
    with serve(Index()) as private:
        ours = private.wheel("alpha", "1.0")
        monkeypatch.setenv("UV_INDEX", private.url)
        assert wheels_for(lock("alpha==1.0"), target, cache)[0].sha256 == ours.sha256
    assert index.requests == []


def test_hashes_let_the_search_go_on_to_the_next_index(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = index.wheel("alpha", "1.0")
    with serve(Index()) as private:
        private.wheel("alpha", "1.0", text="rebuilt")
        monkeypatch.setenv("UV_INDEX", private.url)
        assert wheels_for(lock(hashed("alpha", "1.0", public)), target, cache)[0].sha256 == public.sha256


@pytest.mark.usefixtures("no_settings")
def test_find_links_folders_serve_wheels_and_are_watched(
    lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    folder = tmp_path / "wheels"
    folder.mkdir()
    (folder / "alpha-1.0-py3-none-any.whl").write_bytes(tiny_wheel("alpha", "1.0"))
    path = lock("--no-index", "--find-links wheels", "alpha==1.0")
    assert wheels_for(path, target, cache)[0].filename == "alpha-1.0-py3-none-any.whl"
    (folder / "alpha-1.0-cp312-cp312-linux_x86_64.whl").write_bytes(tiny_wheel("alpha", "1.0", text="fast"))
    assert wheels_for(path, target, cache)[0].filename == "alpha-1.0-cp312-cp312-linux_x86_64.whl"


def test_find_links_pages_serve_wheels(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    index.kind = "html"
    file = index.wheel("alpha", "1.0")
    path = lock("--no-index", f"-f {index.url}alpha/", "alpha==1.0")
    assert wheels_for(path, target, cache)[0].sha256 == file.sha256


def test_what_is_not_pinned_is_pinned_through_uv(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.wheel("alpha", "1.0")
    index.wheel("alpha", "1.1")
    index.wheel("beta", "1.0")
    path = lock("alpha<1.1", "beta==1.0")
    assert [str(wheel.version) for wheel in wheels_for(path, target, cache)] == ["1.0", "1.0"]
    asked = len(index.requests)
    wheels_for(path, target, cache)
    assert len(index.requests) == asked


def test_uv_pins_to_versions_that_have_wheels_for_the_target(index: Index, lock: Lock, cache: Cache) -> None:
    index.wheel("alpha", "1.0", "cp311-cp311-manylinux_2_17_x86_64")
    index.wheel("alpha", "1.1", "cp311-cp311-manylinux_2_28_x86_64")
    assert wheels_for(lock("alpha"), Target("3.11", "x86_64"), cache)[0].version == "1.0"


@pytest.mark.parametrize(
    ("line", "version"), [("", "1.0"), ("--pre", "2.0rc1"), ("--all-releases :all:", "2.0rc1")]
)
def test_versions_that_are_no_releases_are_pinned_where_pip_takes_them(
    index: Index, lock: Lock, cache: Cache, target: Target, line: str, version: str
) -> None:
    index.wheel("alpha", "1.0")
    index.wheel("alpha", "2.0rc1")
    (found,) = wheels_for(lock(line, "alpha"), target, cache)
    assert found.version == version


def test_pip_pre_in_the_environment_counts_as_in_the_file(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheel("alpha", "1.0")
    index.wheel("alpha", "2.0rc1")
    monkeypatch.setenv("PIP_PRE", "1")
    (found,) = wheels_for(lock("alpha"), target, cache)
    assert found.version == "2.0rc1"


def test_what_uv_cannot_pin_is_one_line(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    index.wheel("alpha", "1.0")
    with pytest.raises(UserError, match=r"^cannot pin \S+requirements.txt: No solution found [^\n]+$"):
        wheels_for(lock("alpha>2"), target, cache)


def test_a_lock_with_hashes_is_never_pinned_again(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    file = index.wheel("alpha", "1.0")
    with pytest.raises(UserError, match=r"beta \(\S+:2\) is not pinned with ==, as a lock with hashes needs"):
        wheels_for(lock(hashed("alpha", "1.0", file), "beta"), target, cache)


def test_an_interrupt_ends_a_hanging_download_and_leaves_nothing(
    index: Index, lock: Lock, cache: Cache
) -> None:
    file = index.wheel("alpha", "1.0", text="x" * 5000)
    index.faults = {file.filename: ["hang"]}
    code = (
        "import os, signal, threading, time\n"
        "from pathlib import Path; from build.resolve import wheels_for\n"
        "from build.cache import Cache; from build.target import Target\n"
        f"cache = Cache(Path({str(cache.root)!r}))\n"
        "def interrupt():\n"
        "    while not list((cache.root / 'incoming').glob('*')): time.sleep(0.01)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=interrupt, daemon=True).start()\n"
        "try:\n"
        f"    wheels_for(Path({str(lock('alpha==1.0'))!r}), Target('3.12', 'x86_64'), cache)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
    assert incoming(cache) == []


def test_a_redirect_to_another_host_takes_no_credentials_along(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(Index(credentials=("me", "secret"))) as elsewhere:
        elsewhere.wheel("alpha", "1.0")
        index.redirects = {"alpha": f"{elsewhere.url}alpha/"}
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url_for("me", "secret"))
        with pytest.raises(FailureError, match="refuses access"):
            wheels_for(lock("alpha==1.0"), target, cache)


def test_a_redirect_is_followed_and_addresses_count_from_its_end(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    with serve(Index()) as elsewhere:
        file = elsewhere.wheel("alpha", "1.0")
        index.redirects = {"alpha": f"{elsewhere.url}alpha/"}
        assert wheels_for(lock("alpha==1.0"), target, cache)[0].sha256 == file.sha256


@pytest.mark.parametrize(
    "url", ["nonsense", "http://[::1/simple", "http://me:pw@host:port/", "ftp://me:pw@host/"]
)
def test_an_index_that_is_no_address_is_refused(
    index: Index, lock: Lock, cache: Cache, target: Target, url: str
) -> None:
    with pytest.raises(UserError, match=r"cannot be an index; give an http address") as caught:
        wheels_for(lock(f"--index-url {url}", "alpha==1.0"), target, cache)
    assert "pw" not in str(caught.value)
    assert index.requests == []


@pytest.mark.parametrize("proxy", ["nonsense://me:pw@host", "http://me:pw@host:port"])
def test_a_proxy_that_cannot_be_used_is_one_line(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch, *, proxy: str
) -> None:
    index.wheel("alpha", "1.0")
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(UserError, match=r"^a proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY cannot be used$"):
        wheels_for(lock("alpha==1.0"), target, cache)


def test_certificates_that_cannot_be_read_are_one_line(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.wheel("alpha", "1.0")
    monkeypatch.setenv("PIP_CERT", "/none/ca.pem")
    with pytest.raises(UserError, match=r"^cannot read the certificates in /none/ca\.pem: .*No such file"):
        wheels_for(lock("alpha==1.0"), target, cache)


def test_a_full_disk_is_one_line_and_leaves_nothing(index: Index, lock: Lock, cache: Cache) -> None:
    index.file("alpha-1.0-py3-none-any.whl", b"x" * 200_000, project="alpha")
    code = (
        "import resource, signal\n"
        "from pathlib import Path; from build.resolve import wheels_for\n"
        "from build.cache import Cache; from build.target import Target\n"
        "from build.errors import FailureError\n"
        f"cache = Cache(Path({str(cache.root)!r}))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n"
        f"    wheels_for(Path({str(lock('alpha==1.0'))!r}), Target('3.12', 'x86_64'), cache)\n"
        "except FailureError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    reason = "File too large (LAMINA_CACHE names another)"
    assert done.stdout == f"the cache {cache.root} cannot be used: {reason}\n"
    assert incoming(cache) == []


@pytest.mark.usefixtures("no_settings")
def test_find_links_of_an_open_lock_count_from_the_lock(
    lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "alpha-1.0-py3-none-any.whl").write_bytes(tiny_wheel("alpha", "1.0"))
    path = lock("--no-index", "--find-links wheels", "alpha")
    assert wheels_for(path, target, cache)[0].version == "1.0"


def test_a_lock_beside_an_index_without_json_hashes_or_sizes_works(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    index.kind = "html"
    file = index.wheel("alpha", "1.0", hashes={}, size=None)
    assert wheels_for(lock("alpha==1.0"), target, cache)[0].sha256 == file.sha256
