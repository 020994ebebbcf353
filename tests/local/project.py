"""A tiny Pulumi project, driven by `python -m local` as `make` drives the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = 'import pulumi\nimport pulumi_aws as aws\n\npulumi.export("bucket", aws.s3.Bucket("tiny").id)\n'


@dataclass(frozen=True)
class Project:
    """One bucket, and its user's variables; the only `pulumi` on the PATH is one that a test puts there."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made_in(cls, folder: Path, program: str = PROGRAM) -> Project:
        (folder / "Pulumi.yaml").write_text("name: tiny\nruntime: python\noptions:\n  refresh: always\n")
        (folder / "__main__.py").write_text(program)
        return cls(folder)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs `python -m local ARGUMENTS` to its end."""
        with self.started(*arguments) as process:
            stdout, stderr = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def told(self, *arguments: str, code: int = 0) -> str:
        """What a run wrote, after it ended as it should."""
        done = self.run(*arguments)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """Runs it in the background, in a process group of its own as a shell does."""
        return subprocess.Popen(
            [sys.executable, "-m", "local", *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def pid(self) -> int:
        """The process id of the embedded AWS."""
        return int(json.loads((self.folder / ".local/cloud.json").read_text())["pid"])

    def _environment(self) -> Mapping[str, str]:
        folders = os.environ["PATH"].split(os.pathsep)
        path = [folder for folder in folders if not (Path(folder) / "pulumi").exists()]
        return {
            **os.environ,
            "PATH": os.pathsep.join([str(self.folder / "bin"), *path]),
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            **self.variables,
        }
