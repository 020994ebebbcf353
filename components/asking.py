"""Asking a version itself, through boto3: after its smoke test failed, for its error, its log, what is live.

The provider tells of a failed invocation neither its log nor what is live meanwhile.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .names import LIVE

# AWS Lambda quotas: no function runs longer.
LONGEST_SECONDS = 900
LOG_LINES = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a version said.

    Attributes:
        text: its answer, or its error, as JSON text.
        failed: whether it is an error.
        log: the end of its log, 4 KB at most.
    """

    text: str
    failed: bool
    log: str

    @property
    def error(self) -> str:
        """The error as `Type: message`, or the answer's text."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return self.text
        if not isinstance(found, dict) or "errorMessage" not in found:
            return self.text
        return f"{found.get('errorType', 'Error')}: {found['errorMessage']}"


def log_lines(log: str) -> list[str]:
    """The lines of a log that people read.

    Args:
        log: in Lambda's JSON format, or plain (AWS Lambda Developer Guide, "Configuring JSON and plain
            text log formats"); its first line may have lost its beginning.

    Returns:
        Level and message, or the error with its stack; without what Lambda itself tells of each invocation.
    """
    lines: list[str] = []
    for line in log.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            lines += [line] if line.strip() else []
        elif not str(entry.get("type", "")).startswith("platform."):
            lines += _entry_lines(entry, line)
    return lines[-LOG_LINES:]


def _entry_lines(entry: Mapping[str, Any], line: str) -> list[str]:
    level = str(entry.get("level", "INFO"))
    if "errorMessage" in entry:
        stack = [part for each in entry.get("stackTrace") or () for part in str(each).rstrip().splitlines()]
        return [f"{level} {entry.get('errorType', 'Error')}: {entry['errorMessage']}", *stack]
    return [f"{level} {entry['message']}"] if "message" in entry else [line]


def ask(function_name: str, version: str, event: str, region: str) -> Answer:
    """Invokes a version.

    Args:
        function_name: the function's.
        version: its number.
        event: JSON text.
        region: where it is.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS is not reached.
    """
    answer = _client("lambda", region).invoke(
        FunctionName=function_name, Qualifier=version, Payload=event.encode(), LogType="Tail"
    )
    log = base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")
    return Answer(answer["Payload"].read().decode("utf-8", "replace"), "FunctionError" in answer, log)


def live(names: Mapping[str, str], region: str) -> str:
    """What is live of each function.

    Args:
        names: the functions' names in AWS, by the short names that are shown.
        region: where they are.

    Returns:
        Such as `api 4, worker 4`; a function without a `live` alias has nothing.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS is not reached.
    """
    client = _client("lambda", region)
    found = []
    for short, name in sorted(names.items()):
        try:
            version = client.get_alias(FunctionName=name, Name=LIVE)["FunctionVersion"]
        except client.exceptions.ResourceNotFoundException:
            version = "nothing"
        found.append(f"{short} {version}")
    return ", ".join(found)


def written(bucket: str, key: str, region: str) -> str | None:
    """What an object of a bucket in a region holds; None where there is none.

    Raises:
        botocore.exceptions.ClientError: AWS refuses.
        botocore.exceptions.BotoCoreError: AWS is not reached.
    """
    client = _client("s3", region)
    try:
        body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except client.exceptions.NoSuchKey:
        return None
    return body.decode("utf-8", "replace")


def _client(service: str, region: str) -> Any:
    # Half a second that only a failure costs.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = pulumi.Config("aws")
    session: Any = boto3.Session(profile_name=config.get("profile"), region_name=region)
    # A function must not be asked twice because its answer was slow.
    settings = Config(read_timeout=LONGEST_SECONDS + 10, retries={"total_max_attempts": 1})
    return session.client(service, config=settings)
