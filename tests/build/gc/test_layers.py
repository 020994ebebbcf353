"""Layer versions: which go, which stay, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import LAYER, Run, World, digest, numbers

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


def test_what_no_function_refers_to_goes_beyond_the_newest(world: World, run: Run) -> None:
    world.layer("a", "b", "c", "d", "e")
    world.function("shop-prod-api", [2], latest=3)
    code, found, _ = run("--yes", "--json", keep=1)
    assert (code, numbers(found)) == (0, [1, 4])
    assert world.versions() == [2, 3, 5]
    assert found["staying"]["layer versions"] == {"among the newest": 1, "referred to by a function": 2}


@pytest.mark.parametrize(("keep", "left"), [(0, []), (2, [3, 4]), (9, [1, 2, 3, 4])])
def test_the_newest_stay_in_any_case(world: World, run: Run, keep: int, left: list[int]) -> None:
    world.layer("a", "b", "c", "d")
    assert run("--yes", keep=keep)[0] == 0
    assert world.versions() == left


def test_without_yes_nothing_is_deleted_and_all_is_told(world: World, run: Run) -> None:
    world.layer("a", "b", size=3_000_000_000)
    code, out, err = run()
    assert (code, err, world.versions()) == (0, "", [1, 2])
    assert f"{LAYER} in us-west-2 of account 123456789012" in out
    assert "shop-prod-deps:1  3000.0 MB  no function refers to it; of " in out
    assert (
        "would free 3000.0 MB: 5.59 GB of the region's 75.00 GB of code storage are used, 2.79 GB afterwards"
        in out
    )
    assert out.endswith("nothing was deleted: --yes deletes\n")
    assert not [call for call in world.calls() if call.startswith("Delete")]


def test_what_was_published_a_while_ago_only_stays(world: World, run: Run) -> None:
    world.layer("a", days=2)
    world.layer("b", "c", days=0.5)
    _, found, _ = run("--json", keep=0)
    assert numbers(found) == [1]
    assert found["staying"]["layer versions"] == {"younger than --min-age": 2}
    assert numbers(run("--json", "--min-age", "11h", keep=0)[1]) == [1, 2, 3]


@pytest.mark.parametrize(
    ("principal", "organization", "stays"),
    [
        ("999999999999", None, True),
        ("*", None, True),
        ("*", "o-abcdefghij", True),
        ("123456789012", None, False),
    ],
    ids=["another account", "everybody", "an organisation", "its own account"],
)
def test_a_version_shared_with_others_is_never_deleted(
    world: World,
    run: Run,
    lambda_client: LambdaClient,
    principal: str,
    organization: str | None,
    stays: bool,
) -> None:
    world.layer("a", "b", "c")
    lambda_client.add_layer_version_permission(
        LayerName=LAYER,
        VersionNumber=1,
        StatementId="share",
        Action="lambda:GetLayerVersion",
        Principal=principal,
        **({"OrganizationId": organization} if organization else {}),
    )
    _, found, _ = run("--yes", "--json")
    assert world.versions() == ([1, 3] if stays else [3])
    assert found["staying"]["layer versions"].get("shared with another account", 0) == int(stays)


def test_the_layer_of_another_name_is_left_alone(world: World, run: Run) -> None:
    world.layer("a", "b")
    world.layer("a", "b", name=f"{LAYER}-more")
    run("--yes", keep=0)
    assert world.versions(f"{LAYER}-more") == [1, 2]


def test_a_version_that_a_lost_reply_left_behind_is_found_by_its_content(world: World, run: Run) -> None:
    world.layer("a", "b", "b", "c")
    world.function("shop-prod-api", [3], latest=4)
    _, found, _ = run("--json", keep=3)
    assert found["copies"] == {"2": 3}
    assert "shop-prod-deps:2 has the same content as version 3, and stays" in run(keep=3)[1]
    out = run(keep=2)[1]
    assert "shop-prod-deps:2" in out
    assert "; the same content as version 3\n" in out


def test_an_alias_keeps_the_layer_of_the_version_it_points_to(world: World, run: Run) -> None:
    world.layer("a", "b", "c")
    world.function("shop-prod-api", [1, 2], latest=3)
    world.alias("shop-prod-api", 1, v2=0.1)
    assert numbers(run("--json", "--yes", keep=1)[1]) == []
    assert world.versions() == [1, 2, 3]


def test_a_layer_that_is_not_there_is_a_mistake_with_the_nearest_names(world: World, run: Run) -> None:
    world.layer("a")
    world.layer("a", name="other")
    assert run(layer="shop-prod-dep") == (
        2,
        "",
        "error: there is no layer shop-prod-dep in us-west-2; did you mean shop-prod-deps?\n",
    )
    assert run(layer="zzz")[2] == "error: there is no layer zzz in us-west-2; 2 layers are there\n"


def test_where_there_is_nothing_to_do_that_is_said(world: World, run: Run) -> None:
    world.layer("a")
    code, out, _ = run("--yes")
    assert code == 0
    assert out.endswith("there is nothing to delete\n")


def test_each_version_is_told_with_its_digest_and_size(world: World, run: Run) -> None:
    world.layer("a", "b", size=77)
    (found,) = run("--json")[1]["layerVersions"]
    assert (found["name"], found["digest"], found["bytes"]) == (f"{LAYER}:1", digest("a"), 77)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layer", "arn:aws:lambda:x"], "write the layer's name alone, such as shop-prod-deps"),
        (["--keep", "-1"], "--keep -1: it is a number of versions, 0 or more"),
        (["--keep", "many"], "argument --keep: invalid int value: 'many'; see python -m build gc --help"),
        (["--min-age", "soon"], "--min-age soon: write a number and a unit"),
        (["--bucket", "b"], "--bucket says where artifacts are: add --objects, or leave it out"),
        (["--profile", "nobody"], "The config profile (nobody) could not be found; --profile names one"),
    ],
    ids=["arn", "negative", "no number", "no age", "bucket alone", "no profile"],
)
def test_a_mistake_in_the_arguments_is_told(run: Run, arguments: list[str], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err
