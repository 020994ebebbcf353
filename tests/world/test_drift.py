"""Drift: what is changed from outside is shown by a preview in words, and repaired by the next `up`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from drift.cli import told
from drift.findings import found_in

from .content import FUNCTIONS
from .outside import CHANGED, DELETED, Change, function_deleted, layer_version_deleted
from .picture import Picture, difference, picture
from .world import World

WAVES = {"changed": CHANGED, "deleted": DELETED}
EVERY = [(wave, change) for wave, changes in WAVES.items() for change in changes]
NAMES = [change.name.replace(" ", "-") for _, change in EVERY]


@dataclass(frozen=True, slots=True)
class Story:
    """What became of a deployed stack after several changes from outside.

    Attributes:
        before: what there was.
        broken: what there was after the changes.
        told: what `python -m drift` says of a preview.
        repaired: what there was after the next `up`.
        again: the writing calls of the `up` after that.
    """

    before: Picture
    broken: Picture
    told: str
    repaired: Picture
    again: list[str]


def drift(world: World) -> str:
    """What is said of a preview."""
    return told(found_in(json.loads(world.told("preview", "--json"))))


def lived(world: World, changes: Sequence[Change]) -> Story:
    before = picture(world)
    for change in changes:
        change.do(world)
    broken = picture(world)
    said = drift(world)
    world.up()
    repaired = picture(world)
    world.calls()
    world.up()
    return Story(before, broken, said, repaired, world.writing_calls())


@dataclass(frozen=True, slots=True)
class Loss:
    """What became of it when the layer's version and a function had been deleted: numbers have moved on."""

    told: str
    before: Picture
    repaired: Picture


@pytest.fixture(scope="module")
def loss(deployed: World) -> Loss:
    """The first of all: after it, functions have two versions, so that aliases can be moved."""
    before = picture(deployed)
    layer_version_deleted(deployed)
    function_deleted(deployed)
    said = drift(deployed)
    deployed.up()
    return Loss(said, before, picture(deployed))


@pytest.fixture(scope="module")
def stories(deployed: World, loss: Loss) -> dict[str, Story]:
    """What became of each wave of changes."""
    return {name: lived(deployed, changes) for name, changes in WAVES.items()}


def at(found: Picture, place: tuple[str, ...]) -> Any:
    """What a picture has at a place, whose first name may be the beginning of a key's; None for nothing."""
    key, *rest = place
    value: Any = found.get(key) or next((found[each] for each in found if each.startswith(key)), None)
    for name in rest:
        value = (value or {}).get(name)
    return value


@pytest.mark.parametrize(("wave", "change"), EVERY, ids=NAMES)
def test_a_preview_says_in_words_what_was_changed(
    stories: dict[str, Story], wave: str, change: Change
) -> None:
    assert at(stories[wave].broken, change.place) != at(stories[wave].before, change.place)
    assert change.told in stories[wave].told


@pytest.mark.parametrize(("wave", "change"), EVERY, ids=NAMES)
def test_the_next_up_repairs_what_was_changed(stories: dict[str, Story], wave: str, change: Change) -> None:
    assert at(stories[wave].repaired, change.place) == at(stories[wave].before, change.place)


@pytest.mark.parametrize("wave", WAVES)
def test_after_the_repair_all_is_as_before_and_a_second_up_changes_nothing(
    stories: dict[str, Story], wave: str
) -> None:
    assert difference(stories[wave].repaired, stories[wave].before) == []
    assert stories[wave].again == []


def test_a_deleted_layer_version_is_published_again_and_every_function_released_with_it(loss: Loss) -> None:
    assert "- version 1 of the layer lamina-world-deps (deps-" in loss.told
    assert loss.repaired["layer deps:2"]["Description"] == loss.before["layer deps:1"]["Description"]
    for name in FUNCTIONS:
        version = loss.repaired[f"lambda {name}:live"]["FunctionVersion"]
        (layer,) = loss.repaired[f"lambda {name}:{version}"]["Layers"]
        assert layer["Arn"].endswith(":layer:deps:2")


def test_a_deleted_function_comes_back_with_a_new_number_and_all_that_calls_it(loss: Loss) -> None:
    for subject in ("function lamina-world-cleanup", "alias live of lamina-world-cleanup"):
        assert f"- the {subject} (" in loss.told
    assert "- the permission of events.amazonaws.com to call lamina-world-cleanup:live" in loss.told
    assert "lambda cleanup:1" not in loss.repaired
    assert loss.repaired["lambda cleanup:live"]["FunctionVersion"] == "2"
    for place in (("lambda cleanup:live", "policy"), ("events cleanup",)):
        assert at(loss.repaired, place) == at(loss.before, place)
