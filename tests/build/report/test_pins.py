"""Locks are compared as they stand: nothing is fetched, whatever kind they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.cli import main
from build.errors import UserError
from build.report.pins import from_pins

ONE, TWO = "a" * 64, "b" * 64


def versions(path: Path, text: str) -> dict[str, str]:
    path.write_text(text)
    return {name: each.version for name, each in from_pins(path).packages.items()}


def test_a_requirements_file_has_its_pins(tmp_path: Path) -> None:
    text = f"""--index-url https://example.invalid/simple
Six==1.17.0 --hash=sha256:{ONE} --hash sha256:{TWO}
loose>=1,<2
bare
./demo-1.0-py3-none-any.whl
"""
    (tmp_path / "demo-1.0-py3-none-any.whl").write_bytes(b"")
    found = versions(tmp_path / "lock.txt", text)
    assert found == {"six": "1.17.0", "loose": "<2,>=1", "bare": "any", "demo": "1.0"}
    assert from_pins(tmp_path / "lock.txt").packages["six"].locked == frozenset(
        {f"sha256:{ONE}", f"sha256:{TWO}"}
    )


def test_versions_for_several_targets_are_all_told(tmp_path: Path) -> None:
    text = "six==1.16.0 ; python_version < '3.12'\nsix==1.17.0 ; python_version >= '3.12'\n"
    expected = '1.16.0 if python_version < "3.12", 1.17.0 if python_version >= "3.12"'
    assert versions(tmp_path / "lock.txt", text) == {"six": expected}


def test_a_pylock_has_its_packages(tmp_path: Path) -> None:
    text = f"""lock-version = "1.0"
created-by = "x"
[[packages]]
name = "six"
version = "1.17.0"
wheels = [{{ url = "https://example.invalid/six.whl", hashes = {{ sha256 = "{ONE}" }} }}]
[[packages]]
name = "own"
directory = {{ path = "." }}
"""
    assert versions(tmp_path / "pylock.toml", text) == {"six": "1.17.0"}
    assert from_pins(tmp_path / "pylock.toml").packages["six"].locked == frozenset({f"sha256:{ONE}"})


def test_a_uv_lock_has_its_packages_without_the_project(tmp_path: Path) -> None:
    text = f"""version = 1
[[package]]
name = "own"
version = "0.1"
source = {{ virtual = "." }}
[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "https://example.invalid/simple" }}
wheels = [{{ url = "https://example.invalid/six.whl", hash = "sha256:{ONE}" }}]
"""
    assert versions(tmp_path / "uv.lock", text) == {"six": "1.17.0"}


def test_two_locks_are_compared_without_a_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(f"six==1.16.0\nhashed==1.0 --hash=sha256:{ONE}\n")
    new.write_text(f"six==1.17.0\nmore==2\nhashed==1.0 --hash=sha256:{TWO}\n")
    assert main(["diff", str(old), str(new), "--exit-code"]) == 3
    assert capsys.readouterr().out.splitlines() == [
        "six 1.16.0 → 1.17.0; added more 2; other hashes of hashed 1.0",
        "  added    more    2",
        "  changed  hashed  1.0              other hashes",
        "  changed  six     1.16.0 → 1.17.0",
    ]
    assert main(["diff", str(old), str(old), "--exit-code"]) == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lock.txt", "six==1.0\n???\n", r"lock\.txt:2: "),
        ("pylock.toml", "packages = [1]", r"pylock\.toml is not a lock as its name says"),
        ("uv.lock", "[", r"uv\.lock is no TOML: "),
    ],
)
def test_what_is_no_lock_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=said):
        from_pins(tmp_path / name)
