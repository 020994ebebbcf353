"""The old world: what the configuration in `tests/data/terraform/` leaves, made by boto3, with its state.

The state there is one that Terraform 1.11.4 wrote with version 5.100.0 of its AWS provider as it applied that
configuration to the embedded AWS; what providers keep for themselves was taken out, the addresses are AWS's.
Its random ids are replaced by those of a world.
"""

from __future__ import annotations

import io
import json
import urllib.request
import zipfile
from collections.abc import Mapping
from typing import Any

from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME

from .content import FUNCTIONS
from .processes import ROOT
from .world import World

DATA = ROOT / "tests/data/terraform"
_TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
_TIMEOUTS = {"api": 30, "worker": 60, "cleanup": 30}
_HANDLER = """\
import olddeps


def handler(event, context):
    return {{"function": "{name}", "old": olddeps.CONTENT}}
"""


class OldWorld:
    """A service that Terraform made and a shell pipeline changed; its functions are called `shop-…`.

    Attributes:
        state: the state file, for the ids of this world.
    """

    def __init__(self, world: World) -> None:
        """Makes it in a world whose AWS is empty."""
        self._world = world
        self._bucket()
        queue = self._queues()
        for name in FUNCTIONS:
            self._function(name, queue)
        ids = {**self._api(), "b6dfa055-eda4-457e-877e-d43af49c8f26": self._mapping(queue)}
        self._schedule()
        self._drift()
        text = (DATA / "state.json").read_text()
        prefix = "https://sqs.us-west-2.amazonaws.com/123456789012/"
        ids[prefix] = queue.removesuffix("shop-jobs")
        for recorded, own in ids.items():
            text = text.replace(recorded, own)
        self.state = world.folder / "terraform.tfstate"
        self.state.write_text(text)
        self.api_id = ids["cdyveawc"]

    def publish_cleanup(self) -> None:
        """Has the cleanup function's alias point to a version, which the state knows nothing of."""
        client: Any = self._world.client("lambda")
        version = client.publish_version(FunctionName="shop-cleanup")["Version"]
        client.update_alias(FunctionName="shop-cleanup", Name="live", FunctionVersion=version)

    def live(self) -> dict[str, Any]:
        """What each function's alias and the API answer: in the old service's words or the new one's."""
        client = self._world.client("lambda")
        found: dict[str, Any] = {}
        for name in FUNCTIONS:
            answer = client.invoke(FunctionName=f"shop-{name}", Qualifier="live", Payload=b"{}")
            assert "FunctionError" not in answer, answer["Payload"].read()
            found[name] = json.loads(answer["Payload"].read())
        found["http"] = self.http()
        return found

    def http(self) -> Any:
        """What the HTTP API answers."""
        url = f"http://127.0.0.1:{self._world.port}/_execute-api/{self.api_id}/pictures"
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.loads(answer.read())

    def _bucket(self) -> None:
        s3: Any = self._world.client("s3")
        for name in ("shop-frontend", "shop-pictures"):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        s3.put_public_access_block(
            Bucket="shop-pictures", PublicAccessBlockConfiguration=dict.fromkeys(names, True)
        )
        s3.put_bucket_versioning(Bucket="shop-pictures", VersioningConfiguration={"Status": "Enabled"})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket="shop-pictures", ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_object(Bucket="shop-pictures", Key="pictures/kept.jpg", Body=b"a picture")
        code = {f"handlers/{name}.py": _HANDLER.format(name=name) for name in FUNCTIONS}
        s3.put_object(Bucket="shop-frontend", Key="artifacts/code.zip", Body=_zip(code))

    def _queues(self) -> str:
        sqs: Any = self._world.client("sqs")
        kept = {"MessageRetentionPeriod": "1209600"}
        dead = sqs.create_queue(QueueName="shop-jobs-dead", Attributes=kept)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        attributes = {"VisibilityTimeout": "360", "RedrivePolicy": redrive}
        url: str = sqs.create_queue(QueueName="shop-jobs", Attributes=attributes)["QueueUrl"]
        return url

    def _function(self, name: str, queue: str) -> None:
        iam: Any = self._world.client("iam")
        full = f"shop-{name}"
        role = iam.create_role(RoleName=full, AssumeRolePolicyDocument=_document(_TRUST))["Role"]["Arn"]
        data = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        policies = {"data": _allowed(data, "arn:aws:s3:::shop-pictures/*")}
        if name == "worker":
            consume = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
            policies["consume"] = _allowed(consume, "arn:aws:sqs:us-west-2:123456789012:shop-jobs")
        for policy, statement in policies.items():
            iam.put_role_policy(RoleName=full, PolicyName=policy, PolicyDocument=_document(statement))
        if name == FUNCTIONS[0]:
            logs = _document(_allowed(["logs:CreateLogStream", "logs:PutLogEvents"], "*"))
            iam.create_policy(PolicyName="shop-logs", PolicyDocument=logs)
        iam.attach_role_policy(RoleName=full, PolicyArn="arn:aws:iam::123456789012:policy/shop-logs")
        logs_client: Any = self._world.client("logs")
        logs_client.create_log_group(logGroupName=f"/aws/lambda/{full}")
        logs_client.put_retention_policy(logGroupName=f"/aws/lambda/{full}", retentionInDays=14)
        self._published(name, role, queue)

    def _published(self, name: str, role: str, queue: str) -> None:
        client: Any = self._world.client("lambda")
        if name == FUNCTIONS[0]:
            self._layer("old")
        client.create_function(
            FunctionName=f"shop-{name}",
            Role=role,
            Runtime=HOST_RUNTIME,
            Architectures=[HOST_ARCHITECTURE],
            Handler=f"handlers.{name}.handler",
            Code={"S3Bucket": "shop-frontend", "S3Key": "artifacts/code.zip"},
            Layers=["arn:aws:lambda:us-west-2:123456789012:layer:shop-deps:1"],
            Timeout=_TIMEOUTS[name],
            MemorySize=256,
            Environment={"Variables": {"BUCKET": "shop-pictures", "QUEUE_URL": queue}},
            Publish=name != "cleanup",
        )
        client.get_waiter("function_active_v2").wait(FunctionName=f"shop-{name}")
        version = "$LATEST" if name == "cleanup" else "1"
        client.create_alias(FunctionName=f"shop-{name}", Name="live", FunctionVersion=version)

    def _layer(self, content: str) -> str:
        client: Any = self._world.client("lambda")
        files = _zip({"python/olddeps.py": f"CONTENT = {content!r}\n"})
        published = client.publish_layer_version(
            LayerName="shop-deps", Content={"ZipFile": files}, CompatibleRuntimes=[HOST_RUNTIME]
        )
        arn: str = published["LayerVersionArn"]
        return arn

    def _drift(self) -> None:
        """What the pipeline attached since, and `ignore_changes` hides: the state still has version 1."""
        client: Any = self._world.client("lambda")
        layer = self._layer("drifted")
        for name in FUNCTIONS:
            client.update_function_configuration(FunctionName=f"shop-{name}", Layers=[layer])
            client.get_waiter("function_updated_v2").wait(FunctionName=f"shop-{name}")

    def _mapping(self, queue: str) -> str:
        client: Any = self._world.client("lambda")
        made: str = client.create_event_source_mapping(
            EventSourceArn=f"arn:aws:sqs:us-west-2:123456789012:{queue.rpartition('/')[2]}",
            FunctionName="arn:aws:lambda:us-west-2:123456789012:function:shop-worker:live",
            BatchSize=5,
        )["UUID"]
        return made

    def _api(self) -> dict[str, str]:
        gateway: Any = self._world.client("apigatewayv2")
        api = gateway.create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
        alias = "arn:aws:lambda:us-west-2:123456789012:function:shop-api:live"
        integration = gateway.create_integration(
            ApiId=api,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=f"arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/{alias}/invocations",
            PayloadFormatVersion="2.0",
        )["IntegrationId"]
        route = gateway.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{integration}")[
            "RouteId"
        ]
        gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
        self._allow("api", "AllowApi", "apigateway", f"arn:aws:execute-api:us-west-2:123456789012:{api}/*/*")
        return {"cdyveawc": api, "hzzwtuva": integration, "uattmqdh": route}

    def _schedule(self) -> None:
        events: Any = self._world.client("events")
        rule = events.put_rule(Name="shop-nightly", ScheduleExpression="cron(0 3 * * ? *)")["RuleArn"]
        alias = "arn:aws:lambda:us-west-2:123456789012:function:shop-cleanup:live"
        events.put_targets(Rule="shop-nightly", Targets=[{"Id": "cleanup", "Arn": alias}])
        self._allow("cleanup", "AllowSchedule", "events", rule)

    def _allow(self, name: str, statement: str, service: str, source: str) -> None:
        client: Any = self._world.client("lambda")
        client.add_permission(
            FunctionName=f"shop-{name}",
            Qualifier="live",
            StatementId=statement,
            Action="lambda:InvokeFunction",
            Principal=f"{service}.amazonaws.com",
            SourceArn=source,
        )


def _allowed(actions: list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _zip(files: Mapping[str, str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for path, text in files.items():
            target.writestr(path, text)
    return archive.getvalue()
