"""The whole stack that `__main__.py` composes, run against the recording monitor."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from .program import Run, run

ROOT = Path(__file__).parents[2]


def stack(
    config: Mapping[str, str] | None = None, *, secret: Sequence[str] = (), preview: bool = False
) -> Run:
    """Runs `__main__.py` in the project's folder with settings, of which some may be secret."""
    # The project's tiny lock has nothing of what the sample's handlers import.
    settings = {"lamina:python": "3.12", "lamina:require": '["plain"]', "aws:region": "us-west-2"}
    settings |= config or {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_CONFIG", json.dumps(settings))
        return run(
            lambda: runpy.run_path(str(ROOT / "__main__.py")),
            config=settings,
            secret=secret,
            preview=preview,
            answers={
                "getObjects": lambda args: {"keys": [f"{args['prefix']}2.json"]},
                "getFunction": lambda args: {"functionName": args["functionName"]},
            },
        )
