"""Layer versions, functions, aliases, permissions, invocations and mappings."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import grpc
import pytest

from local.provider.values import UNKNOWN, Asset, unmarshal

from .engine import CheckError, Engine, Made, init_error, kinds

LAYER = "aws:lambda/layerVersion:LayerVersion"
FUNCTION = "aws:lambda/function:Function"
ALIAS = "aws:lambda/alias:Alias"
PERMISSION = "aws:lambda/permission:Permission"
INVOCATION = "aws:lambda/invocation:Invocation"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
ROLE = "aws:iam/role:Role"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
CODE = (
    "def handler(event, context):\n    if event.get('fail'):\n        raise ValueError('no')\n    return {}\n"
)


def zipped(path: Path, files: dict[str, str]) -> Asset:
    """A zip on disk as the archive that a program gives."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    path.write_bytes(buffer.getvalue())
    return Asset(
        archive=True, fields={"hash": hashlib.sha256(buffer.getvalue()).hexdigest(), "path": str(path)}
    )


@pytest.fixture(scope="module")
def role(engine: Engine) -> str:
    made = engine.create(ROLE, "lambda", {"assumeRolePolicy": TRUST})
    reads = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    statement = {"Effect": "Allow", "Action": reads, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    engine.create("aws:iam/rolePolicy:RolePolicy", "queues", {"role": made.identity, "policy": policy})
    return str(made.outputs["arn"])


@pytest.fixture
def layer(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Made:
    name = hashlib.sha256(request.node.name.encode()).hexdigest()[:8]
    given = {"layerName": f"deps-{name}", "code": zipped(tmp_path / "layer.zip", {"python/deps.py": "1"})}
    return engine.create(LAYER, "deps", {**given, "compatibleRuntimes": ["python3.12", "python3.11"]})


@pytest.fixture
def given(role: str, tmp_path: Path, python_runtime: str) -> dict[str, Any]:
    """The inputs of a function that publishes its versions."""
    return {
        "role": role,
        "runtime": python_runtime,
        "handler": "app.handler",
        "code": zipped(tmp_path / "code.zip", {"app.py": CODE}),
        "publish": True,
        "environment": {"variables": {"COLOUR": "red"}},
    }


def test_layer_version_is_published_found_unchanged_and_deleted(engine: Engine, layer: Made) -> None:
    assert layer.identity == layer.outputs["arn"]
    assert layer.outputs["arn"] == f"{layer.outputs['layerArn']}:{layer.outputs['version']}"
    assert layer.outputs["version"] == "1"
    fresh = engine.refresh(layer)
    assert fresh is not None
    assert kinds(engine.diff(fresh, layer.inputs)) == {}
    adopted = engine.adopt(LAYER, "deps", f"{layer.outputs['layerName']}/1")
    assert adopted is not None
    assert adopted.identity == layer.identity
    engine.delete(layer)
    assert engine.refresh(layer) is None


def test_every_change_of_a_layer_replaces_it_beside_the_old_one(engine: Engine, layer: Made) -> None:
    for change in ({"description": "other"}, {"skipDestroy": True}, {"compatibleRuntimes": ["python3.12"]}):
        diff = engine.diff(layer, {**layer.inputs, **change})
        assert list(diff.replaces) == list(change)
        assert not diff.deleteBeforeReplace


def test_layer_version_stays_when_the_old_state_says_so(engine: Engine, layer: Made, aws: Any) -> None:
    layer.outputs["skipDestroy"] = True
    engine.delete(layer)
    assert engine.refresh(layer) is not None


def test_layer_without_code_is_refused(engine: Engine) -> None:
    with pytest.raises(CheckError, match="one of `code,s3Bucket` must be specified"):
        engine.check(LAYER, "deps", {"layerName": "deps"})


def test_layer_that_aws_refuses_is_an_error_in_the_words_of_the_sdk(engine: Engine) -> None:
    inputs = {"layerName": "deps", "s3Bucket": "there-is-no-such-bucket", "s3Key": "x"}
    said = r"publishing Lambda Layer \(deps\) Version: operation error Lambda: PublishLayerVersion, https"
    with pytest.raises(grpc.RpcError, match=said) as caught:
        engine.create(LAYER, "deps", inputs)
    assert init_error(caught.value) is None


def test_function_publishes_its_first_version(engine: Engine, given: dict[str, Any]) -> None:
    made = engine.create(FUNCTION, "api", given)
    assert made.identity == made.outputs["name"]
    assert made.outputs["version"] == "1"
    assert made.outputs["qualifiedArn"] == made.outputs["arn"] + ":1"
    assert made.outputs["invokeArn"].endswith(f"/functions/{made.outputs['arn']}/invocations")
    assert (made.inputs["memorySize"], made.inputs["timeout"], made.outputs["skipDestroy"]) == (128, 3, False)
    data = Path(given["code"].fields["path"]).read_bytes()
    assert made.outputs["codeSha256"] == base64.b64encode(hashlib.sha256(data).digest()).decode()
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, given)) == {}
    engine.delete(made)
    assert engine.refresh(made) is None


