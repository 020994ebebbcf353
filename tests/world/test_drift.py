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
from .outside import CHANGED, DELETED, Change
from .picture import Picture, difference, picture
from .world import World

WAVES = {"deleted": DELETED, "changed": CHANGED}
EVERY = [(wave, change) for wave, changes in WAVES.items() for change in changes]
NAMES = [change.name.replace(" ", "-") for _, change in EVERY]
REPAIRED = [name for name in NAMES if name != "layer-version-deleted"]


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


@pytest.fixture(scope="module")
def stories(deployed: World) -> dict[str, Story]:
    """What became of each wave of changes; the first leaves functions with a version to move aliases to."""
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


@pytest.mark.parametrize(
    ("wave", "change"), [each for each in EVERY if each[1].name != "layer version deleted"], ids=REPAIRED
)
def test_the_next_up_repairs_what_was_changed(stories: dict[str, Story], wave: str, change: Change) -> None:
    assert at(stories[wave].repaired, change.place) == at(stories[wave].before, change.place)


@pytest.mark.parametrize("wave", WAVES)
def test_after_the_repair_a_second_up_changes_nothing(stories: dict[str, Story], wave: str) -> None:
    assert stories[wave].again == []


def test_after_the_repair_all_is_as_before_and_no_version_more(stories: dict[str, Story]) -> None:
    assert difference(stories["changed"].repaired, stories["changed"].before) == []


def test_a_deleted_layer_version_is_published_again_and_every_function_released_with_it(
    stories: dict[str, Story],
) -> None:
    before, after = stories["deleted"].before, stories["deleted"].repaired
    assert "layer deps:1" not in after
    assert after["layer deps:2"]["Description"] == before["layer deps:1"]["Description"]
    for name in FUNCTIONS:
        version = after[f"lambda {name}:live"]["FunctionVersion"]
        (layer,) = after[f"lambda {name}:{version}"]["Layers"]
        assert layer["Arn"].endswith(":layer:deps:2")


def test_a_deleted_function_comes_back_with_a_new_number_and_all_that_calls_it(
    stories: dict[str, Story],
) -> None:
    before, after = stories["deleted"].before, stories["deleted"].repaired
    assert "- the alias live of lamina-world-cleanup (" in stories["deleted"].told
    assert "lambda cleanup:1" not in after
    assert after["lambda cleanup:live"]["FunctionVersion"] == "2"
    for place in (("lambda cleanup:live", "policy"), ("events cleanup",)):
        assert at(after, place) == at(before, place)
