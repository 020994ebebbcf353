"""Terraform as it is found here, with providers from a mirror on the disk; what is missing is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
LAYER = PROJECT / "terraform" / "layer"
EXAMPLE = PROJECT / "terraform" / "example"
# Names folders with providers as `terraform providers mirror` leaves them, as PATH names folders.
VARIABLE = "LAMINA_TF_PLUGINS"


def terraform() -> str:
    """The command, or a skip where there is none."""
    found = shutil.which("terraform")
    if found is None:
        pytest.skip("there is no terraform on the PATH")
    return found


def settings(folder: Path, *providers: str) -> Path:
    """Writes a CLI configuration that takes providers from the disk alone, or skips.

    Args:
        folder: for the file.
        providers: such as `hashicorp/aws`.
    """
    folders = [Path(each) for each in os.environ.get(VARIABLE, "").split(os.pathsep) if each]
    if not folders:
        pytest.skip(f"{VARIABLE} names no folder with the providers {' and '.join(providers)}")
    lines = ["disable_checkpoint = true", "provider_installation {"]
    for provider in providers:
        held = [each for each in folders if any(each.glob(f"*/{provider}"))]
        if not held:
            pytest.skip(f"no folder of {VARIABLE} has the provider {provider}")
        lines.append(f'  filesystem_mirror {{\n    path = "{held[0]}"\n    include = ["{provider}"]\n  }}')
    path = folder / "terraform.rc"
    path.write_text("\n".join([*lines, "}\n"]))
    return path


def run(
    folder: Path, arguments: Sequence[str], variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs Terraform in a folder, with these variables on top of the environment's."""
    return subprocess.run(
        [terraform(), *arguments],
        cwd=folder,
        env={**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "NO_COLOR": "1", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
