"""The sample's lock, entry by entry."""

from __future__ import annotations

from .project import Project

LOCK = "app/requirements.txt"
# An older release of a package that the service carries and does not import.
OLDER = (
    "markdown==3.9 \\\n    --hash=sha256:9f4d91ed810864ea88a6f32c07ba8bee1346c0cc1f6b1f9f6c822f2a9667d280\n"
)


def packages(text: str) -> list[str]:
    """The entries of a lock, each with its hashes."""
    entries: list[str] = []
    for line in text.splitlines(keepends=True):
        if line[0].isspace():
            entries[-1] += line
        else:
            entries.append(line)
    return entries


def entry(project: Project, name: str) -> str:
    """A package's entry in the project's lock."""
    text = (project.folder / LOCK).read_text("utf-8")
    (found,) = [each for each in packages(text) if each.startswith(f"{name}==")]
    return found


def assert_refused(told: str) -> None:
    """Every reason why a layer without pydantic-core would not work is told, and nothing else."""
    assert "pydantic: it requires pydantic-core==" in told
    assert "pydantic cannot be imported: ModuleNotFoundError: No module named 'pydantic_core'" in told
    assert "the layer deps would not work in Lambda: verification found" in told
    assert "Traceback" not in told