def test_preview_of_a_new_function_knows_its_inputs_and_nothing_of_its_version(
    engine: Engine, given: dict[str, Any]
) -> None:
    planned = engine.preview(FUNCTION, "api", {**given, "layers": [UNKNOWN]})
    assert planned["layers"] == [UNKNOWN]
    assert planned["version"] is planned["arn"] is planned["qualifiedArn"] is UNKNOWN
    assert planned["memorySize"] == 128


def test_new_code_publishes_a_new_version_and_says_so_before(
    engine: Engine, given: dict[str, Any], tmp_path: Path
) -> None:
    made = engine.create(FUNCTION, "api", given)
    changed = {**given, "code": zipped(tmp_path / "new.zip", {"app.py": CODE + "# new\n"})}
    published = dict.fromkeys(("version", "qualifiedArn", "qualifiedInvokeArn"), "UPDATE")
    assert kinds(engine.diff(made, changed)) == {"code": "UPDATE", "lastModified": "UPDATE", **published}
    planned = engine.update(made, changed, preview=True).outputs
    assert planned["version"] is UNKNOWN
    assert planned["arn"] == made.outputs["arn"]
    assert engine.update(made, changed).outputs["version"] == "2"
    engine.delete(made)


def test_new_layer_publishes_a_new_version_and_tags_do_not(
    engine: Engine, given: dict[str, Any], layer: Made
) -> None:
    made = engine.create(FUNCTION, "api", given)
    with_layer = {**given, "layers": [layer.outputs["arn"]]}
    diff = kinds(engine.diff(made, {**given, "layers": [UNKNOWN]}))
    assert diff["layers"] == "ADD"
    assert diff["version"] == "UPDATE"
    made = engine.update(made, with_layer)
    assert (made.outputs["version"], made.outputs["layers"]) == ("2", [layer.outputs["arn"]])
    tagged = {**with_layer, "tags": {"a": "b"}}
    assert set(kinds(engine.diff(made, tagged))) == {"tags", "tagsAll"}
    made = engine.update(made, tagged)
    assert made.outputs["version"] == "2"
    engine.delete(made)


def test_layers_taken_off_from_outside_show_as_drift_and_come_back(
    engine: Engine, given: dict[str, Any], layer: Made, aws: Any
) -> None:
    inputs = {**given, "layers": [layer.outputs["arn"]]}
    made = engine.create(FUNCTION, "api", inputs)
    aws("lambda").update_function_configuration(FunctionName=made.identity, Layers=[])
    fresh = engine.refresh(made)
    assert fresh is not None
    diff = kinds(engine.diff(fresh, inputs))
    assert diff["layers"] == "ADD"
    assert engine.update(fresh, inputs).outputs["layers"] == [layer.outputs["arn"]]
    engine.delete(made)


