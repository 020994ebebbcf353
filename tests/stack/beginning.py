"""The whole stack on the embedded AWS, as a team begins with it: deployed, used, deployed again, changed.

The tests of `beginning`, `changes` and `end` are one story: each begins where the one before it ended.
test_stand_in.py and test_pulumi.py tell it, and their fixture `project` says which engine deploys.
"""

from __future__ import annotations

import io
import time
import urllib.request

from PIL import Image

from tests.local.functions.waiting import eventually

from .lock import LOCK, OLDER, assert_refused, entry, packages
from .project import FUNCTIONS, Project, layer_versions, live_versions, pictures_bucket


def keys(project: Project, prefix: str = "") -> list[str]:
    """The keys of the pictures' bucket."""
    listed = project.client("s3").list_objects_v2(Bucket=pictures_bucket(project), Prefix=prefix)
    return [item["Key"] for item in listed.get("Contents", [])]


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
    project.replace(LOCK, entry(project, "markdown"), OLDER)
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


def test_a_layer_that_lacks_a_module_fails_the_preview(project: Project) -> None:
    path = project.folder / LOCK
    kept = path.read_text("utf-8")
    project.replace(LOCK, entry(project, "pydantic-core"), "")
    project.writing_calls()
    failed = project.pulumi("preview", "--stack", "local", check=False)
    assert failed.returncode != 0
    assert_refused(failed.stdout + failed.stderr)
    assert project.writing_calls() == []
    path.write_text(kept, "utf-8")


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
