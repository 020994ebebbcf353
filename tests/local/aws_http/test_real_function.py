from __future__ import annotations

import zipfile
from pathlib import Path

from local.runtime.deployment import HOST_ARCHITECTURE, HOST_RUNTIME, Deployment, InvocationResult
from local.runtime.pool import Runtimes

from .conftest import FUNCTION, LIVE, Api

CODE = """
def handler(event, context):
    body = f"{event['requestContext']['http']['method']} {event['rawPath']} by {context.invoked_function_arn}"
    return {"statusCode": 200, "cookies": ["a=1", "b=2"], "body": body}
"""


def test_a_function_in_a_process_of_its_own_answers_over_http(api: Api, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("main.py", CODE)
    deployment = Deployment(
        key="api-1",
        function_name="api",
        version="1",
        function_arn=FUNCTION,
        handler="main.handler",
        runtime=HOST_RUNTIME,
        architecture=HOST_ARCHITECTURE,
        code_zip=tmp_path / "code.zip",
        log_group="/aws/lambda/api",
        environment={},
        timeout=20,
    )

    with Runtimes(tmp_path / "runtime", "http://127.0.0.1:4566") as runtimes:

        def invoke(function_arn: str, payload: bytes) -> InvocationResult:
            return runtimes.invoke(deployment, payload, invoked_arn=function_arn)

        response = api.serve(invoke).open(f"{api.base}/pictures/a?b=c", method="PUT")
        head = api.serve(invoke).head(f"{api.base}/")
    assert response.get_data(as_text=True) == f"PUT /pictures/a by {LIVE}"
    assert response.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert (head.status_code, head.get_data()) == (200, b"")
