from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.runtime.deployment import InvocationResult

from .conftest import ENDPOINT

Run = Callable[..., InvocationResult]
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
IMPORT = """
import importlib, json
def handler(event, context):
    found = {}
    for name in event:
        try:
            found[name] = importlib.import_module(name).__name__
        except ImportError as error:
            found[name] = str(error)
    return found
"""
OURS = [
    "moto",
    "pulumi",
    "pydantic",
    "pydantic_core",
    "pytest",
    "yaml",
    "local",
    "build",
    "pip",
    "setuptools",
]


def value_of(result: InvocationResult) -> Any:
    assert result.error is None, result.log.decode()
    return json.loads(result.payload)


def test_no_module_of_our_environment_can_be_imported(run: Run) -> None:
    found = value_of(run(IMPORT, OURS))
    assert found == {name: f"No module named '{name}'" for name in OURS}


def test_neither_can_a_process_that_the_function_starts(run: Run) -> None:
    code = """
    import subprocess, sys
    def handler(event, context):
        code = "import importlib.util; print(*(n for n in %r if importlib.util.find_spec(n)))" % (event,)
        command = [sys.executable, "-S", "-c", code]
        return subprocess.run(command, capture_output=True, text=True).stdout.split()
    """
    assert value_of(run(code, ["moto", "pulumi", "boto3"])) == ["boto3"]


def test_the_sdk_that_lambda_ships_is_there(run: Run) -> None:
    names = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "awslambdaric"]
    assert value_of(run(IMPORT, names)) == {name: name for name in names}


def test_the_sdk_talks_to_the_embedded_cloud(run: Run) -> None:
    code = """
    import boto3, importlib.metadata
    def handler(event, context):
        client = boto3.client("s3")
        return client.meta.endpoint_url, client.meta.region_name, importlib.metadata.version("boto3")
    """
    endpoint, region, version = value_of(run(code))
    assert (endpoint, region) == (ENDPOINT, "us-west-2")
    assert version


def test_the_function_sees_its_own_variables_and_none_of_ours(run: Run) -> None:
    environment = {"COLOUR": "blue", "LANG": "de_DE.UTF-8", "AWS_REGION": "mars"}
    code = "import os\ndef handler(event, context):\n    return dict(os.environ)\n"
    seen = value_of(run(code, environment=environment))
    assert (seen["COLOUR"], seen["LANG"], seen["AWS_REGION"]) == ("blue", "de_DE.UTF-8", "us-west-2")
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "api"
    assert seen["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{VERSION}"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert seen["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    ours = os.environ.keys() - {"PATH", "HOME", "LANG", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH"}
    shared = {name for name in ours & seen.keys() if not name.startswith("AWS_") and name != "PYTHONPATH"}
    assert not shared


def test_the_working_folder_is_the_code(run: Run) -> None:
    code = """
    import os, sys
    def handler(event, context):
        return os.getcwd(), os.environ["LAMBDA_TASK_ROOT"], sys.path[0], open("data.txt").read()
    """
    here, root, first, content = value_of(run(code, files={"data.txt": "hello"}))
    assert here == root == first
    assert content == "hello"


def test_the_search_path_has_lambdas_order(run: Run) -> None:
    code = "import sys\ndef handler(event, context):\n    return sys.path\n"
    path = value_of(run(code, layers=[{"python/one.py": ""}]))
    task, versioned, layers, libraries, *standard = path
    assert Path(task).parent.name == "task"
    assert versioned == f"{layers}/lib/{VERSION}/site-packages"
    assert layers.endswith("/python")
    assert Path(libraries).name == "libraries"
    assert all("site-packages" not in entry for entry in standard if not entry.startswith(layers))


def test_code_goes_before_layers_and_layers_before_the_sdk(run: Run) -> None:
    layer = {
        "python/shared.py": "WHERE = 'layer'",
        "python/six.py": "WHERE = 'layer'",
        "python/only.py": "WHERE = 'layer'",
        f"python/lib/{VERSION}/site-packages/only.py": "WHERE = 'versioned'",
    }
    code = """
    import only, shared, six
    def handler(event, context):
        return shared.WHERE, only.WHERE, six.WHERE
    """
    files = {"shared.py": "WHERE = 'code'"}
    assert value_of(run(code, files=files, layers=[layer])) == ["code", "versioned", "layer"]


def test_of_two_layers_the_later_wins(run: Run) -> None:
    layers = [
        {"python/one.py": "A = 1", "python/both.py": "A = 1", "lamina.json": "{}"},
        {"python/both.py": "A = 2"},
    ]
    code = """
    import both, one, pathlib
    def handler(event, context):
        return one.A, both.A, (pathlib.Path(one.__file__).parents[1] / "lamina.json").read_text()
    """
    assert value_of(run(code, layers=layers)) == [1, 2, "{}"]


def test_path_files_of_layers_are_obeyed(run: Run) -> None:
    layer = {"python/extra.pth": "nested\n", "python/nested/deep.py": "A = 'found'"}
    assert (
        value_of(run("import deep\ndef handler(event, context):\n    return deep.A\n", layers=[layer]))
        == "found"
    )


def test_a_python_path_of_the_function_replaces_the_layers_entries(run: Run) -> None:
    code = "import sys\ndef handler(event, context):\n    return sys.path[:3]\n"
    seen = value_of(run(code, environment={"PYTHONPATH": "/a:/b"}))
    assert seen[1:] == ["/a", "/b"]


def test_code_and_layers_are_read_only(run: Run) -> None:
    code = """
    import os, pathlib, lib
    def handler(event, context):
        mode = lambda path: oct(os.stat(path).st_mode & 0o777)
        task, layer = pathlib.Path.cwd(), pathlib.Path(lib.__file__)
        modes = [mode(path) for path in (task, task / "main.py", layer.parent, layer)]
        return modes, sorted(os.listdir(task))
    """
    modes, files = value_of(run(code, layers=[{"python/lib.py": ""}]))
    assert modes == ["0o555", "0o444", "0o555", "0o444"]
    assert files == ["main.py"]


def test_nobody_writes_into_code_and_layers_not_even_root_or_what_it_starts(run: Run) -> None:
    code = """
    import lib, os, subprocess, sys
    def handler(event, context):
        layer = os.path.dirname(lib.__file__)
        paths = ["new", "main.py", layer + "/new", lib.__file__]
        codes = [subprocess.call([sys.executable, "-c", f"open({path!r}, 'a')"], stderr=-3) for path in paths]
        for path in paths:
            try:
                open(path, "a").close()
                codes.append(0)
            except PermissionError:
                codes.append(1)
        return codes
    """
    assert value_of(run(code, layers=[{"python/lib.py": ""}])) == [1] * 8
    scratch = "import tempfile\ndef handler(event, context):\n    return tempfile.mkstemp()[0] > 0\n"
    assert value_of(run(scratch)) is True


def test_each_environment_has_a_scratch_folder_of_its_own(run: Run) -> None:
    code = """
    import os, tempfile
    def handler(event, context):
        with tempfile.NamedTemporaryFile(delete=False) as made:
            return made.name, os.path.expanduser("~/.aws/config")
    """
    first, config = value_of(run(code))
    second, _ = value_of(run(code))
    assert Path(first).parent != Path(second).parent
    assert Path(config).is_relative_to(Path(first).parent)


@pytest.mark.parametrize("name", ["exit", "quit", "help"])
def test_the_builtins_of_an_interactive_interpreter_are_there_as_in_lambda(run: Run, name: str) -> None:
    code = f"import builtins\ndef handler(event, context):\n    return hasattr(builtins, '{name}')\n"
    assert value_of(run(code)) is True
