"""Taking over what is there: what a mapping names is imported under its name, everything else is as ever."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pulumi
import pytest
import yaml

from build.adopt import buckets, functions
from build.adopt.program import PLACES, place_of
from components import bucket, function, http_api

from .program import Registered, Run
from .whole import stack

QUEUE = {"resource": "WorkQueue/Queue/thumbnails", "id": "https://sqs/1/jobs", "name": "jobs"}
ROUTE = {"resource": "HttpApi/Route/api", "id": "abc/r1"}
PERMISSION = {"resource": "HttpApi/Permission/api", "id": "f:live/Allow", "name": "Allow"}


def path_of(found: Registered) -> str:
    component = found.parent.split("::")[2].rpartition("$")[2].rpartition(":")[2]
    return f"{component}/{found.type.rpartition(':')[2]}/{found.name}"


def adopting(*entries: Mapping[str, str], **more: object) -> str:
    Path("adopt.yaml").write_text(yaml.safe_dump({"lamina": "adopt/1", "adopted": list(entries)} | more))
    return "adopt.yaml"


def one(run: Run, path: str) -> Registered:
    (found,) = [each for each in run.resources if each.type.startswith("aws:") and path_of(each) == path]
    return found


@pytest.mark.usefixtures("project")
def test_the_table_of_places_knows_every_resource_of_the_program_and_no_other() -> None:
    run = stack({"lamina:pin.api": "2", "lamina:canary": "10"})
    found = {path_of(each): each.type for each in run.resources if each.type.startswith("aws:")}
    places = {path: place_of(path) for path in found}
    assert [path for path, place in places.items() if place is None] == []
    assert {path: place.type for path, place in places.items() if place is not None} == found
    assert {place.path for place in places.values() if place is not None} == {each.path for each in PLACES}


def test_what_is_told_of_the_first_up_is_what_the_components_do() -> None:
    assert functions.RETENTION_DAYS == function.RETENTION_DAYS == http_api.RETENTION_DAYS
    assert buckets.OLD_VERSION_DAYS == bucket.OLD_VERSION_DAYS


@pytest.mark.usefixtures("project")
def test_what_the_mapping_names_is_imported_protected_and_keeps_its_name() -> None:
    run = stack({"lamina:adopt": adopting(QUEUE, ROUTE, PERMISSION)})
    queue, permission = one(run, QUEUE["resource"]), one(run, PERMISSION["resource"])
    assert (queue.imported, queue.protected, queue.inputs["name"]) == (QUEUE["id"], True, "jobs")
    assert permission.inputs["statementId"] == "Allow"
    assert one(run, ROUTE["resource"]).imported == "abc/r1"
    others = [each for each in run.resources if each.imported or each.protected]
    assert len(others) == 3


@pytest.mark.usefixtures("project")
def test_the_stacks_own_mapping_keeps_names_without_an_import() -> None:
    Path(adopting(QUEUE, ROUTE)).rename("adopt.staging.yaml")
    queue = one(stack(), QUEUE["resource"])
    assert (queue.imported, queue.protected, queue.inputs["name"]) == ("", False, "jobs")


@pytest.mark.usefixtures("project")
def test_every_place_with_a_name_of_its_own_takes_it() -> None:
    entries = [
        {"resource": place.path, "id": f"x{number}", "name": f"x{number}"}
        for number, place in enumerate(PLACES)
        if place.name and not place.new
    ]
    for entry in entries:
        if "RolePolicy" in entry["resource"]:
            entry["id"] = f"r:{entry['id']}"
    run = stack({"lamina:names": adopting(*entries)})
    for entry in entries:
        name = {"bucket": "bucket", "statement_id": "statementId", "target_id": "targetId"}
        place = place_of(entry["resource"])
        assert place is not None
        found = one(run, entry["resource"])
        assert found.inputs[name.get(place.name, place.name)] == entry["name"], entry


@pytest.mark.usefixtures("project")
def test_a_mapping_of_another_stack_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match=r"adopt\.yaml is for the stack prod, and this is staging"):
        stack({"lamina:adopt": adopting(QUEUE, stack="prod")})


@pytest.mark.usefixtures("project")
def test_a_misspelt_resource_is_refused_with_the_nearest_right_one() -> None:
    wrong = QUEUE | {"resource": "WorkQueue/Queue/thumbnail"}
    with pytest.raises(pulumi.RunError, match=r"did you mean WorkQueue/Queue/thumbnails\?"):
        stack({"lamina:adopt": adopting(wrong)})


@pytest.mark.usefixtures("project")
def test_two_mappings_that_differ_in_a_name_are_refused() -> None:
    Path("names.yaml").write_text(Path(adopting(QUEUE)).read_text().replace("jobs", "jobz"))
    told = "WorkQueue/Queue/thumbnails gets the name jobz by lamina:names .* and jobs by lamina:adopt"
    with pytest.raises(pulumi.RunError, match=told):
        stack({"lamina:adopt": "adopt.yaml", "lamina:names": "names.yaml"})


@pytest.mark.usefixtures("project")
def test_a_mapping_that_is_not_there_is_told() -> None:
    with pytest.raises(pulumi.RunError, match=r"none\.yaml cannot be read"):
        stack({"lamina:adopt": "none.yaml"})
