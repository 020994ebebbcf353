"""What a function has beside its code and its configuration: reserved concurrency, code signing."""

from __future__ import annotations

from .aws import Aws
from .values import State


def set_concurrency(aws: Aws, name: str, new: State) -> None:
    """Reserves concurrency, or gives it back where -1 is wanted."""
    client, wanted = aws.client("lambda", new), new.get("reservedConcurrentExecutions", -1)
    with aws.doing(f"setting Lambda Function ({name}) concurrency"):
        if wanted >= 0:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=wanted)
        else:
            client.delete_function_concurrency(FunctionName=name)


def set_signing(aws: Aws, name: str, new: State) -> None:
    """Sets the code signing configuration, or takes it away."""
    client, wanted = aws.client("lambda", new), new.get("codeSigningConfigArn")
    with aws.doing(f"setting Lambda Function ({name}) code signing config"):
        if wanted:
            client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=wanted)
        else:
            client.delete_function_code_signing_config(FunctionName=name)
