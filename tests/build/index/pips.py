"""What pip itself would choose."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from build.index.simple import ProjectFile
from build.index.tags import platform_tags
from build.lock.markers import python_full_version
from build.target import Target


def pip(name: str) -> Any:
    """One of pip's modules."""
    return importlib.import_module(f"pip._internal.{name}")


def pips_choice(
    files: Sequence[ProjectFile],
    target: Target,
    hashes: Mapping[str, list[str]] = MappingProxyType({}),
    project: str = "demo",
) -> str | None:
    """The name of the file that pip would install on the target, by its own code and its own tags."""
    version = tuple(int(part) for part in python_full_version(target).split("."))
    interpreter = pip("models.target_python").TargetPython(
        platforms=list(platform_tags(target)),
        py_version_info=version,
        abis=[f"cp3{version[1]}"],
        implementation="cp",
    )
    links = pip("models.link")
    evaluator = pip("index.package_finder").LinkEvaluator(
        project_name=project,
        canonical_name=project,
        formats=frozenset({"binary"}),
        target_python=interpreter,
        allow_yanked=True,
    )
    candidates: list[Any] = []
    for file in files:
        told = {name: links.LinkHash(name, value) for name, value in file.hashes.items()}
        link = links.Link(
            f"https://host/{file.filename}",
            requires_python=file.requires_python,
            yanked_reason=file.yanked,
            hashes={name: value.value for name, value in told.items()},
        )
        kind, result = evaluator.evaluate_link(link)
        if kind == pip("index.package_finder").LinkType.candidate:
            candidates.append(pip("models.candidate").InstallationCandidate(project, result, link))
    found = (
        pip("index.package_finder")
        .CandidateEvaluator.create(
            project,
            target_python=interpreter,
            hashes=pip("utils.hashes").Hashes(dict(hashes)) if hashes else None,
        )
        .compute_best_candidate(candidates)
        .best_candidate
    )
    return None if found is None else str(found.link.filename)
