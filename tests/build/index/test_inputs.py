"""Wheels that a lock names itself, by path or URL: from lock to cache, and seen again when they change."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import FailureError, UserError
from build.resolve import wheels_for
from build.target import Target
from tests.build.index_fixtures import Lock
from tests.build.index_server import Index, Published, tiny_wheel
from tests.build.uv_project import uv_lock

HEAVY = {"packaging", "httpx", "rich", "uv", "logging", "tomllib", "subprocess", "tempfile", "urllib.request"}
WHEEL = "alpha-1.0-py3-none-any.whl"


def url_of(index: Index, file: Published) -> str:
    return f"http://127.0.0.1:{index.port}/files/{file.filename}"


def pylock(index: Index, *files: Published, extra: str = "") -> str:
    packages = "".join(
        f'[[packages]]\nname = "{file.filename.partition("-")[0]}"\nindex = "{index.url}"\n'
        f'wheels = [{{url = "{url_of(index, file)}", size = {len(file.content)}, '
        f'hashes = {{sha256 = "{file.sha256}"}}}}]\n'
        for file in files
    )
    return f'lock-version = "1.0"\ncreated-by = "test"\n{extra}\n{packages}'


def sha256s(lock: Path, target: Target, cache: Cache, **terms: object) -> list[str]:
    return [wheel.sha256 for wheel in wheels_for(lock, target, cache, **terms)]  # type: ignore[arg-type]


def test_a_pylock_needs_no_index_page(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    files = [index.wheel(name, "1.0") for name in ("alpha", "beta")]
    path = lock(pylock(index, *files), name="pylock.toml")
    assert sha256s(path, target, cache) == [file.sha256 for file in files]
    assert sorted(index.requests) == [f"/files/{file.filename}" for file in files]


@pytest.mark.parametrize("form", ["{url} --hash=sha256:{hash}", "{url}#sha256={hash}", "alpha @ {url}"])
def test_a_wheel_by_its_url_needs_no_index_page(
    index: Index, lock: Lock, cache: Cache, target: Target, form: str
) -> None:
    file = index.wheel("alpha", "1.0")
    path = lock(form.format(url=url_of(index, file), hash=file.sha256))
    assert sha256s(path, target, cache) == [file.sha256]
    assert index.requests == [f"/files/{WHEEL}"]


@pytest.mark.parametrize("kind", ["requirements", "url", "path", "pylock", "pylock-path", "uv"])
def test_an_unchanged_lock_needs_no_network_and_no_library(
    index: Index, lock: Lock, cache: Cache, target: Target, kind: str, tmp_path: Path
) -> None:
    file = index.wheel("alpha", "1.0")
    (tmp_path / WHEEL).write_bytes(file.content)
    by_path = pylock(index, file).replace("url =", f'path = "{WHEEL}", url =')
    path = {
        "requirements": lambda: lock(f"alpha==1.0 --hash=sha256:{file.sha256}"),
        "url": lambda: lock(f"alpha @ {url_of(index, file)}"),
        "path": lambda: lock(f"./{WHEEL}"),
        "pylock": lambda: lock(pylock(index, file), name="pylock.toml"),
        "pylock-path": lambda: lock(by_path, name="pylock.toml"),
        "uv": lambda: uv_lock(tmp_path, index, "alpha"),
    }[kind]()
    first = sha256s(path, target, cache)
    index.requests.clear()
    code = (
        "import sys; from pathlib import Path; from build.resolve import wheels_for\n"
        "from build.cache import Cache; from build.target import Target\n"
        f"cache = Cache(Path({str(cache.root)!r}))\n"
        f"found = wheels_for(Path({str(path)!r}), Target('3.12', 'x86_64'), cache)\n"
        f"print(found[0].sha256, sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [first[0], "[]"]
    assert index.requests == []


def test_a_changed_wheel_of_this_machine_is_seen_again(
    no_settings: Path, lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    (tmp_path / WHEEL).write_bytes(tiny_wheel("alpha", "1.0", text="one"))
    path = lock(f"./{WHEEL}")
    first = sha256s(path, target, cache)
    other = tiny_wheel("alpha", "1.0", text="two")
    (tmp_path / "new").write_bytes(other)
    status = (tmp_path / WHEEL).stat()
    os.utime(tmp_path / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
    (tmp_path / "new").replace(tmp_path / WHEEL)
    assert len(other) == status.st_size
    assert sha256s(path, target, cache) != first


@pytest.mark.parametrize("kind", ["requirements", "pylock"])
def test_a_changed_wheel_of_this_machine_is_refused_where_the_lock_has_its_hash(
    index: Index, lock: Lock, cache: Cache, target: Target, tmp_path: Path, kind: str
) -> None:
    file = index.wheel("alpha", "1.0")
    (tmp_path / WHEEL).write_bytes(file.content)
    by_path = pylock(index, file).replace("url =", f'path = "{WHEEL}", url =')
    path = (
        lock(f"./{WHEEL} --hash=sha256:{file.sha256}")
        if kind == "requirements"
        else lock(by_path, name="pylock.toml")
    )
    assert sha256s(path, target, cache) == [file.sha256]
    (tmp_path / WHEEL).write_bytes(tiny_wheel("alpha", "1.0", text="changed"))
    with pytest.raises(
        FailureError, match=rf"^{WHEEL} is not the file that the lock \(\S+:\d\) means: expected"
    ):
        wheels_for(path, target, cache)


def test_a_wheel_that_goes_is_told(
    no_settings: Path, lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    (tmp_path / WHEEL).write_bytes(tiny_wheel("alpha", "1.0"))
    path = lock(f"./{WHEEL}")
    wheels_for(path, target, cache)
    (tmp_path / WHEEL).unlink()
    with pytest.raises(
        UserError, match=rf"requirements\.txt:1: there is no file \./{WHEEL}; correct the path"
    ):
        wheels_for(path, target, cache)


def test_a_file_of_a_pylock_that_is_not_there_is_told(
    index: Index, lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    gone = index.wheel("alpha", "1.0")
    text = pylock(index, gone)
    index.projects.clear()
    with pytest.raises(
        FailureError, match=rf"^{WHEEL} is named by the lock \(\S+toml:4\), but is not at http://"
    ):
        wheels_for(lock(text, name="pylock.toml"), target, cache)
    text = text.replace(f'url = "{url_of(index, gone)}"', 'path = "gone/alpha-1.0-py3-none-any.whl"')
    with pytest.raises(
        UserError, match=rf"toml:4 names {tmp_path}/gone/{WHEEL}, and there is no such file; put it there"
    ):
        wheels_for(lock(text, name="pylock.toml"), target, cache)


@pytest.mark.parametrize("kind", ["url", "pylock"])
def test_a_url_that_serves_other_bytes_is_refused_and_nothing_is_kept(
    index: Index, lock: Lock, cache: Cache, target: Target, kind: str
) -> None:
    file = index.wheel("alpha", "1.0")
    text = pylock(index, file).replace(file.sha256, "a" * 64)
    path = (
        lock(text, name="pylock.toml")
        if kind == "pylock"
        else lock(f"{url_of(index, file)}#sha256={'a' * 64}")
    )
    with pytest.raises(
        FailureError, match=r"not the file that the lock \(\S+\) means: expected sha256:a+, got sha"
    ):
        wheels_for(path, target, cache)
    assert not cache.has_wheel(file.sha256)


def test_a_named_wheel_for_another_target_is_refused_with_what_it_is_for(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    arm = index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_17_aarch64")
    told = r"alpha 1\.0 has no wheel for python3\.12 on x86_64 \(glibc 2\.34\): its wheels are for manyl"
    with pytest.raises(UserError, match=told):
        wheels_for(lock(f"alpha @ {url_of(index, arm)}"), target, cache)
    assert sha256s(lock(f"alpha @ {url_of(index, arm)}"), Target("3.12", "arm64"), cache) == [arm.sha256]


def test_the_best_wheel_of_a_pylock_is_taken(index: Index, lock: Lock, cache: Cache, target: Target) -> None:
    plain = index.wheel("alpha", "1.0")
    fast = index.wheel("alpha", "1.0", "cp312-cp312-manylinux_2_17_x86_64")
    wheels = ", ".join(
        f'{{url = "{url_of(index, each)}", hashes = {{sha256 = "{each.sha256}"}}}}' for each in (plain, fast)
    )
    text = f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "alpha"\nwheels = [{wheels}]\n'
    path = lock(text, name="pylock.toml")
    assert sha256s(path, target, cache) == [fast.sha256]
    assert sha256s(path, Target("3.13", "arm64"), cache) == [plain.sha256]


def test_all_packages_with_nothing_but_sdists_are_told_in_one_sentence(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    for name in ("one", "two"):
        index.file(f"{name}-1.0.tar.gz", b"", project=name)
    told = r"^only an sdist is published of one 1\.0 \(\S+:1\), two 1\.0 \(\S+:2\), .*--find-links"
    with pytest.raises(UserError, match=told):
        wheels_for(lock("one==1.0", "two==1.0"), target, cache)
    text = 'lock-version = "1.0"\ncreated-by = "x"\n'
    for name in ("one", "two"):
        sdist = f'{{url = "{index.url}{name}-1.0.tar.gz", hashes = {{sha256 = "{"a" * 64}"}}}}'
        text += f'[[packages]]\nname = "{name}"\nversion = "1.0"\nsdist = {sdist}\n'
    with pytest.raises(
        UserError, match=r"^only an sdist is published of one 1\.0 \(\S+:3\), two 1\.0 \(\S+:7\)"
    ):
        wheels_for(lock(text, name="pylock.toml"), target, cache)


def test_required_hashes_are_held_against_every_kind_of_lock(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    file = index.wheel("alpha", "1.0")
    for line in ("alpha==1.0", f"alpha @ {url_of(index, file)}"):
        assert sha256s(lock(line), target, cache) == [file.sha256]
        with pytest.raises(UserError, match="no --hash for alpha"):
            wheels_for(lock(line), target, cache, require_hashes=True)
    with pytest.raises(UserError, match=r"alpha \(\S+\) is not pinned with ==, as a lock with hashes needs"):
        wheels_for(lock("alpha"), target, cache, require_hashes=True)
    path = lock(pylock(index, file), name="pylock.toml")
    assert sha256s(path, target, cache, require_hashes=True) == [file.sha256]


def test_a_requirements_file_has_no_extras_and_no_groups(lock: Lock, cache: Cache, target: Target) -> None:
    with pytest.raises(
        UserError, match=r"is a requirements file, which has no extras and no groups to choose"
    ):
        wheels_for(lock("alpha==1.0"), target, cache, extras=["web"])


def test_what_is_open_beside_a_wheel_by_path_is_pinned_through_uv(
    index: Index, lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    beta = index.wheel("beta", "2.0")
    (tmp_path / WHEEL).write_bytes(tiny_wheel("alpha", "1.0"))
    found = wheels_for(lock(f"./{WHEEL}", "beta>1"), target, cache)
    assert [(wheel.name, wheel.version) for wheel in found] == [("alpha", "1.0"), ("beta", "2.0")]
    assert found[1].sha256 == beta.sha256


@pytest.mark.parametrize("name", ["UV_REQUIRE_HASHES", "PIP_REQUIRE_HASHES"])
def test_the_installers_own_variables_make_hashes_compulsory(
    index: Index, lock: Lock, cache: Cache, target: Target, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    index.wheel("alpha", "1.0")
    path = lock("alpha==1.0")
    wheels_for(path, target, cache)
    monkeypatch.setenv(name, "0")
    wheels_for(path, target, cache)
    monkeypatch.setenv(name, "true")
    with pytest.raises(UserError, match="no --hash for alpha"):
        wheels_for(path, target, cache)


def test_a_pylock_in_another_folder_is_the_same(
    index: Index, lock: Lock, cache: Cache, target: Target, tmp_path: Path
) -> None:
    text = pylock(index, index.wheel("alpha", "1.0"))
    first = wheels_for(lock(text, name="pylock.toml"), target, cache)
    index.requests.clear()
    index.projects.clear()
    other = tmp_path / "elsewhere" / "pylock.other.toml"
    other.parent.mkdir()
    other.write_text(text + "\n# why\n")
    assert wheels_for(other, target, cache) == first
    assert index.requests == []


def test_a_linked_uv_lock_is_read_with_the_project_that_it_lies_in(
    index: Index, cache: Cache, target: Target, tmp_path: Path
) -> None:
    index.wheel("alpha", "1.0")
    made = uv_lock(tmp_path / "made", index, "alpha")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "pyproject.toml").write_bytes((made.parent / "pyproject.toml").read_bytes())
    (linked / "uv.lock").symlink_to(made)
    assert [wheel.name for wheel in wheels_for(linked / "uv.lock", target, cache)] == ["alpha"]


def test_a_url_without_a_hash_is_fetched_again_by_a_refresh(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    first = index.wheel("alpha", "1.0")
    path = lock(f"alpha @ {url_of(index, first)}")
    assert sha256s(path, target, cache) == [first.sha256]
    index.projects.clear()
    second = index.wheel("alpha", "1.0", text="rebuilt")
    assert sha256s(path, target, cache) == [first.sha256]
    assert sha256s(path, target, cache, refresh=True) == [second.sha256]
    assert sha256s(path, target, cache) == [second.sha256]


def test_a_url_with_a_hash_is_not_fetched_twice(
    index: Index, lock: Lock, cache: Cache, target: Target
) -> None:
    file = index.wheel("alpha", "1.0")
    path = lock(f"alpha @ {url_of(index, file)} --hash=sha256:{file.sha256}")
    for refresh in (False, True):
        assert sha256s(path, target, cache, refresh=refresh) == [file.sha256]
    assert index.asked(".whl") == 1


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "sha384", "sha512"])
def test_every_hash_in_a_url_is_checked(
    index: Index, lock: Lock, cache: Cache, target: Target, algorithm: str
) -> None:
    file = index.wheel("alpha", "1.0")
    digits = hashlib.new(algorithm, file.content).hexdigest()
    assert sha256s(lock(f"{url_of(index, file)}#{algorithm}={digits}"), target, cache) == [file.sha256]
    wrong = f"{url_of(index, file)}#{algorithm}={'0' * len(digits)}"
    with pytest.raises(FailureError, match=rf"not the file that the lock .* expected {algorithm}:0+, got"):
        wheels_for(lock(wrong), target, cache)


@pytest.mark.parametrize("algorithm", ["sha512", "sha3_256", "blake2b", "md5"])
def test_every_hash_of_a_pylock_is_checked(
    index: Index, lock: Lock, cache: Cache, target: Target, algorithm: str
) -> None:
    file = index.wheel("alpha", "1.0")
    digits = hashlib.new(algorithm, file.content).hexdigest()
    text = pylock(index, file).replace(f'sha256 = "{file.sha256}"', f'{algorithm} = "{digits}"')
    assert sha256s(lock(text, name="pylock.toml"), target, cache) == [file.sha256]
    wrong = lock(text.replace(digits, "0" * len(digits)), name="pylock.toml")
    with pytest.raises(FailureError, match=rf"not the file that the lock .* expected {algorithm}:0+, got"):
        wheels_for(wrong, target, cache)
