"""The bill of materials: valid CycloneDX, the same for the same layer, made once."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from build.report.licences import notes_of
from tests.build.wheelhouse import make_wheel

from .layers import Make

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
