"""Steps as people think of them, property by property and component by component."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preview.changes import Act
from preview.packages import Layer, Package, layer_changes
from preview.properties import parsed
from preview.reading import read_preview
from preview.report import report_on
from preview.urns import Urn, plain_type

from .making import STACK, UNKNOWN, preview, report, step, told, urn

BUCKET = "aws:s3/bucket:Bucket"


def test_a_value_that_only_the_update_tells_is_named_as_such() -> None:
    text = told(step("update", "a:b:C", old={"arn": "x"}, new={"arn": UNKNOWN}))
    assert '- arn: "x"\n+ arn: (known after the update)' in text


def test_what_forces_a_replacement_is_marked() -> None:
    text = told(
        step(
            "replace", BUCKET,
            old={"bucket": "a", "tags": {"x": "1"}}, new={"bucket": "b", "tags": {"x": "2"}},
            replaceReasons=["bucket"], detailedDiff={"bucket": {"kind": "update-replace"}},
        )
    )  # fmt: skip
    assert '+ bucket: "b"  # forces the replacement\n- tags.x: "1"\n+ tags.x: "2"\n```' in text


def test_a_policy_is_told_by_what_differs_in_it() -> None:
    text = told(
        step("update", "a:b:C", old={"policy": '{"a": [{"b": 1}]}'}, new={"policy": '{"a": [{"b": 2}]}'})
    )
    assert "- policy.a[0].b: 1\n+ policy.a[0].b: 2" in text


def test_what_only_the_provider_sees_is_looked_up_in_the_outputs() -> None:
    text = told(
        step(
            "update", "a:b:C",
            old={"x": 1}, new={"x": 1}, outputs={"x": 1, "description": "by hand", "version": "3"},
            detailedDiff={"description": {"kind": "delete"}, "version": {"kind": "update"}},
        )
    )  # fmt: skip
    assert '- description: "by hand"\n- version: "3"\n+ version: (known after the update)' in text


def test_a_file_is_told_by_its_content() -> None:
    asset = {
        "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
        "hash": "ab" * 32,
        "path": "/home/me",
    }
    text = told(step("create", "a:b:C", new={"source": asset}))
    assert '+ source: "file abababababab"' in text
    assert "/home/me" not in text


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("tags.owner", ("tags", "owner")),
        ('tags["a.b"]', ("tags", "a.b")),
        ("rules[0].status", ("rules", 0, "status")),
        ("", ()),
    ],
)
def test_paths_are_read_as_pulumi_writes_them(path: str, parts: tuple[str | int, ...]) -> None:
    assert parsed(path) == parts


def test_resources_are_grouped_by_their_outermost_component_or_stand_alone() -> None:
    outer, inner = urn("x:y:Outer", "site"), urn("x:y:Outer$x:y:Inner", "files")
    text = told(
        step("refresh", "x:y:Outer", "site", state={"custom": False}),
        step("refresh", "x:y:Outer$x:y:Inner", "files", state={"custom": False, "parent": outer}),
        step("create", f"x:y:Outer$x:y:Inner${BUCKET}", "a", state={"parent": inner}),
        step("create", f"x:y:Outer$x:y:Inner${BUCKET}", "b", state={"parent": inner}),
        step("create", "aws:sqs/queue:Queue", "alone"),
    )
    assert "<b><code>Outer</code> <code>site</code></b>: created <code>Bucket</code> ×2</summary>" in text  # noqa: RUF001
    assert "<b><code>Queue</code> <code>alone</code></b>: created</summary>" in text


def test_parents_that_go_in_a_circle_end_it() -> None:
    one, other = urn("x:y:A", "a"), urn("x:y:B", "b")
    steps = [
        step("update", "x:y:A", "a", state={"parent": other}),
        step("update", "x:y:B", "b", state={"parent": one}),
    ]
    assert [len(group.changes) for group in report(*steps).groups] == [1, 1]


def test_the_halves_of_a_replacement_are_one() -> None:
    halves = [step(op, BUCKET, old={}, new={}) for op in ("create-replacement", "replace", "delete-replaced")]
    (change,) = report(*halves).changes
    assert (change.act, change.step.op) == (Act.REPLACE, "replace")


@pytest.mark.parametrize("op", ["same", "read", "refresh"])
def test_what_changes_nothing_is_not_told(op: str) -> None:
    assert report(step(op, BUCKET, old={}, new={})).changes == ()


def test_a_step_that_a_refresh_rewrote_is_no_change_of_the_program() -> None:
    type_ = "aws:lambda/function:Function"
    found = step("update", type_, old={"name": "f", "timeout": 30}, new={"name": "f", "timeout": 3})
    after = step("update", type_, old={"name": "f", "timeout": 3}, new={"name": "f", "timeout": 30})
    both = report(found, after)
    assert len(both.changes) == 1
    assert [each.sentences for each in both.outside or ()] == [("its timeout is 3 s, not 30 s",)]


def test_a_first_deployment_and_a_last_one_are_called_so() -> None:
    made = {"op": "create", "urn": STACK, "newState": {"type": "pulumi:pulumi:Stack", "custom": False}}
    gone = {"op": "delete", "urn": STACK, "oldState": {"type": "pulumi:pulumi:Stack", "custom": False}}
    first = json.dumps({"steps": [made, step("create", BUCKET)]})
    last = json.dumps({"steps": [step("delete", BUCKET), gone]})
    assert headline(first).startswith("first deployment, 1 resource created")
    assert headline(last).startswith("**the whole stack is deleted**, 1 resource deleted")
    assert headline(preview(step("create", BUCKET))).startswith("1 resource created")


def headline(text: str) -> str:
    return report_on(read_preview(text)).headline


def test_a_urn_with_odd_parts_is_taken_apart_as_pulumi_does() -> None:
    found = Urn.parsed("urn:pulumi:prod::shop::a:b:C$d:e:F::a::b")
    assert (found.stack, found.project, found.type, found.name) == ("prod", "shop", "d:e:F", "a::b")
    assert Urn.parsed("nonsense").name == "nonsense"
    assert plain_type("aws:s3/bucketObjectv2:BucketObjectv2") == "aws:s3:BucketObjectv2"
    assert plain_type("kubernetes:apps/v1:Deployment") == "kubernetes:apps/v1:Deployment"


def layer(digest: str, **packages: str) -> Layer:
    return Layer("deps", digest, packages={name: Package(version) for name, version in packages.items()})


def test_layers_are_paired_by_name_and_a_single_pair_is_one_layer() -> None:
    (pair,) = layer_changes([], [layer("a", six="1")], [Layer("", "b", packages={"six": Package("2")})])
    assert [each.name for each in pair.packages] == ["six"]
    others = [Layer("other", "c", packages={})]
    assert [each.name for each in layer_changes([], [layer("a"), *others], [layer("b"), *others])] == ["deps"]


def test_a_layer_that_stays_the_same_is_not_told() -> None:
    assert layer_changes([], [layer("a", six="1")], [layer("a", six="1")]) == ()


def test_one_sides_manifests_alone_make_no_layer_new_or_gone() -> None:
    assert layer_changes([], [], [layer("a", six="1")]) == ()
    assert layer_changes([], [layer("a", six="1")], []) == ()


def test_options_that_explain_another_digest_are_told() -> None:
    def inputs(digest: str, **more: Any) -> dict[str, Any]:
        return {"digest": digest, "packages": {"six": "1"}, "runtime": "python3.12", **more}

    old, new = inputs("a"), inputs("b", options={"slim": True}, runtime="python3.13")
    text = told(step("update", "lamina:index:LambdaLayer", "deps", old, new, state={"custom": False}))
    assert "layer `deps`: `runtime`, `slim` changed" in text
    assert "- `runtime`: `python3.12` → `python3.13`\n- `slim`: none → `true`\n" in text


def test_only_what_has_a_digest_in_its_name_is_superseded() -> None:
    bucket, digest = "aws:s3/bucket:Bucket", "0123456789abcdef" * 4
    found = report(
        step("delete", bucket, "pictures"),
        step("create", bucket, "photos"),
        step("delete", "aws:s3/bucketObjectv2:BucketObjectv2", f"code-{digest}"),
        step("create", "aws:s3/bucketObjectv2:BucketObjectv2", f"code-{digest[::-1]}"),
    )
    fates = {each.urn.name.partition("-")[0]: each.fate for each in found.changes if each.act is Act.DELETE}
    assert fates == {"pictures": "deleted", "code": "superseded"}
    assert [each.kind for each in found.cautions if "pictures" in each.text] == ["deletion"]


def test_what_is_imported_and_then_updated_is_one_change_that_shows_what_the_update_does() -> None:
    queue = "aws:sqs/queue:Queue"
    imported = step("import", queue, "jobs", new={"delaySeconds": 1})
    updated = step("update", queue, "jobs", {"delaySeconds": 1}, {"delaySeconds": 2})
    found = report(imported, updated, step("import", queue, "others"))
    assert [each.fate for each in found.changes] == ["imported and updated", "imported"]
    assert found.headline == "2 imported (1 of them updated), 0 replaced that should not be"
    assert "- delaySeconds: 1\n+ delaySeconds: 2" in told(imported, updated)


@pytest.mark.parametrize(
    ("op", "said"),
    [
        ("discard", "1 forgotten, 0 replaced that should not be"),
        ("odd", "1 changed in a way of its own, 0 replaced that should not be"),
    ],
)
def test_what_is_neither_made_nor_deleted_is_counted_in_the_headline(op: str, said: str) -> None:
    assert report(step(op, BUCKET)).headline == said


def test_a_change_that_no_provider_has_anything_to_do_with_says_so() -> None:
    component = {"custom": False}
    outputs = step("update", "pulumi:pulumi:Stack", "shop-prod", state=component)
    assert report(outputs).headline == "only outputs change"
    assert report(outputs, step("update", "a:b:C", state=component)).headline == "only components change"


def test_a_layers_options_are_told_without_their_credentials() -> None:
    old, new = ({"digest": each, "options": {"indexToken": f"hunter{each}"}} for each in "12")
    text = told(step("update", "lamina:index:LambdaLayer", "deps", old, new, state={"custom": False}))
    assert "hunter" not in text
