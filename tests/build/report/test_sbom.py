"""The bill of materials: valid CycloneDX, the same for the same layer, made once."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from build.report.licences import Notes, notes_of
from build.report.sbom import sbom
from build.target import Target
from build.tree.manifest import LayerPackage
from tests.build.wheelhouse import make_wheel

from .layers import Make

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
# What METADATA may say, in any order.
WORDS = [
    "MIT",
    " AND ",
    "(",
    "LicenseRef-x",
    "\0",
    "\x1b",
    "é",
    "one",
    ">=1",
    "~=1",
    "[x]",
    "@https://x/y",
    ";",
]
MARKERS = ["; python_version ~= '3'", "; os_name > '1'", "; python_version < 'x'", "; extra == 'y'"]
PIECES = st.lists(
    st.sampled_from(WORDS + MARKERS),
    max_size=5,
).map("".join)
PROJECT = Path(__file__).resolve().parents[3]


def test_it_is_valid_and_names_every_package(make: Make) -> None:
    built = make({"one": ("1.0", {"one.py": b""}), "two": ("2.0", {"two.py": b""})})
    text = built.zip.with_suffix(".cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    content = json.loads(text)
    assert content["metadata"]["component"]["version"] == built.digest
    assert "timestamp" not in content["metadata"]
    assert [each["purl"] for each in content["components"]] == ["pkg:pypi/one@1.0", "pkg:pypi/two@2.0"]
    assert [each["hashes"][0]["content"] for each in content["components"]] == [
        each.sha256 for each in built.packages
    ]


def test_the_same_layer_has_the_same_bytes_wherever_it_is_built(make: Make, tmp_path: Path) -> None:
    built = make({"one": ("1.0", {"one.py": b""})})
    path = built.zip.with_suffix(".cdx.json")
    content = path.read_bytes()
    for kept in (tmp_path / "cache" / "sboms").rglob("*"):
        if kept.is_file():
            kept.unlink()
    path.unlink()
    assert make({"one": ("1.0", {"one.py": b""})}) == built
    assert path.read_bytes() == content


def test_what_packages_require_is_in_it(make: Make, tmp_path: Path) -> None:
    make_wheel(
        tmp_path / "house", "needs", requires=["one>=1", "two; python_version<'3'", "other; extra=='x'"]
    )
    lines = ["--no-index", f"--find-links {tmp_path / 'house'}", "needs==1.0", "one==1.0", "two==2.0"]
    make({"one": ("1.0", {"one.py": b""}), "two": ("2.0", {"two.py": b""})})
    (tmp_path / "lock.txt").write_text("\n".join(lines) + "\n")
    command = ["layer", str(tmp_path / "lock.txt"), "--python", "3.12", "--output", str(tmp_path / "needs")]
    subprocess.run([sys.executable, "-m", "build", *command], cwd=PROJECT, check=True, capture_output=True)
    (path,) = (tmp_path / "needs").glob("*.cdx.json")
    depends = {
        each["ref"]: each.get("dependsOn", []) for each in json.loads(path.read_text())["dependencies"]
    }
    assert depends["pkg:pypi/needs@1.0"] == ["pkg:pypi/one@1.0"]
    assert len(depends["layer"]) == 3


def test_a_licence_is_taken_from_where_there_is_one(tmp_path: Path) -> None:
    def licence(*headers: str) -> str | None:
        text = "\n".join(["Metadata-Version: 2.4", "Name: demo", "Version: 1.0", *headers, "", ""]).encode()
        with zipfile.ZipFile(tmp_path / "demo.whl", "w") as archive:
            archive.writestr("demo/vendor/other-1.dist-info/METADATA", "License: none of its own\n")
            archive.writestr("demo-1.0.dist-info/METADATA", text)
        return notes_of(tmp_path / "demo.whl").licence

    assert licence("License-Expression: MIT", "License: other") == "MIT"
    assert licence("License: BSD") == "BSD"
    assert licence("License: a", "  long text", "Classifier: License :: OSI Approved :: MIT License") == (
        "MIT License"
    )
    assert licence() is None
    assert notes_of(tmp_path / "none.whl") == (None, "", ())


@settings(max_examples=100)
@given(st.none() | PIECES, PIECES, st.lists(PIECES, max_size=3))
def test_whatever_a_package_says_of_itself_gives_a_valid_bill(
    licence: str | None, summary: str, requires: list[str]
) -> None:
    package = LayerPackage("one", "1.0", "one-1.0-py3-none-any.whl", "a" * 64, 1, 1)
    notes = {package: Notes(licence, summary, tuple(requires))}
    content = sbom("layer", "b" * 64, Target("3.12", "x86_64"), notes)
    assert VALIDATOR.validate_str(content.decode()) is None
    assert sbom("layer", "b" * 64, Target("3.12", "x86_64"), notes) == content
