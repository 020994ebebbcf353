"""The key of a layer's inputs: the same on every machine, another for whatever makes a difference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from build.remote.inputs import Inputs, inputs_of
from build.resolve import question_of
from build.target import Target
from build.tree.options import DEFAULTS, LayerOptions

from ..index_fixtures import Lock
from ..index_server import Index
from .conftest import Run, operations

A, B = "a" * 64, "b" * 64


def inputs(
    lock: Path, *, name: str = "deps", target: Target, options: LayerOptions = DEFAULTS, **more: Any
) -> Inputs | None:
    document, sources, terms, _ = question_of(lock, target, **more)
    return inputs_of(document, sources, terms, name=name, target=target, options=options)


def key(lock: Path, target: Target, **more: Any) -> str:
    found = inputs(lock, target=target, **more)
    assert found is not None
    return found.key


PYLOCK = f"""lock-version = "1.0"
created-by = "test"
[[packages]]
name = "alpha"
version = "1.0"
wheels = [{{url = "https://host/alpha-1.0-py3-none-any.whl", hashes = {{sha256 = "{A}"}}}}]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("requirements.txt", f"alpha==1.0 --hash=sha256:{A}\n"), ("pylock.toml", PYLOCK)],
    ids=["requirements", "pylock"],
)
def test_the_key_does_not_know_the_folder(
    no_settings: Path, tmp_path: Path, target: Target, name: str, text: str
) -> None:
    found = []
    for folder in ("one", "other"):
        path = tmp_path / folder / name
        path.parent.mkdir()
        path.write_text(text)
        found.append(inputs(path, target=target))
    assert found[0] == found[1]
    assert found[0] is not None
    assert found[0].hashes == frozenset({A})


def test_whatever_makes_a_difference_makes_another_key(
    no_settings: Path, lock: Lock, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lock(f"alpha==1.0 --hash=sha256:{A}")
    found = [
        key(path, target),
        key(path, target, name="other"),
        key(path, Target("3.13", "x86_64")),
        key(path, Target("3.12", "arm64")),
        key(path, target, options=LayerOptions(slim=True)),
        key(path, target, require_hashes=True),
        key(path, target, extras=["x"]),
        key(lock(f"alpha==1.0 --hash=sha256:{B}", name="b.txt"), target),
    ]
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://elsewhere/simple/")
    found.append(key(path, target))
    assert len(set(found)) == len(found)


def test_a_lock_with_few_hashes_allows_any(no_settings: Path, lock: Lock, target: Target) -> None:
    found = inputs(lock(f"alpha==1.0 --hash=sha256:{A}", "beta==1.0"), target=target)
    assert found is not None
    assert found.hashes is None


@pytest.mark.parametrize(
    "line",
    ["./alpha-1.0-py3-none-any.whl", "alpha @ file:///x/alpha-1.0-py3-none-any.whl", "--index-url ./folder"],
)
def test_what_lies_on_this_machine_has_no_key(
    no_settings: Path, lock: Lock, target: Target, line: str
) -> None:
    assert inputs(lock(line, "beta==1.0"), target=target) is None


def test_a_pylock_is_shared_as_any_other_lock(
    run: Run, s3: Any, cloud: Any, index: Index, lock: Lock
) -> None:
    file = index.wheel("gamma", "1.0")
    url = f"http://127.0.0.1:{index.port}/files/{file.filename}"
    text = PYLOCK.replace("https://host/alpha-1.0-py3-none-any.whl", url).replace("alpha", "gamma")
    path = lock(text.replace(A, file.sha256), name="pylock.toml")
    first = run(lock=path)
    asked = index.asked("")
    operations(cloud)
    assert run(lock=path).digest == first.digest
    assert operations(cloud) == ["GetObject 200", "GetObject 200"]
    assert index.asked("") == asked
