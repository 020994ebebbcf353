"""Pulumi.local.yaml follows the interpreter, and never loses what the user put into it."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.settings import SettingsError, forget_settings, forget_versions, settings_path, write_settings

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def config(project: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(settings_path(project).read_text())["config"]
    return found


def write(project: Path, text: str) -> str:
    settings_path(project).write_text(text)
    return text


def test_a_new_file_targets_this_interpreter_and_says_so(tmp_path: Path) -> None:
    told = write_settings(tmp_path)
    assert told is not None
    assert told.startswith(f"Pulumi.local.yaml: aws:region is us-west-2, lamina:python is {PYTHON}")
    assert config(tmp_path)["lamina:python"] == PYTHON
    assert config(tmp_path)["lamina:architecture"] in {"x86_64", "arm64"}
    assert settings_path(tmp_path).read_text().startswith("# Written by `make up`")


def test_a_file_that_fits_is_not_touched(tmp_path: Path) -> None:
    write_settings(tmp_path)
    before = settings_path(tmp_path).stat()
    assert write_settings(tmp_path) is None
    assert settings_path(tmp_path).stat() == before


def test_the_users_own_settings_are_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        "encryptionsalt: v1:x\nconfig:\n  aws:region: eu-west-1\n  lamina:python: '3.8'\n"
        "  lamina:pin.api: 41\n  lamina:token:\n    secure: v1:abc\n",
    )
    told = write_settings(tmp_path)
    kept = config(tmp_path)
    assert told == "Pulumi.local.yaml: " + ", ".join(
        f"{key} is {kept[key]}" for key in ("lamina:python", "lamina:architecture")
    )
    assert (kept["aws:region"], kept["lamina:pin.api"]) == ("eu-west-1", 41)
    assert kept["lamina:token"] == {"secure": "v1:abc"}
    assert "encryptionsalt: v1:x" in settings_path(tmp_path).read_text()


def test_a_version_that_yaml_takes_for_a_number_is_put_in_quotes(tmp_path: Path) -> None:
    write(tmp_path, f"config:\n  lamina:python: {PYTHON}\n")
    write_settings(tmp_path)
    assert config(tmp_path)["lamina:python"] == PYTHON


@pytest.mark.parametrize("text", ["", "config:\n", "# nothing yet\n", "{}\n"])
def test_an_empty_file_is_filled(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    write_settings(tmp_path)
    assert config(tmp_path)["lamina:python"] == PYTHON


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config: {", r"cannot be read: while parsing .*; mend it or delete it"),
        ("\x00", r"cannot be read: .*; mend it or delete it"),
        ("[]", r"must be a mapping with a `config`; mend it or delete it"),
        ("config: []", r"`config` must be a mapping of settings; mend it or delete it"),
    ],
)
def test_a_damaged_file_is_refused_in_one_line_and_left_alone(text: str, told: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(SettingsError, match=rf"^Pulumi\.local\.yaml:? {told}$"):
        write_settings(tmp_path)
    assert settings_path(tmp_path).read_text() == text


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("aarch64", "arm64"), ("arm64", "arm64")],
)
def test_every_name_of_a_processor_gives_lambdas_name(
    machine: str, architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    write_settings(tmp_path)
    assert config(tmp_path)["lamina:architecture"] == architecture


def test_a_processor_that_lambda_has_not_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(SettingsError, match=r"no functions for this machine's processor \(riscv64\)"):
        write_settings(tmp_path)
    assert not settings_path(tmp_path).exists()


def test_what_was_written_goes_with_the_stack(tmp_path: Path) -> None:
    write_settings(tmp_path)
    settings_path(tmp_path).write_text(settings_path(tmp_path).read_text() + "encryptionsalt: v1:x\n")
    assert forget_settings(tmp_path)
    assert not settings_path(tmp_path).exists()
    assert forget_settings(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "config:\n  lamina:pin.api: 41\n",
        "config:\n  aws:region: eu-west-1\n",
        "secretsprovider: awskms://key\n",
        "config: {",
    ],
)
def test_a_file_with_the_users_own_settings_stays(text: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    assert not forget_settings(tmp_path)
    assert settings_path(tmp_path).read_text() == text


def test_what_is_said_of_versions_goes_with_them_and_nothing_else(tmp_path: Path) -> None:
    write(
        tmp_path,
        "config:\n  lamina:pin.api: '1'\n  lamina:pin.worker: '2'\n  lamina:canary: 9\n  lamina:slim: true\n",
    )
    told = forget_versions(tmp_path)
    gone = "lamina:canary, lamina:pin.api, lamina:pin.worker"
    assert told == f"Pulumi.local.yaml: {gone} are taken out, with what is gone"
    assert config(tmp_path) == {"lamina:slim": True}
    before = settings_path(tmp_path).stat()
    assert forget_versions(tmp_path) is None
    assert settings_path(tmp_path).stat() == before
