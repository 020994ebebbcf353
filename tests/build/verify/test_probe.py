"""The probe: modules are imported from the finished zip, in a clean process of the target's Python."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from build.errors import FailureError
from build.interpreters import Interpreter, variable
from build.target import MACHINES, Target
from build.verify import Verdict
from build.verify import probe as probing
from build.verify.findings import ERROR, NOTE, Finding

from .conftest import Check, Wheel

TODO = "see what it needs, or do not require it"
Try = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def tried(check: Check, wheel: Wheel, own: Target) -> Try:
    """Requires every module of a wheel, or those that are named; gives what was found."""

    def tried(*names: str, **sources: str) -> tuple[Finding, ...]:
        files = {f"{name}.py": source.encode() for name, source in sources.items()}
        return check(wheel(files=files), target=own, require=names or tuple(sources)).findings

    return tried


def imported(*names: str) -> Finding:
    running = Interpreter.running()
    assert running
    return Finding(NOTE, "", "", f"imported by Python {running.version}: {', '.join(names)}", "")


def cannot(name: str, why: str) -> Finding:
    return Finding(ERROR, "", "", f"{name} cannot be imported: {why}", TODO)


def test_what_can_be_imported_is_said_with_the_interpreters_version(tried: Try) -> None:
    assert tried(one="import two", two="import json, ssl") == (imported("one", "two"),)


def test_packages_and_namespaces_are_imported_by_their_dotted_names(
    check: Check, wheel: Wheel, own: Target
) -> None:
    files = {
        "space/part/module.py": b"",
        "demo/__init__.py": b"",
        "demo/inner.py": b"from space.part import module",
    }
    verdict = check(wheel(files=files), target=own, require=("demo.inner", "space.part"))
    assert verdict.findings == (imported("demo.inner", "space.part"),)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise ValueError('two\\n  lines')", "ValueError: two lines"),
        ("raise ValueError('x' * 1000)", f"ValueError: {'x' * 288}"),
        ("raise NotImplementedError", "NotImplementedError"),
        ("import sys; sys.exit('no')", "SystemExit: no"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import numpy_of_nobody", "ModuleNotFoundError: No module named 'numpy_of_nobody'"),
        ("class Odd(Exception):\n  def __str__(self): 1 / 0\nraise Odd", "Odd"),
    ],
    ids=["error", "lines", "long", "no words", "exit", "interrupt", "not there", "no text"],
)
def test_a_module_that_raises_is_an_error_and_the_others_are_imported(
    tried: Try, source: str, why: str
) -> None:
    assert tried(bad=source, good="") == (cannot("bad", why), imported("good"))


def test_a_module_that_is_no_python_of_the_target_is_an_error(tried: Try) -> None:
    (found,) = tried(bad="def (")
    assert found.what.startswith("bad cannot be imported: SyntaxError: invalid syntax (bad.py, line 1)")


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("import os; os._exit(7)", "7"),
        ("import os; os.abort()", "-6"),
        ("import os; os.kill(os.getpid(), 9)", "-9"),
    ],
)
def test_a_crash_names_the_module_and_those_that_were_not_tried(tried: Try, source: str, status: str) -> None:
    found = tried(a_good="", bad=source, c_late="")
    ended = f"the interpreter ended with {status}"
    assert found == (cannot("bad", ended), cannot("c_late", ended), imported("a_good"))


@pytest.mark.parametrize(
    "source",
    [
        'print(\'["bad", "lies", null]\', flush=True)',
        "import os; os.write(1, b'\\xff not JSON\\n[1, 2]\\n'); os.system('echo noise')",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import sys; sys.stdout = sys.stderr = None",
        "import os; os.close(0); os.close(1); os.close(2)",
        "import os, sys; sys.stderr.write('x' * 1_000_000)",
    ],
    ids=["lines like ours", "bytes", "closed", "none", "closed descriptors", "a lot"],
)
def test_what_a_module_says_does_no_harm(tried: Try, source: str) -> None:
    assert tried(one=source, two="") == (imported("one", "two"),)


@pytest.mark.parametrize(
    "source",
    [
        "import threading, time\nthreading.Thread(target=time.sleep, args=(15,)).start()",
        "import atexit, os\natexit.register(os._exit, 9)",
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(15)'])",
    ],
    ids=["thread", "at exit", "process"],
)
def test_what_a_module_leaves_running_is_not_waited_for(
    tried: Try, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, statuses = subprocess.run, []

    def watched(*given: Any, **more: Any) -> subprocess.CompletedProcess[bytes]:
        done = run(*given, **more)
        statuses.append(done.returncode)
        return done

    monkeypatch.setattr(probing, "_SECONDS", 10)
    monkeypatch.setattr(subprocess, "run", watched)
    assert tried(one=source, two="") == (imported("one", "two"),)
    assert statuses == [0]


def test_a_module_that_does_not_end_is_stopped_and_named(tried: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "_SECONDS", 1)
    found = tried(a_good="", b_loop="while True: pass", c_late="")
    ended = "it took more than 1 seconds"
    assert found == (cannot("b_loop", ended), cannot("c_late", ended), imported("a_good"))


@pytest.mark.parametrize("name", ["boto3", "botocore.session", "dateutil"])
def test_what_imports_the_runtimes_packages_is_a_note(tried: Try, name: str) -> None:
    what = f"one could not be tried: it imports {name}, which the runtime brings"
    # What the runtime brings is not here; where one part of it is missing, all of it is.
    whole = name.partition(".")[0]
    assert tried(one=f"import {name}") == (
        Finding(NOTE, "", "", what.replace(name, whole), "see that one can be imported"),
    )


def test_nothing_of_this_process_leaks_into_it(
    tried: Try, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "leak.py").write_text("")
    (tmp_path / "sitecustomize.py").write_text("1 / 0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("LAMINA_SECRET", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.chdir(tmp_path)
    look = """
