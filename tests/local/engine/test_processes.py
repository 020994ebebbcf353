"""Runs as processes: programs that fail, runs that are killed or interrupted, two runs at once, bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from local.engine.crypt import Crypter
from local.engine.state import Snapshot
from local.engine.storage import Storage

from .conftest import Demo

ROOT = Path(__file__).resolve().parents[3]
# For what comes at once where nothing else runs: a machine may be busy with more than these tests.
PATIENCE = 120


def start(demo: Demo, verb: str = "up", *options: str) -> subprocess.Popen[str]:
    code = "import sys; from local.engine.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, verb, *demo.where, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(demo: Demo, call: str) -> None:
    end = time.monotonic() + PATIENCE
    while call not in demo.things.calls:
        assert time.monotonic() < end, f"no {call!r} in {demo.things.calls}"
        time.sleep(0.02)


def saved(demo: Demo) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((demo.folder / "state/demo/test.json").read_text())["deployment"]
    return content


def test_a_run_killed_in_a_create_leaves_word_of_it(demo: Demo) -> None:
    demo.program('a = thing("a")\nthing("b", of=a.made, slow=20)')
    process = start(demo, "up", "--yes")
    wait_for(demo, "create b")
    process.kill()
    process.communicate()
    (pending,) = saved(demo)["pending_operations"]
    assert pending["type"] == "creating"
    assert pending["resource"]["urn"].endswith("::b")
    assert demo.state().keys() == {"a"}
    demo.up('a = thing("a")')
    assert "aws:test:Thing (b):\n    warning: its creation was interrupted" in demo.out
    assert demo.run("refresh", "--clear-pending-creates") == 0
    assert "pending_operations" not in saved(demo)


def test_no_state_that_is_saved_has_what_is_gone_without_word_of_it(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.up('thing("a")\nthing("b")')
    save = Storage.save

    def watched(storage: Storage, snapshot: Snapshot, crypter: Crypter) -> None:
        save(storage, snapshot, crypter)
        kept = {each.name for each in snapshot.resources}
        noted = {each.resource.name for each in snapshot.operations}
        assert "delete b" not in demo.things.calls or "b" not in kept or "b" in noted

    monkeypatch.setattr(Storage, "save", watched)
    assert demo.up('thing("a")') == ["delete b"]


def test_the_first_interrupt_lets_what_is_under_way_end_and_starts_nothing_more(demo: Demo) -> None:
    demo.program('a = thing("a", slow=1)\nthing("b", of=a.made)')
    process = start(demo, "up", "--yes")
    wait_for(demo, "create a")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in err
    assert "ending the steps under way" in err
    assert [line for line in out.splitlines() if "error:" in line] == ["    error: update canceled"]
    assert demo.state().keys() == {"a"}
    assert [call for call in demo.things.calls if call.startswith("create")] == ["create a"]


def test_an_interrupt_while_resources_are_read_starts_nothing(demo: Demo) -> None:
    demo.refresh_always()
    demo.up('thing("a", slowRead=1)')
    demo.program('thing("a", slowRead=1)\nthing("b")')
    process = start(demo, "up", "--yes")
    wait_for(demo, "read a")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "create b" not in demo.things.calls
    assert demo.state().keys() == {"a"}


def test_a_killed_run_leaves_no_process_behind(demo: Demo) -> None:
    demo.program('import os\nopen("pid", "w").write(str(os.getpid()))\nthing("a", slow=20)')
    process = start(demo, "up", "--yes")
    wait_for(demo, "create a")
    process.kill()
    process.communicate()
    pid = int((demo.folder / "pid").read_text())
    end = time.monotonic() + 10
    while alive(pid):
        assert time.monotonic() < end, f"the program still runs as {pid}"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_state_that_cannot_be_saved_stops_the_run_before_the_next_step(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.up('thing("a")')

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("local.engine.storage.os.fsync", full)
    demo.things.calls.clear()
    demo.program('thing("a")\nthing("b")')
    assert demo.run("up") == 1
    path = demo.folder / "state/demo/test.json"
    assert demo.err == f"error: the state {path} cannot be saved: No space left on device\n"
    assert demo.things.calls == []
    assert demo.state().keys() == {"a"}
    assert {each.name for each in path.parent.iterdir()} == {"test.json", "test.json.lock"}


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", "x" * 101])
def test_a_name_that_pulumi_refuses_is_refused(demo: Demo, name: str) -> None:
    demo.program("")
    assert demo.run("up", "--stack", name) == 1
    assert demo.err.startswith(f"error: {name!r} is no name of a stack")


def test_a_create_whose_provider_died_is_told_by_the_next_run(demo: Demo) -> None:
    demo.program('thing("a", vanish=True)')
    assert demo.run("up") == 1
    assert "whether it was created is not known" in demo.out
    (pending,) = saved(demo)["pending_operations"]
    assert pending["type"] == "creating"


def test_the_second_interrupt_ends_at_once(demo: Demo) -> None:
    demo.program('thing("a", slow=30)')
    process = start(demo, "up", "--yes")
    wait_for(demo, "create a")
    process.send_signal(signal.SIGINT)
    wait_for(demo, "cancel")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=25)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "error: interrupted"


def test_two_runs_of_one_stack_exclude_each_other(demo: Demo) -> None:
    demo.program('thing("a", slow=3)')
    process = start(demo, "up", "--yes")
    wait_for(demo, "create a")
    assert demo.run("up") == 1
    assert demo.err == f"error: another run has the stack test (process {process.pid}); wait until it ends\n"
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_nobody_to_ask_and_no_yes_is_refused(demo: Demo) -> None:
    demo.program('thing("a")')
    process = start(demo)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (1, "error: --yes must be passed where nobody can be asked\n")


def test_the_programs_own_mistake_is_shown_from_its_first_line_on(demo: Demo) -> None:
    demo.up("def broken():\n    raise ValueError('no such thing')\n\nbroken()", code=1)
    assert "Program failed with an unhandled exception" in demo.out
    assert "ValueError: no such thing" in demo.out
    assert "host.py" not in demo.out


def test_a_run_error_is_one_line(demo: Demo) -> None:
    demo.up("raise pulumi.RunError('the lock is broken')", code=1)
    assert "    error: the lock is broken" in demo.out
    assert "Traceback" not in demo.out


def test_a_program_that_just_ends_is_told_with_its_code(demo: Demo) -> None:
    demo.program("import os\nprint('bye', flush=True)\nos._exit(3)")
    assert demo.run("up") == 1
    assert "error: the program ended with exit code 3: " in demo.err


def test_what_a_program_prints_and_logs_is_shown(demo: Demo) -> None:
    demo.up("print('hello')\npulumi.log.warn('careful')")
    assert "hello" in demo.out
    assert "warning: careful" in demo.out


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ('thing("a", type="gcp:test/thing:Thing")', "the package gcp"),
        ('thing("a", opts=Opts(plugin_download_url="http://x"))', "plugin downloads"),
        ('pulumi.runtime.call("aws:test/thing:method", {})', "methods of resources"),
    ],
    ids=["package", "plugin", "method"],
)
def test_what_the_engine_does_not_know_is_refused_by_name(demo: Demo, program: str, what: str) -> None:
    demo.program(program)
    assert demo.run("up") == 1
    assert demo.err.startswith(f"error: the stand-in engine does not know {what}")
    assert demo.things.calls == []


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("pulumi.runtime.register_resource_transform(lambda args: None)", "transforms"),
        ('thing("a", opts=Opts(transforms=[lambda args: None]))', "transforms"),
        ("pulumi.runtime.register_invoke_transform(lambda args: None)", "invoke transforms"),
    ],
    ids=["stack", "resource", "invoke"],
)
def test_what_the_sdk_asks_of_an_engine_first_is_refused_by_name_too(
    demo: Demo, program: str, what: str
) -> None:
    assert demo.up(program, code=1) == []
    assert f"error: the stand-in engine does not know {what}; use the Pulumi CLI" in demo.out
    assert "Traceback" not in demo.out


def test_a_provider_that_dies_is_told_and_the_state_is_kept(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.up('thing("a")')
    monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", "aws:1")
    monkeypatch.setattr("local.engine.connection.READY_SECONDS", 0.5)
    assert demo.run("up") == 1
    assert demo.err == "error: the provider of package aws does not answer on port 1\n"
    assert demo.state().keys() == {"a"}


def test_a_folder_without_a_project_says_so(demo: Demo) -> None:
    (demo.folder / "Pulumi.yaml").unlink()
    assert demo.run("preview") == 1
    assert "Pulumi.yaml; run this in the folder of a Pulumi project" in demo.err


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 2}'])
def test_a_damaged_state_is_refused_and_left_as_it_is(demo: Demo, content: str) -> None:
    demo.program("")
    path = demo.folder / "state/demo/test.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert demo.run("up") == 1
    assert demo.err.startswith(f"error: the state {path} ")
    assert path.read_text() == content
