"""One scenario after the other in one world: each recovery is where the next one starts."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.world.engine import COUNTS, DIES
from tests.world.picture import Picture, difference, picture, released
from tests.world.world import Ran, World, within

from . import checks
from .scenario import EVERY, RULES, SAVE, SIGNALS, SURVIVED, Call, Scenario, in_order

CONTENTS = ("a", "b")
_PATIENCE_SECONDS = 60.0
_NUMBERS = {
    "engine killed": signal.SIGKILL,
    "provider killed": signal.SIGKILL,
    "interrupted": signal.SIGINT,
}
# The ways out of a publishing that failed, as the smoke test words it, and of a creation that was cut off.
_ATTEMPT = "lamina:attempt"
_WAY_OUT = "refresh --clear-pending-creates"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a scenario.

    Attributes:
        scenario: which.
        result: in one word or a few.
        problems: what is wrong with it; empty where all is as promised.
        seconds: how long it took.
    """

    scenario: Scenario
    result: str
    problems: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(slots=True)
class Chamber:
    """A world with its stack deployed, and what clean releases make of it."""

    world: World
    content: str = CONTENTS[0]
    now: Picture = field(default_factory=dict)
    first: dict[str, Picture] = field(default_factory=dict)
    clean: dict[str, Picture] = field(default_factory=dict)

    def prepare(self) -> None:
        """Deploys, and takes the pictures that all others are compared with."""
        self._afresh(self.content)
        self.first[self.content] = self.now
        for content in CONTENTS[::-1]:
            before = self._turn(content)
            self.world.up()
            self.now = picture(self.world)
            self.clean[content] = released(self.now, before)

    def calls(self) -> tuple[list[Call], list[Call], int]:
        """The calls of a refresh, those of a release without one, and the saves of such a release."""
        self.world.calls()
        # Not an `up`: its program asks AWS as well.
        self.world.told("refresh")
        refresh = in_order(self.world.calls())
        before = self._turn()
        self.world.refresh_always(False)
        counted = self.world.folder / "saves"
        self.world.run("up", variables={COUNTS: str(counted)})
        self.world.refresh_always()
        release = in_order(self.world.calls())
        self.now = picture(self.world)
        assert difference(released(self.now, before), self.clean[self.content]) == []
        return refresh, release, int(counted.read_text())

    def run(self, scenario: Scenario) -> Outcome:
        """Runs a scenario to its end; after one with problems the world is made anew."""
        begun = time.monotonic()
        try:
            result, problems = self._outcome(scenario)
        except Exception as error:  # noqa: BLE001  (whatever breaks belongs to this scenario's row)
            result, problems = "broken", [f"{type(error).__name__}: {error}"]
        if problems:
            self._afresh(self.content)
        return Outcome(scenario, result, tuple(problems), time.monotonic() - begun)

    def _outcome(self, scenario: Scenario) -> tuple[str, list[str]]:
        before = self._turn()
        if scenario.refreshing:
            return self._refused_refresh(scenario)
        self.world.refresh_always(scenario.operation == EVERY)
        ran, met = self._faulted(scenario)
        self.world.refresh_always()
        if not met:
            # Which calls there are depends on what ends first; the content is deployed all the same.
            self.now = picture(self.world)
            return "not met", [] if ran.code == 0 else [f"it failed by itself: {ran.told[-500:]}"]
        if scenario.fault == "AWS died":
            return self._started_anew(ran)
        problems = list(checks.live_untested(self.world))
        if ran.code == 0:
            result = "survived"
            if scenario.fault not in SURVIVED and scenario.fault not in SIGNALS:
                problems.append("the run did not notice")
        else:
            problems += checks.untold(ran)
            if scenario.fault in SURVIVED:
                problems.append(f"a second try was expected to succeed: {ran.told[-500:]}")
            result, found = self._recovered(ran)
            problems += found
        self.now = picture(self.world)
        return self._compared(released(self.now, before), result, problems)

    def _compared(self, made: Picture, result: str, problems: list[str]) -> tuple[str, list[str]]:
        if _ATTEMPT in result:
            made = checks.without_attempt(made)
        lines = difference(made, self.clean[self.content])
        if lines and not difference(checks.without_second_layer(made), self.clean[self.content]):
            return f"{result}, a second layer version (gc)", problems
        return result, [*problems, *lines]

    def _recovered(self, ran: Ran) -> tuple[str, list[str]]:
        """Runs again without the fault, and takes the way out that is told."""
        noted = checks.unfinished(self.world, ran.told)
        pending = checks.pending_creates(self.world)
        again = self.world.run("up")
        problems = list(checks.state_untrue(noted, again.told))
        if again.code != 0 and _ATTEMPT in again.told:
            return self._attempted(problems)
        if again.code != 0:
            return "stuck", [*problems, f"running again failed: {again.told[-1500:]}"]
        if not pending:
            return "recovered", problems
        if _WAY_OUT not in again.told:
            problems.append("nobody was told of a creation that was cut off")
        cleared = self.world.run("refresh", "--clear-pending-creates")
        if cleared.code != 0 or _WAY_OUT in self.world.up():
            problems.append(f"the way out is none: {cleared.told[-500:]}")
        return "recovered, told of a pending create", problems

    def _attempted(self, problems: list[str]) -> tuple[str, list[str]]:
        """Publishes anew, as the smoke test of a version that is not the new one says."""
        self.world.set(**{_ATTEMPT: "1"})
        attempted = self.world.run("up")
        self.world.set()
        if attempted.code != 0:
            problems.append(f"{_ATTEMPT} did not help: {attempted.told[-1500:]}")
        return f"recovered, told of {_ATTEMPT}", problems

    def _started_anew(self, ran: Ran) -> tuple[str, list[str]]:
        """What `make up` does when the embedded AWS has died: an empty one, and all of the stack again."""
        problems = list(checks.untold(ran))
        if ran.code == 0:
            problems.append("the run did not notice")
        if self.content not in self.first:
            self._afresh(self.content)
            self.first[self.content] = self.now
        self._afresh(self.content)
        return "told, deployed anew", [*problems, *difference(self.now, self.first[self.content])]

    def _refused_refresh(self, scenario: Scenario) -> tuple[str, list[str]]:
        """A refresh that fails must leave everything as it was, so nothing has to be repaired."""
        state = self.world.state()
        self.world.calls()
        ran, met = self._faulted(scenario)
        problems = list(checks.untold(ran)) if met else []
        if met and ran.code == 0:
            problems.append("the run did not notice")
        if met and self.world.writing_calls():
            problems.append("something was changed although the refresh failed")
        if met and self.world.state() != state:
            problems.append("the state was changed although the refresh failed")
        if met:
            self._turn()
        else:
            self.now = picture(self.world)
        return ("nothing changed" if met else "not met"), problems

    def _faulted(self, scenario: Scenario) -> tuple[Ran, bool]:
        """Runs the release with the fault; gives how it ended, and whether it met the fault."""
        if scenario.operation == SAVE:
            ran = self.world.run("up", variables={DIES: str(scenario.nth)})
            return ran, ran.code == -signal.SIGKILL
        rule = {"operation": scenario.operation, "nth": scenario.nth, **self._rule(scenario)}
        self.world.own("faults", "POST", rule)
        try:
            if scenario.fault in SIGNALS:
                return self._signalled(scenario)
            ran = self.world.run("up")
            if scenario.fault == "AWS died":
                return ran, not self._aws_answers()
            return ran, self._matched()
        finally:
            with contextlib.suppress(OSError):
                self.world.own("faults", "DELETE")

    def _rule(self, scenario: Scenario) -> dict[str, object]:
        if scenario.fault in SIGNALS:
            return {"kind": "delay", "seconds": _PATIENCE_SECONDS, "after": True}
        more = {"times": 0, "first_tries": True} if scenario.operation == EVERY else {}
        return {**RULES[scenario.fault], **more}

    def _signalled(self, scenario: Scenario) -> tuple[Ran, bool]:
        running = self.world.start("up", own_provider=scenario.fault == "provider killed")
        while not (met := self._matched()) and running.process.poll() is None:
            time.sleep(0.01)
        if met:
            hit = running.process.pid
            if scenario.fault == "provider killed":
                hit = self.world.pid("local.provider")
            os.kill(hit, _NUMBERS[scenario.fault])
            if scenario.fault == "interrupted":
                # The engine waits for what is under way, which ends with the rule.
                running.heard("ending the steps under way")
            self.world.own("faults", "DELETE")
        return running.ended(), met

    def _matched(self) -> bool:
        return any(each["matched"] for each in self.world.own("faults")["faults"])

    def _aws_answers(self) -> bool:
        try:
            self.world.own("health")
        except OSError:
            return False
        return True

    def _turn(self, content: str | None = None) -> Picture:
        """Writes the other content, which the next run is to release; gives the picture before."""
        other = content or CONTENTS[1 - CONTENTS.index(self.content)]
        self.world.write(layer=other, code=other)
        self.content = other
        return self.now

    def _afresh(self, content: str) -> None:
        self.world.refresh_always()
        self._turn(content)
        self.world.start_aws()
        self.world.up()
        self.now = picture(self.world)


@contextlib.contextmanager
def chamber(folder: Path, cache: Path | None = None) -> Iterator[Chamber]:
    """A chamber that is prepared."""
    with within(folder, cache) as world:
        made = Chamber(world)
        made.prepare()
        yield made