import importlib.util, os, sys
for name in ("leak", "pytest", "packaging", "build"):
    assert importlib.util.find_spec(name) is None, name
assert not {"LAMINA_SECRET", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(os.environ), os.environ
assert os.environ["AWS_REGION"] and os.environ["LAMBDA_TASK_ROOT"] and os.environ["LANG"] == "C.UTF-8"
assert sys.stdin is None or sys.stdin.read() == ""
"""
    assert tried(one=look) == (imported("one"),)


def test_modules_are_looked_for_in_the_layers_own_folders_alone(check_zip: Check, own: Target) -> None:
    files = {
        "outside.py": b"",
        "python/one.py": b"import two",
        f"python/lib/python{own.python}/site-packages/two.py": b"import outside",
    }
    (found,) = check_zip(files, target=own, require=("one",)).findings
    assert found == cannot("one", "ModuleNotFoundError: No module named 'outside'")


def test_the_tree_is_read_only_and_nothing_is_compiled_into_it(tried: Try) -> None:
    look = """
import os, stat, sys
own = os.path.dirname(__file__)
assert sys.dont_write_bytecode
assert not stat.S_IMODE(os.stat(__file__).st_mode) & 0o222
import two
assert sorted(os.listdir(own)) == ["demo-1.0.dist-info", "one.py", "two.py"], os.listdir(own)
"""
    assert tried("one", one=look, two="") == (imported("one"),)


@pytest.mark.parametrize(
    "write", ["open(__file__ + 'x', 'w')", "os.mkdir(__file__ + 'x')", "os.rename(__file__, __file__ + 'x')"]
)
def test_whoever_runs_it_a_module_cannot_write_beside_itself(tried: Try, write: str) -> None:
    (found,) = tried("one", one=f"import os\n{write}")
    assert found.what.startswith("one cannot be imported: OSError: [Errno 30] Read-only file system")


def test_the_tree_is_gone_afterwards(tried: Try, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "temporary").mkdir()
    tried(one="import os; os.mkdir(os.path.dirname(__file__) + '/more'); 1 / 0")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_layers_own_libraries_are_on_the_linkers_path(tried: Try) -> None:
    assert tried(one="import os; assert os.environ['LD_LIBRARY_PATH'].endswith('/lib')") == (imported("one"),)


def test_a_module_that_is_not_there_is_not_tried(tried: Try) -> None:
    found = tried("none_such", "one", one="")
    assert [(each.level, each.what.split(":")[0]) for each in found] == [
        (ERROR, "there is no module none_such in the layer"),
        (NOTE, imported("one").what.split(":")[0]),
    ]


def test_nothing_is_started_where_nothing_is_required(
    check: Check, wheel: Wheel, own: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "find_interpreter", None)
    assert check(wheel(files={"bad.py": b"1 / 0"}), target=own).findings == ()


def noted(verdict: Verdict) -> list[str]:
    assert [each.level for each in verdict.findings] == [NOTE]
    return [str(each) for each in verdict.findings]


def test_without_an_interpreter_of_the_version_that_is_said(
    check: Check, wheel: Wheel, own: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    for name in ("XDG_DATA_HOME", variable("3.14")):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("build.interpreters._by_uv", lambda _: None)
    target = Target("3.14", own.architecture)
    assert noted(
        check(wheel(files={"one.py": b"", "two.py": b""}), target=target, require=("two", "one"))
    ) == ["the modules were not imported: no Python 3.14 is here; see that one, two can be imported"]


def test_for_another_architecture_that_is_said(check: Check, wheel: Wheel, own: Target) -> None:
    (other,) = set(MACHINES) - {own.architecture}
    verdict = check(wheel(), target=Target(own.python, other), require=("demo",))
    assert noted(verdict) == [
        f"the modules were not imported: no Linux on {other} is here; see that demo can be imported"
    ]


def test_on_another_system_that_is_said(
    check: Check, wheel: Wheel, own: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    (found,) = noted(check(wheel(), target=own, require=("demo",)))
    assert f"no Linux on {own.architecture} is here" in found


def test_an_interpreter_that_cannot_be_run_any_more_is_told_in_one_line(
    check: Check, wheel: Wheel, own: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = Interpreter(tmp_path / "gone", "3.12.1", 1, "t")
    monkeypatch.setattr(probing, "find_interpreter", lambda *_: gone)
    with pytest.raises(FailureError, match=rf"^{gone.path} cannot be run: No such file or directory$"):
        check(wheel(), target=own, require=("demo",))


def test_a_disk_that_is_full_is_told_in_one_line(
    check: Check, wheel: Wheel, own: Target, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("tempfile.mkdtemp", lambda **_: str(tmp_path / "file"))
    with pytest.raises(FailureError, match=r"deps-\w+\.zip cannot be unpacked to be tried: .+$"):
        check(wheel(), target=own, require=("demo",))
    assert os.path.lexists(tmp_path / "file")
