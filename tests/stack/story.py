"""The whole stack on the embedded AWS, from its first deployment to its end, as a team lives with it.

The tests of this file are one story: each begins where the one before it ended. It is told twice, by
test_stand_in.py and test_pulumi.py, whose fixture `project` says which engine deploys.
"""

from __future__ import annotations

import io
import shutil
import time
import urllib.request

from PIL import Image

from tests.local.functions.waiting import eventually

from .project import FUNCTIONS, Project, layer_versions, live_versions

LOCK = "app/requirements.txt"
# An older release of a package that the service carries and does not import.
OLDER = "markdown==3.9 \\\n    --hash=sha256:{sha256}\n"
OLDER_SHA256 = "9f4d91ed810864ea88a6f32c07ba8bee1346c0cc1f6b1f9f6c822f2a9667d280"


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
    text = (project.folder / LOCK).read_text("utf-8")
    (found,) = [each for each in packages(text) if each.startswith(f"{name}==")]
    return found


def pictures_bucket(project: Project) -> str:
    settings = project.client("lambda").get_function_configuration(FunctionName="lamina-local-api")
    name: str = settings["Environment"]["Variables"]["LAMINA_BUCKET"]
    return name


def keys(project: Project, prefix: str = "") -> list[str]:
    """The keys of the pictures' bucket."""
    listed = project.client("s3").list_objects_v2(Bucket=pictures_bucket(project), Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


def assert_refused(told: str) -> None:
    """Every reason why the layer lacks something is told, and nothing else."""
    assert "pydantic: it requires pydantic-core==" in told
    assert "pydantic cannot be imported: ModuleNotFoundError: No module named 'pydantic_core'" in told
    assert "the layer deps would not work in Lambda: verification found" in told
    assert "Traceback" not in told


def test_a_preview_shows_the_layer_before_anything_is_uploaded(project: Project) -> None:
    project.run("start")
    shown = project.preview()
    (layer,) = [
        step
        for step in shown["steps"]
        if "lamina:index:LambdaLayer" in step["urn"].split("::")[2].split("$")[-1]
    ]
    inputs = layer["newState"]["inputs"]
    assert len(inputs["digest"]) == 64
    assert inputs["zipSize"] > 1 << 20
    assert inputs["packages"]["pydantic-core"]
    assert project.writing_calls() == []


def test_the_first_up_ends_with_the_outputs_and_reuses_what_the_preview_built(project: Project) -> None:
    (built,) = (project.folder / ".lamina").glob("deps-*.zip")
    before = built.stat().st_mtime_ns
    # Thumbnails are kept for a second only, so that the story need not wait a month for the cleanup.
    project.replace("__main__.py", 'LAMINA_THUMBNAIL_DAYS="30"', 'LAMINA_THUMBNAIL_DAYS="0.00001"')
    printed = project.up()
    assert built.stat().st_mtime_ns == before
    outputs = project.outputs()
    assert {"lambda_layer_arn", "lambda_layer_version", "lambda_layer_digest", "api_url"} <= outputs.keys()
    assert outputs["lambda_layer_arn"].endswith(":layer:lamina-local-deps:1")
    assert outputs["lambda_layer_version"] == "1"
    assert outputs["function_versions"] == dict.fromkeys(FUNCTIONS, "1")
    assert outputs["api_url"] in printed


def test_the_api_answers_from_the_layer(project: Project) -> None:
    assert project.get("/health") == {"status": "ok"}
    versions = project.get("/versions")
    assert versions["layer"] == project.outputs()["lambda_layer_digest"]
    assert f"pydantic-core=={versions['packages']['pydantic-core']} \\" in entry(project, "pydantic-core")


def test_a_picture_posted_to_the_api_becomes_thumbnails(project: Project) -> None:
    s3, drawn = project.client("s3"), io.BytesIO()
    Image.new("RGB", (1024, 768), "teal").save(drawn, "PNG")
    s3.put_object(Bucket=pictures_bucket(project), Key="pictures/cat.png", Body=drawn.getvalue())
    accepted = project.post("/pictures", {"key": "pictures/cat.png"})
    assert accepted["thumbnails"] == [f"thumbnails/{size}/cat.png.jpg" for size in (128, 512)]
    assert eventually(lambda: keys(project, "thumbnails/") == accepted["thumbnails"], seconds=60)
    (small, _) = project.get("/pictures/pictures/cat.png")
    with urllib.request.urlopen(small["url"], timeout=60) as answer:
        assert Image.open(io.BytesIO(answer.read())).size == (128, 96)


def test_the_schedule_cleans_them_up_when_they_are_old(project: Project) -> None:
    time.sleep(1)
    fired = project.run("tick").stdout
    assert fired.endswith(', rate(1 day): lamina-local-cleanup:live, version 1, answered {"deleted": 2}\n')
    assert keys(project) == ["pictures/cat.png"]


def test_a_second_up_changes_nothing_even_with_a_comment_and_another_order_in_the_lock(
    project: Project,
) -> None:
    path = project.folder / LOCK
    entries = packages(path.read_text("utf-8"))
    path.write_text("# a comment\n" + "".join(reversed(entries)), "utf-8")
    project.writing_calls()
    assert "78 unchanged" in project.up()
    assert project.writing_calls() == []
    assert layer_versions(project) == [1]


def test_a_changed_pin_publishes_one_layer_version_and_releases_all_functions(project: Project) -> None:
    project.replace(LOCK, entry(project, "markdown"), OLDER.format(sha256=OLDER_SHA256))
    project.writing_calls()
    project.up()
    calls = project.writing_calls()
    assert layer_versions(project) == [1, 2]
    assert live_versions(project) == dict.fromkeys(FUNCTIONS, "2")
    assert calls.count("lambda:PublishLayerVersion") == 1
    assert calls.count("lambda:PublishVersion") == len(FUNCTIONS)
    moved = calls.index("lambda:UpdateAlias")
    assert calls[:moved].count("lambda:Invoke") == len(FUNCTIONS)
    assert project.get("/versions")["packages"]["markdown"] == "3.9"


def test_a_changed_line_of_code_leaves_the_layer_alone(project: Project) -> None:
    project.replace("app/api.py", '{"status": "ok"}', '{"status": "fine"}')
    project.up()
    assert layer_versions(project) == [1, 2]
    assert live_versions(project) == dict.fromkeys(FUNCTIONS, "3")
    assert project.get("/health") == {"status": "fine"}


def test_a_layer_that_lacks_a_module_fails_the_preview(project: Project) -> None:
    shutil.copy(project.folder / LOCK, project.folder / "lock.kept")
    project.replace(LOCK, entry(project, "pydantic-core"), "")
    project.writing_calls()
    failed = project.pulumi("preview", "--stack", "local", check=False)
    assert failed.returncode != 0
    assert_refused(failed.stdout + failed.stderr)
    assert project.writing_calls() == []


def test_a_layer_that_nobody_verified_fails_the_smoke_test_and_moves_no_alias(project: Project) -> None:
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


def test_a_broken_lock_is_one_line_and_touches_nothing(project: Project) -> None:
    path = project.folder / LOCK
    kept = path.read_text("utf-8")
    path.write_text(kept + "markdown==\n", "utf-8")
    project.writing_calls()
    printed = project.up(check=False)
    assert "requirements.txt:" in printed
    assert "Traceback" not in printed
    assert project.writing_calls() == []
    path.write_text(kept, "utf-8")


def test_destroy_leaves_nothing_but_retained_layer_versions(project: Project) -> None:
    # People's pictures are not the stack's to delete.
    bucket, s3 = pictures_bucket(project), project.client("s3")
    kept = s3.list_object_versions(Bucket=bucket)
    for each in [*kept.get("Versions", ()), *kept.get("DeleteMarkers", ())]:
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    project.pulumi("destroy", "--stack", "local", "--yes")
    assert project.client("lambda").list_functions()["Functions"] == []
    assert project.client("s3").list_buckets()["Buckets"] == []
    assert project.client("iam").list_roles()["Roles"] == []
    assert layer_versions(project)
