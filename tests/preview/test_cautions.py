"""What a reviewer is told to look at first."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preview.packages import Layer, Package

from .making import UNKNOWN, cautions, report, step, told, urn

DIGESTS = "a" * 64, "b" * 64
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
FUNCTION = "lamina:index:PythonFunction$aws:lambda/function:Function"
INVOCATION = "aws:lambda/invocation:Invocation"
RUNS = {"name": "shop-api", "publish": True}
PERMISSION = "aws:lambda/permission:Permission"
CALLED = {"principal": "s3", "sourceArn": "arn:x"}
BOUNDARY = {"permissionsBoundary": "arn:a"}


def policy(
    action: Any, resource: Any = "arn:aws:s3:::b/*", effect: str = "Allow", **more: Any
) -> dict[str, str]:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def all_but(name: str, texts: Any, effect: str = "Allow", **more: Any) -> dict[str, str]:
    other = {"Action": "s3:*", "Resource": "*", **more}
    del other[name]
    return {"policy": json.dumps({"Statement": [{"Effect": effect, f"Not{name}": texts, **other}]})}


@pytest.mark.parametrize(
    ("type_", "loses"),
    [
        ("aws:s3/bucket:Bucket", "what is in it"),
        ("aws:sqs/queue:Queue", "the messages that wait in it"),
        ("aws:dynamodb/table:Table", "its items"),
        ("aws:lambda/function:Function", "its published versions, which rollbacks need"),
        ("gcp:storage/bucket:Bucket", "its data"),
    ],
)
def test_what_holds_something_is_a_danger_to_replace_or_delete(type_: str, loses: str) -> None:
    (replaced,) = cautions(step("replace", type_, replaceReasons=["name"]))
    assert replaced.startswith("DANGER replacement: **replaces**")
    assert replaced.endswith(f"`thing`, and loses {loses}, because of `name`")
    (deleted,) = cautions(step("delete", type_))
    assert deleted.startswith("DANGER deletion:")


@pytest.mark.parametrize(
    "replaced",
    [
        step("replace", "aws:lambda/layerVersion:LayerVersion", replaceReasons=["s3Key"]),
        step("replace", INVOCATION, replaceReasons=["input", "triggers"]),
        step("replace", "aws:s3/bucketObjectv2:BucketObjectv2", replaceReasons=["key"]),
        step("replace", "null:index/resource:Resource", replaceReasons=["triggers"]),
        step("replace", "aws:ecs/taskDefinition:TaskDefinition", replaceReasons=["containerDefinitions"]),
    ],
    ids=["layer version", "smoke test", "object by its key", "trigger", "revision"],
)
def test_what_is_made_anew_by_design_is_no_caution(replaced: dict[str, Any]) -> None:
    found = report(replaced)
    assert (found.cautions, found.headline) == ((), "0 replaced that should not be")


def test_an_object_that_moves_to_another_bucket_is_replaced_though_it_should_not_be() -> None:
    found = report(step("replace", "aws:s3/bucketObjectv2:BucketObjectv2", replaceReasons=["bucket", "key"]))
    assert found.headline == "1 replaced that should not be"


def test_an_old_digest_that_gives_way_to_a_new_one_is_no_deletion() -> None:
    type_ = "aws:s3/bucketObjectv2:BucketObjectv2"
    old, new = (f"deps-{digest}" for digest in DIGESTS)
    assert cautions(step("create", type_, new), step("delete", type_, old)) == []
    assert cautions(step("delete", type_, old)) == [
        f"WARNING deletion: **deletes** `aws:s3:BucketObjectv2` `{old}`"
    ]


def test_what_is_only_forgotten_or_left_over_is_no_deletion() -> None:
    bucket = "aws:s3/bucket:Bucket"
    assert cautions(step("delete", bucket, state={"retainOnDelete": True})) == []
    assert cautions(step("delete", bucket, state={"delete": True})) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            policy("s3:GetObject"),
            policy(["s3:GetObject", "s3:PutObject"]),
            "Allow s3:GetObject, s3:PutObject",
        ),
        (policy("s3:GetObject"), policy("s3:*"), "Allow s3:* on"),
        (policy("s3:GetObject"), policy("s3:GetObject", "*"), "on *"),
        (
            policy("s3:GetObject", Condition={"Bool": {"a": "b"}}),
            policy("s3:GetObject"),
            "Allow s3:GetObject on",
        ),
        (policy("s3:GetObject", Principal={"AWS": "1"}), policy("s3:GetObject", Principal="*"), "to AWS:*"),
        (policy("s3:*", effect="Deny"), policy("s3:Get*", effect="Deny"), "Deny s3:* on"),
        ({"blockPublicAcls": True}, {"blockPublicAcls": False}, ""),
        (
            all_but("Resource", "b", Action="s3:Get*"),
            all_but("Action", "s3:Get*", Resource="b"),
            "Allow all but s3:Get* on b",
        ),
        (all_but("Resource", ["a", "b"]), all_but("Resource", "a"), "Allow s3:* on all but a"),
        (policy("s3:Get*"), all_but("Action", "s3:Put*"), "Allow all but s3:Put* on *"),
        (policy("s3:GetObject", "b-?"), policy("s3:GetObject", "b-*"), "Allow s3:GetObject on b-*"),
        (
            policy("s3:GetObject"),
            policy("s3:GetObject", UNKNOWN),
            "Allow s3:GetObject on (known after the update)",
        ),
        (
            {"inlinePolicies": [{"name": "a", **policy("s3:GetObject")}]},
            {"inlinePolicies": [{"name": "a", **policy("s3:*")}]},
            "Allow s3:* on",
        ),
    ],
    ids=[
        *("action", "all actions", "resource", "condition", "principal", "no longer denied", "no policy"),
        *("all but another part", "all but less", "all but something", "one character", "not known yet"),
        "inline",
    ],
)
def test_a_policy_that_allows_more_is_a_danger(old: dict[str, Any], new: dict[str, Any], said: str) -> None:
    found = cautions(step("update", ROLE_POLICY, old=old, new=new))
    assert [each.startswith("DANGER rights: **") for each in found] == ([True] if said else [])
    assert said in "".join(found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (policy("s3:*"), policy("s3:GetObject")),
        (policy("s3:Get*", "*"), policy(["s3:GetObject", "S3:GetObjectAcl"])),
        (policy("s3:GetObject"), policy(["s3:GetObject"], ["arn:aws:s3:::b/*"])),
        (policy("s3:Get*", effect="Deny"), policy("s3:*", effect="Deny")),
        (policy("s3:GetObject"), {"policy": "no policy"}),
        (policy("s3:Get*", "b-*"), policy("s3:GetObject", "b-?")),
        (all_but("Action", "s3:Put*"), all_but("Action", "s3:*")),
        (policy("*", "*"), all_but("Action", "s3:*")),
    ],
    ids=[
        *("narrower", "within patterns", "written otherwise", "denies more", "none"),
        *("one character", "all but more", "all but something of everything"),
    ],
)
def test_a_policy_that_allows_no_more_is_none(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert cautions(step("update", ROLE_POLICY, old=old, new=new)) == []


def test_of_a_new_policy_only_what_is_broad_is_told() -> None:
    assert cautions(step("create", ROLE_POLICY, new=policy("s3:GetObject"))) == []
    (found,) = cautions(step("create", ROLE_POLICY, new=policy("*", "*")))
    assert "**widens** what `aws:iam:RolePolicy` `thing` allows: `Allow * on *`" in found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (policy("s3:GetObject"), {"policy": "[secret]"}),
        ({"policy": "[secret]"}, policy("*")),
        ({"policy": "[secret]"}, {"policy": "[secret]"}),
    ],
    ids=["from now on", "until now", "both"],
)
def test_a_policy_that_is_secret_is_noted(old: dict[str, Any], new: dict[str, Any]) -> None:
    (found,) = cautions(step("update", ROLE_POLICY, old=old, new=new, diffReasons=["policy"]))
    assert found == (
        "NOTE rights: whether it allows more is not known of a policy that is secret: "
        "`aws:iam:RolePolicy` `thing`"
    )


def test_a_policy_that_only_the_update_tells_is_noted() -> None:
    (found,) = cautions(step("update", ROLE_POLICY, old=policy("s3:GetObject"), new={"policy": UNKNOWN}))
    assert found == "NOTE rights: only the update tells the new policy of `aws:iam:RolePolicy` `thing`"


@pytest.mark.parametrize(
    ("type_", "old", "new", "said"),
    [
        (
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            {"blockPublicPolicy": True},
            {"blockPublicPolicy": False},
            "blockPublicPolicy is false",
        ),
        ("aws:lambda/permission:Permission", {"principal": "s3"}, {"principal": "*"}, "anybody may call it"),
        (
            "aws:lambda/functionUrl:FunctionUrl",
            {"authorizationType": "AWS_IAM"},
            {"authorizationType": "NONE"},
            "NONE",
        ),
        (
            "aws:ec2/securityGroup:SecurityGroup",
            {"ingress": []},
            {"ingress": [{"fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}]},
            "everybody on the Internet reaches port 22-22",
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "policy/AdministratorAccess",
        ),
        *(
            (
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                {"cidrIpv4": "10.0.0.0/8", **rule},
                {name: everybody, **rule},
                f"everybody on the Internet reaches {ports}",
            )
            for name, everybody, rule, ports in (
                ("cidrIpv4", "0.0.0.0/0", {"fromPort": 22, "toPort": 22}, "port 22-22"),
                ("cidrIpv6", "::/0", {"ipProtocol": "-1"}, "every port"),
            )
        ),
        (
            "aws:iam/role:Role",
            BOUNDARY,
            {},
            "**lifts** what `aws:iam:Role` `thing` refused: `the permissions",
        ),
        (
            "aws:iam/role:Role",
            BOUNDARY,
            {"permissionsBoundary": "arn:b"},
            "`the permissions boundary arn:a gives way to arn:b`",
        ),
        (PERMISSION, CALLED, {"principal": "s3"}, "sourceArn is no longer asked for (it was arn:x)"),
        (PERMISSION, CALLED, {**CALLED, "sourceArn": "arn:*"}, "sourceArn may be arn:*"),
        (PERMISSION, CALLED, {**CALLED, "principal": "210987654321"}, "`210987654321 may call it`"),
    ],
    ids=[
        *("public bucket", "permission", "function URL", "port", "managed policy", "IPv4", "IPv6"),
        *("no boundary", "another boundary", "any source", "more sources", "another account"),
    ],
)
def test_what_is_opened_without_a_policy_is_a_danger(
    type_: str, old: dict[str, Any], new: dict[str, Any], said: str
) -> None:
    (found,) = cautions(step("update", type_, old=old, new=new))
    assert said in found


@pytest.mark.parametrize(
    ("type_", "new"),
    [
        ("aws:iam/role:Role", BOUNDARY),
        (PERMISSION, {**CALLED, "sourceArn": UNKNOWN}),
        (PERMISSION, CALLED),
    ],
    ids=["a boundary", "a source that is not known yet", "the same"],
)
def test_what_opens_nothing_is_no_caution(type_: str, new: dict[str, Any]) -> None:
    old = {} if new is BOUNDARY else CALLED
    assert cautions(step("update", type_, old=old, new=new)) == []


def test_a_roles_policy_that_goes_lifts_what_it_refused_unless_the_role_goes_or_the_stack() -> None:
    gone = step("delete", ROLE_POLICY, "p", {**policy("s3:*", effect="Deny"), "role": "r"})
    (lifted, _) = cautions(gone)
    assert "**lifts** what `aws:iam:RolePolicy` `p` refused: `Deny s3:* on" in lifted
    stack = step("delete", "pulumi:pulumi:Stack", "shop-prod", state={"custom": False})
    for other in (step("delete", "aws:iam/role:Role", "r"), stack):
        assert not any("lifts" in each for each in cautions(gone, other))


def test_a_bucket_policy_is_not_lifted_with_its_bucket() -> None:
    guard = step(
        "delete", "aws:s3/bucketPolicy:BucketPolicy", "b", {**policy("s3:*", effect="Deny"), "bucket": "b"}
    )
    assert any("lifts" in each for each in cautions(guard))
    assert not any("lifts" in each for each in cautions(guard, step("delete", "aws:s3/bucket:Bucket", "b")))


@pytest.mark.parametrize(
    ("size", "said"),
    [(200_000_000, ""), (230_000_000, "WARNING size"), (270_000_000, "DANGER size")],
    ids=["small", "close", "too large"],
)
def test_a_layer_close_to_what_lambda_takes_is_told(size: int, said: str) -> None:
    component = {"custom": False}
    found = cautions(
        step(
            "create",
            "lamina:index:LambdaLayer",
            "deps",
            new={"digest": "a", "unzippedSize": size},
            state=component,
        )
    )
    assert [each.partition(":")[0] for each in found] == ([said] if said else [])


LAYER_URNS = {name: urn("lamina:index:LambdaLayer", name) for name in ("a", "b")}
VERSION_URNS = {name: urn("aws:lambda/layerVersion:LayerVersion", name) for name in LAYER_URNS}


def layered(size: int, layers: str) -> list[dict[str, Any]]:
    """A function with some of two layers of that size, of which `b` changes as little as nothing."""
    manifest = {"digest": "a", "unzippedSize": size}
    steps = [
        step("update" if name == "a" else "refresh", "lamina:index:LambdaLayer", name, manifest, manifest,
             state={"custom": False})
        for name in LAYER_URNS
    ]  # fmt: skip
    steps += [
        step("refresh", "aws:lambda/layerVersion:LayerVersion", name, {}, {}, state={"parent": each})
        for name, each in LAYER_URNS.items()
    ]
    made_of = {"propertyDependencies": {"layers": [VERSION_URNS[name] for name in layers]}}
    return [*steps, step("update", "aws:lambda/function:Function", "api", state=made_of)]


@pytest.mark.parametrize(
    ("size", "layers", "said"),
    [
        (100_000_000, "ab", ""),
        (120_000_000, "ab", "WARNING size: the layers `a`, `b` of `api` have 240.0 MB unzipped together"),
        (140_000_000, "ab", "DANGER size: the layers `a`, `b` of `api` have 280.0 MB unzipped together"),
        (140_000_000, "a", ""),
    ],
    ids=["light", "close", "too much", "one of them"],
)
def test_a_functions_layers_are_added_up(size: int, layers: str, said: str) -> None:
    found = cautions(*layered(size, layers))
    assert [each.startswith(said) for each in found] == ([True] if said else [])


def test_a_warning_is_told_without_the_word_that_begins_it() -> None:
    said = [{"severity": "warning", "message": "warning: that is old\n", "urn": ""}]
    assert cautions(diagnostics=said) == ["NOTE warning: `that is old`"]


def test_a_pinned_function_does_not_go_live() -> None:
    changed = step("update", FUNCTION, "api", RUNS, RUNS, diffReasons=["layers"])
    tested = step("replace", INVOCATION, "smoke", {"functionName": "shop-api"}, {"functionName": "shop-api"})
    (pinned,) = cautions(changed, tested, config={"shop:pin.api": "41"})
    assert pinned == "WARNING pin: **pinned**: `api` to version `41`: what changes there does not go live"
    (canary,) = cautions(changed, tested, config={"shop:pin.api": "41", "shop:canary": "10"})
    assert "`10` percent of the calls go to what is new" in canary
    assert cautions(changed, tested, config={"shop:pin.worker": "41"}) == []


def test_a_function_that_changes_without_its_smoke_test_is_told() -> None:
    changed = step("update", FUNCTION, "api", RUNS, RUNS, diffReasons=["layers"])
    (untested,) = cautions(changed)
    assert untested.startswith("WARNING smoke: **no smoke test** will ask the new version of")
    other = step(
        "replace", INVOCATION, "smoke", {"functionName": "shop-worker"}, {"functionName": "shop-worker"}
    )
    assert len(cautions(changed, other)) == 1
    alias = step(
        "update", "aws:lambda/alias:Alias", "live", {"functionName": "shop-api"}, {"functionName": "shop-api"}
    )
    assert "its alias moves to it untested" in cautions(changed, alias)[0]


@pytest.mark.parametrize(
    ("type_", "reasons", "inputs"),
    [
        ("aws:lambda/function:Function", ["layers"], RUNS),
        (FUNCTION, ["tags", "tagsAll"], RUNS),
        (FUNCTION, ["layers"], {"name": "shop-api"}),
    ],
    ids=["a stack without smoke tests", "tags", "no versions"],
)
def test_where_no_smoke_test_is_to_be_expected_none_is_missed(
    type_: str, reasons: list[str], inputs: dict[str, Any]
) -> None:
    assert cautions(step("update", type_, "api", inputs, inputs, diffReasons=reasons)) == []


def test_a_change_from_outside_is_told_in_sentences_without_secrets() -> None:
    type_ = "aws:lambda/function:Function"
    was = {"name": "api", "timeout": 30, "environment": {"variables": {"KEY": "[secret]", "A": "1"}}}
    found = {"name": "api", "timeout": 3, "environment": {"variables": {"KEY": "hunter2", "A": "2"}}}
    text = told(
        step("refresh", type_, old=was, new=was),
        step("update", type_, old=found, new=was, outputs=found, diffReasons=["timeout", "environment"]),
    )
    assert "`its timeout is 3 s, not 30 s`" in text
    assert "`its environment.variables.KEY, which is secret, is another`" in text
    assert "hunter2" not in text


def test_a_preview_that_refreshed_nothing_says_that_it_knows_of_no_change_outside() -> None:
    assert "outside of the stack is not known" in told(step("update", ROLE_POLICY))


def test_manifests_give_the_packages_their_sizes() -> None:
    before = Layer("deps", DIGESTS[0], packages={"six": Package("1.16.0", 1_000), "old": Package("1", 10)})
    after = Layer("deps", DIGESTS[1], packages={"six": Package("1.17.0", 3_000), "new": Package("2", 20)})
    text = told(base=[before], head=[after])
    assert "layer `deps`: 3 packages changed" in text
    assert "| changed | `six` | `1.16.0` | `1.17.0` | 3.0 kB (+2.0 kB) |" in text
    assert "| added | `new` |  | `2` | +20 B |" in text
    assert "| removed | `old` | `1` |  | −10 B |" in text  # noqa: RUF001 (a minus sign)
