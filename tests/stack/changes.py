"""What a team then changes: code, a layer that is bad, the way back, options, a rollback.

tests/world has the same on a stack of tiny parts with the stand-in engine: only the real one is asked here.
"""

from __future__ import annotations

import shutil

from .lock import LOCK, entry
from .project import FUNCTIONS, Project, layer_versions, live_versions


def test_a_changed_line_of_code_leaves_the_layer_alone(project: Project) -> None:
    project.replace("app/api.py", '{"status": "ok"}', '{"status": "fine"}')
    project.up()
    assert layer_versions(project) == [1, 2]
    assert live_versions(project) == dict.fromkeys(FUNCTIONS, "3")
    assert project.get("/health") == {"status": "fine"}


def test_a_layer_that_nobody_verified_fails_the_smoke_test_and_moves_no_alias(project: Project) -> None:
    shutil.copy(project.folder / LOCK, project.folder / "lock.kept")
    project.replace(LOCK, entry(project, "pydantic-core"), "")
    project.replace("Pulumi.local.yaml", "config:\n", "config:\n  lamina:verify: false\n")
    printed = project.up(check=False)
    assert "pydantic_core" in printed
    assert "release-api-smoke" in printed
    assert live_versions(project) == dict.fromkeys(FUNCTIONS, "3")
    assert layer_versions(project) == [1, 2, 3]
    assert project.get("/health") == {"status": "fine"}
    project.replace("Pulumi.local.yaml", "  lamina:verify: false\n", "")


def test_going_back_to_the_old_lock_publishes_no_layer_version(project: Project) -> None:
    (project.folder / "lock.kept").replace(project.folder / LOCK)
    project.writing_calls()
    project.up()
    calls = project.writing_calls()
    assert "lambda:PublishLayerVersion" not in calls
    assert project.get("/versions")["layer"] == project.outputs()["lambda_layer_digest"]
    assert project.outputs()["lambda_layer_version"] == "2"
    assert "78 unchanged" in project.up()


def test_a_slim_layer_with_bytecode_is_another_one_that_works_as_well(project: Project) -> None:
    options = "  lamina:bytecode: true\n  lamina:slim: true\n  lamina:exclude:\n    - markdown\n"
    before = len(layer_versions(project))
    project.replace("Pulumi.local.yaml", "config:\n", f"config:\n{options}")
    project.up()
    assert len(layer_versions(project)) == before + 1
    versions = project.get("/versions")
    assert versions["layer"] == project.outputs()["lambda_layer_digest"]
    assert "markdown" not in versions["packages"]


def test_a_rollback_moves_all_aliases_at_once_and_the_next_up_finds_no_difference(project: Project) -> None:
    before = live_versions(project)
    project.writing_calls()
    project.release("rollback")
    assert all(int(version) < int(before[name]) for name, version in live_versions(project).items())
    assert set(project.writing_calls()) == {"lambda:UpdateAlias"}
    assert "78 unchanged" in project.up()
    assert project.writing_calls() == []
    project.release("unpin")
    project.up()
    assert live_versions(project) == before


def test_every_released_version_is_in_the_ledger(project: Project) -> None:
    listed = project.client("s3").list_objects_v2(
        Bucket=project.outputs()["artifacts_bucket"], Prefix="releases/"
    )
    released = {item["Key"] for item in listed["Contents"]}
    assert {f"releases/{name}/{version}.json" for name in FUNCTIONS for version in "123"} <= released