def test_code_changed_from_outside_shows_where_its_hash_is_given(
    engine: Engine, given: dict[str, Any], aws: Any, tmp_path: Path
) -> None:
    data = Path(given["code"].fields["path"]).read_bytes()
    inputs = {**given, "codeSha256": base64.b64encode(hashlib.sha256(data).digest()).decode()}
    made = engine.create(FUNCTION, "api", inputs)
    other = zipped(tmp_path / "other.zip", {"app.py": "raise SystemExit"})
    aws("lambda").update_function_code(
        FunctionName=made.identity, ZipFile=Path(other.fields["path"]).read_bytes()
    )
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs))["codeSha256"] == "UPDATE"
    assert "codeSha256" not in kinds(engine.diff(fresh, given))
    assert engine.update(fresh, inputs).outputs["codeSha256"] == inputs["codeSha256"]
    engine.delete(made)


def test_environment_and_what_is_removed_from_it_go_to_the_function(
    engine: Engine, given: dict[str, Any]
) -> None:
    made = engine.create(FUNCTION, "api", {**given, "description": "old"})
    changed = {name: value for name, value in given.items() if name != "environment"}
    assert kinds(engine.diff(made, changed))["environment"] == "DELETE"
    made = engine.update(made, changed)
    assert "environment" not in made.outputs
    assert "description" not in made.outputs
    engine.delete(made)


