"""Names: what resources are called in AWS where that cannot be left to Pulumi, and the parts of an ARN."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pulumi

# AWS Lambda API reference, CreateFunction and PublishLayerVersion: the names without account and region.
LONGEST_FUNCTION_NAME = 64
LONGEST_LAYER_NAME = 140
# Where build/ leaves what the program uploads, in the project's folder.
BUILD_FOLDER = ".lamina"
# The one alias of each function that API, queue and schedule know.
LIVE = "live"
# What tells without Pulumi which stack a function or an API belongs to.
STACK_TAG = "lamina:stack"


class AliasName(NamedTuple):
    """What an alias' ARN names.

    Attributes:
        function: the function's name.
        alias: the alias' own name.
    """

    function: str
    alias: str


def physical_name(name: str, longest: int = 255) -> str:
    """The name in AWS of a resource that has to be known before it exists, or by the people on call.

    Args:
        name: the component's name.
        longest: how many characters AWS allows.

    Returns:
        `<project>-<stack>-<name>`: stacks of one account stay apart, and nothing in it is random. Dots, which
        Pulumi allows in its names and Lambda does not, become hyphens.

    Raises:
        pulumi.RunError: it would be too long.
    """
    full = f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}".replace(".", "-")
    if len(full) > longest:
        raise pulumi.RunError(
            f"{full} is too long a name: {len(full)} characters where AWS allows {longest}; "
            f"shorten the name of the stack or of {name}"
        )
    return full


def stack_tag() -> str:
    """The value of the tag `lamina:stack`: `<project>/<stack>`."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}"


def alias_name(arn: str) -> AliasName:
    """Takes an alias' ARN apart.

    Args:
        arn: `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME:ALIAS` (AWS Lambda Developer Guide,
            "Using Lambda aliases in event source mappings and permissions").

    Raises:
        pulumi.RunError: it is not the ARN of an alias or version.
    """
    parts = arn.split(":")
    if len(parts) != 8 or parts[0] != "arn" or parts[2] != "lambda" or parts[5] != "function":
        raise pulumi.RunError(f"{arn} is not the ARN of a function's alias (arn:...:function:NAME:ALIAS)")
    return AliasName(parts[6], parts[7])


def account_of(arn: str) -> str:
    """The account in an ARN that names one: `arn:PARTITION:SERVICE:REGION:ACCOUNT:REST`."""
    return arn.split(":")[4]


def region_of(arn: str) -> str:
    """The region in an ARN that names one: `arn:PARTITION:SERVICE:REGION:ACCOUNT:REST`."""
    return arn.split(":")[3]


def asset_of(path: Path, directory: str) -> pulumi.FileAsset:
    """A built file as Pulumi uploads it.

    Args:
        path: the file.
        directory: the Pulumi project's folder. The engine reads assets from there and compares their content,
            not their path; so the state names no machine, and a run elsewhere finds no difference.

    Returns:
        An asset with a path relative to that folder.
    """
    return pulumi.FileAsset(os.path.relpath(path, directory))
