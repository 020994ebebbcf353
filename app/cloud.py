"""The service's way to AWS: one client a process and service, and the settings that the stack gives."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient


# Presigned addresses: botocore's defaults are the global host and signature version 2, which buckets made
# since June 2020 refuse (AWS docs, "Authenticating Requests: AWS Signature Version 4").
_S3 = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})


class SettingError(Exception):
    """An environment variable that the stack should have set is missing or wrong."""


@functools.cache
def s3() -> S3Client:
    """The S3 client, made at its first use: creating one costs half a second that not every call needs."""
    return boto3.client("s3", config=_S3)


@functools.cache
def sqs() -> SQSClient:
    """The SQS client, made at its first use."""
    return boto3.client("sqs")


def setting(name: str) -> str:
    """An environment variable's value.

    Raises:
        SettingError: it is unset or empty.
    """
    value = os.environ.get(name)
    if not value:
        raise SettingError(f"the environment variable {name} is not set: the stack sets it")
    return value