def test_a_log_level_that_is_left_to_lambda_is_no_difference(engine: Engine, given: dict[str, Any]) -> None:
    inputs = {**given, "loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "DEBUG"}}
    made = engine.create(FUNCTION, "talker", inputs)
    assert made.outputs["loggingConfig"]["systemLogLevel"] == "INFO"
    assert kinds(engine.diff(made, inputs)) == {}
    quiet = {**inputs, "loggingConfig": {"logFormat": "JSON", "applicationLogLevel": "ERROR"}}
    assert set(kinds(engine.diff(made, quiet))) >= {"loggingConfig.applicationLogLevel", "version"}
    plain = {**inputs, "loggingConfig": {"logFormat": "Text"}}
    assert "loggingConfig.systemLogLevel" in kinds(engine.diff(made, plain))
    engine.delete(made)


def test_function_needs_handler_and_runtime(engine: Engine, role: str) -> None:
    with pytest.raises(CheckError, match="handler and runtime must be set when PackageType is Zip"):
        engine.check(FUNCTION, "api", {"role": role})


def test_an_update_that_fails_after_its_code_was_stored_never_publishes_it(
    engine: Engine, given: dict[str, Any], tmp_path: Path
) -> None:
    made = engine.create(FUNCTION, "api", given)
    new = {**given, "code": zipped(tmp_path / "new.zip", {"app.py": CODE + "# new\n"})}
    with pytest.raises(grpc.RpcError, match=r"concurrency.*PutFunctionConcurrency") as caught:
        engine.update(made, {**new, "reservedConcurrentExecutions": 950})
    kept = init_error(caught.value)
    failed = dataclasses.replace(made, inputs=unmarshal(kept.inputs), outputs=unmarshal(kept.properties))
    assert failed.outputs["code"] == new["code"]
    fresh = engine.refresh(failed)
    assert fresh is not None
    assert "version" not in kinds(engine.diff(fresh, new))
    assert engine.update(fresh, new).outputs["version"] == "1"
    engine.delete(made)


def test_an_update_that_cannot_read_its_object_leaves_the_old_one_in_the_state(
    engine: Engine, given: dict[str, Any]
) -> None:
    made = engine.create(FUNCTION, "api", given)
    gone = {name: value for name, value in given.items() if name != "code"}
    with pytest.raises(grpc.RpcError, match="UpdateFunctionCode") as caught:
        engine.update(made, {**gone, "s3Bucket": "there-is-no-such-bucket", "s3Key": "x"})
    kept = init_error(caught.value)
    assert kept.id == made.identity
    assert "s3Key" not in kept.properties
    engine.delete(made)


def test_alias_moves_in_place_and_shows_when_it_was_moved_from_outside(
    engine: Engine, given: dict[str, Any], aws: Any
) -> None:
    function = engine.create(FUNCTION, "api", given)
    second = engine.update(function, {**given, "description": "two"})
    inputs = {"functionName": function.identity, "functionVersion": "1", "name": "live"}
    alias = engine.create(ALIAS, "live", inputs)
    assert alias.identity == alias.outputs["arn"] == f"{function.outputs['arn']}:live"
    by_arn = {**inputs, "functionName": function.outputs["arn"]}
    assert kinds(engine.diff(alias, by_arn)) == {}
    moved = {**inputs, "functionVersion": second.outputs["version"]}
    assert kinds(engine.diff(alias, moved)) == {"functionVersion": "UPDATE"}
    alias = engine.update(alias, moved)
    assert alias.outputs["functionVersion"] == "2"
    aws("lambda").update_alias(FunctionName=function.identity, Name="live", FunctionVersion="1")
    drifted = engine.refresh(alias)
    assert drifted is not None
    assert kinds(engine.diff(drifted, moved)) == {"functionVersion": "UPDATE"}
    renamed = engine.diff(alias, {**moved, "name": "other"})
    assert renamed.deleteBeforeReplace
    adopted = engine.adopt(ALIAS, "live", f"{function.identity}/live")
    assert adopted is not None
    assert adopted.identity == alias.identity
    weighted = {**moved, "routingConfig": {"additionalVersionWeights": {"1": 0.25}}}
    alias = engine.update(drifted, weighted)
    assert alias.outputs["routingConfig"]["additionalVersionWeights"] == {"1": 0.25}
    assert kinds(engine.diff(alias, weighted)) == {}
    engine.delete(alias)
    assert engine.refresh(alias) is None
    engine.delete(function)


def test_permission_is_found_by_its_statement_and_qualifier(engine: Engine, given: dict[str, Any]) -> None:
    function = engine.create(FUNCTION, "api", given)
    engine.create(ALIAS, "live", {"functionName": function.identity, "functionVersion": "1", "name": "live"})
    inputs = {
        "action": "lambda:InvokeFunction",
        "function": function.identity,
        "principal": "events.amazonaws.com",
        "qualifier": "live",
        "sourceArn": "arn:aws:events:us-west-2:123456789012:rule/daily",
    }
    made = engine.create(PERMISSION, "daily", inputs)
    assert made.identity == made.outputs["statementId"]
    assert made.identity.startswith("daily-")
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    assert kinds(engine.diff(fresh, {**inputs, "principal": "*"})) == {"principal": "UPDATE_REPLACE"}
    engine.delete(made)
    assert engine.refresh(made) is None
    engine.delete(function)


def test_invocation_runs_once_for_each_input_and_never_drifts(engine: Engine, given: dict[str, Any]) -> None:
    function = engine.create(FUNCTION, "api", given)
    inputs = {
        "functionName": function.identity,
        "qualifier": "1",
        "input": "{}",
        "triggers": {"version": "1"},
    }
    assert engine.preview(INVOCATION, "smoke", inputs)["result"] is UNKNOWN
    made = engine.create(INVOCATION, "smoke", inputs)
    assert json.loads(made.outputs["result"]) == {}
    digest = hashlib.md5(b"{}", usedforsecurity=False).hexdigest()
    assert made.identity == f"{function.identity},1,{digest}"
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    diff = engine.diff(made, {**inputs, "input": '{"a": 1}', "triggers": {"version": UNKNOWN}})
    assert kinds(diff) == {"input": "UPDATE_REPLACE", "triggers.version": "UPDATE_REPLACE"}
    assert not diff.deleteBeforeReplace
    engine.delete(made)
    engine.delete(function)


def test_function_that_fails_its_invocation_saves_nothing_and_tells_the_answer(
    engine: Engine, given: dict[str, Any]
) -> None:
    function = engine.create(FUNCTION, "api", given)
    inputs = {"functionName": function.identity, "input": '{"fail": true}'}
    with pytest.raises(grpc.RpcError, match="ValueError") as caught:
        engine.create(INVOCATION, "smoke", inputs)
    assert init_error(caught.value) is None
    engine.delete(function)


def test_mapping_feeds_an_alias_from_a_queue(engine: Engine, given: dict[str, Any]) -> None:
    function = engine.create(FUNCTION, "worker", given)
    alias = engine.create(
        ALIAS, "live", {"functionName": function.identity, "functionVersion": "1", "name": "live"}
    )
    queue = engine.create("aws:sqs/queue:Queue", "pictures", {})
    inputs = {
        "functionName": alias.outputs["arn"],
        "eventSourceArn": queue.outputs["arn"],
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "scalingConfig": {"maximumConcurrency": 2},
    }
    made = engine.create(MAPPING, "pictures", inputs)
    assert made.identity == made.outputs["uuid"]
    assert (made.outputs["batchSize"], made.outputs["state"]) == (10, "Enabled")
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    changed = engine.update(fresh, {**inputs, "batchSize": 5, "enabled": False})
    assert (changed.outputs["batchSize"], changed.outputs["state"]) == (5, "Disabled")
    # As with upstream, which sends a nought: only a batch size of ten can be left out again.
    with pytest.raises(grpc.RpcError, match="BatchSize, value: 0"):
        engine.update(changed, {**inputs, "enabled": False})
    engine.delete(changed)
    assert engine.refresh(changed) is None
    engine.delete(function)


def test_event_invoke_config_is_put_found_and_deleted(engine: Engine, given: dict[str, Any]) -> None:
    function = engine.create(FUNCTION, "cleanup", given)
    inputs = {"functionName": function.identity, "maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 0}
    made = engine.create("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "cleanup", inputs)
    assert made.identity == function.identity
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    engine.delete(made)
    assert engine.refresh(made) is None
    engine.delete(function)


def test_layer_permission_is_added_found_and_removed(engine: Engine, layer: Made) -> None:
    inputs = {
        "layerName": layer.outputs["layerName"],
        "versionNumber": 1,
        "statementId": "team",
        "action": "lambda:GetLayerVersion",
        "principal": "210987654321",
    }
    made = engine.create("aws:lambda/layerVersionPermission:LayerVersionPermission", "team", inputs)
    assert made.identity == f"{layer.outputs['layerName']},1"
    fresh = engine.refresh(made)
    assert fresh is not None
    assert kinds(engine.diff(fresh, inputs)) == {}
    engine.delete(made)
    assert engine.refresh(made) is None


def test_a_version_is_looked_up_as_it_was_published(engine: Engine, given: dict[str, Any]) -> None:
    function = engine.create(FUNCTION, "api", given)
    engine.update(function, {**given, "description": "two"})
    token, name = "aws:lambda/getFunction:getFunction", function.identity
    first = engine.invoke(token, {"functionName": name, "qualifier": "1"})
    assert (first["version"], first["codeSha256"]) == ("1", function.outputs["codeSha256"])
    assert (first["arn"], first["qualifiedArn"]) == (function.outputs["arn"], f"{function.outputs['arn']}:1")
    assert first["layers"] == function.outputs.get("layers", [])
    assert engine.invoke(token, {"functionName": name, "qualifier": "2"})["description"] == "two"
    with pytest.raises(grpc.RpcError, match="reading Lambda Function"):
        engine.invoke(token, {"functionName": name, "qualifier": "9"})
    with pytest.raises(grpc.RpcError, match="getFunction only with a qualifier"):
        engine.invoke(token, {"functionName": name})
    engine.delete(function)
