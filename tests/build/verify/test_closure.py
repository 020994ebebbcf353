"""The closure: every requirement of every package is met, in the layer or by the runtime."""

from __future__ import annotations

import pytest

from build.target import Target
from build.tree.options import LayerOptions
from build.verify.findings import ERROR, WARNING, Finding

from .conftest import Check, Wheel, dist_info


def test_a_closure_that_is_met_is_silent(check: Check, wheel: Wheel) -> None:
    one = wheel("alpha", requires=["Beta_Gamma>=1", "windows-only ; sys_platform == 'win32'"])
    assert check(one, wheel("beta_gamma", requires=["alpha"])).findings == ()


def test_a_requirement_that_nothing_meets_is_an_error(check: Check, wheel: Wheel) -> None:
    what = "it requires Some_Thing<3,>=2, which is not in the layer"
    assert check(wheel(requires=["Some_Thing>=2,<3"])).findings == (
        Finding(ERROR, "demo", "", what, "add some-thing to the lock"),
    )


def test_a_version_outside_of_what_is_required_is_an_error(check: Check, wheel: Wheel) -> None:
    what = "it requires beta>=2, and the layer has 1.5"
    assert check(wheel(requires=["beta>=2"]), wheel("beta", "1.5")).findings == (
        Finding(ERROR, "demo", "", what, "lock both again"),
    )


@pytest.mark.parametrize("version", ["2.0rc1", "2.0", "2.0.post1", "2.0+local"])
def test_pre_releases_and_their_like_count_where_the_lock_has_them(
    check: Check, wheel: Wheel, version: str
) -> None:
    assert check(wheel(requires=["beta>=1"]), wheel("beta", version)).findings == ()


def test_a_requirement_by_its_address_is_met_by_any_version(check: Check, wheel: Wheel) -> None:
    line = "beta @ https://example.org/beta-1.0-py3-none-any.whl"
    assert check(wheel(requires=[line]), wheel("beta")).findings == ()


@pytest.mark.parametrize(
    ("marker", "needed"),
    [
        ("sys_platform == 'linux'", True),
        ("sys_platform in 'win32 darwin'", False),
        ("platform_machine == 'aarch64'", True),
        ("platform_machine == 'x86_64'", False),
        ("python_version < '3.10'", True),
        ("python_full_version >= '3.11'", False),
        ("implementation_name == 'pypy'", False),
        ("extra == 'fast'", False),
    ],
)
def test_markers_are_read_for_the_target_and_not_for_this_machine(
    check: Check, wheel: Wheel, marker: str, needed: bool
) -> None:
    found = check(wheel(requires=[f"beta ; {marker}"]), target=Target("3.9", "arm64")).findings
    assert bool(found) is needed


@pytest.mark.parametrize(
    "marker", ["python_full_version >= 'zzz'", "'x' in extras", "'x' in dependency_groups"]
)
def test_a_marker_that_means_nothing_here_asks_for_nothing(check: Check, wheel: Wheel, marker: str) -> None:
    assert check(wheel(requires=[f"beta ; {marker}"])).findings == ()


def test_an_extra_counts_where_another_package_asks_for_it_in_any_spelling(
    check: Check, wheel: Wheel
) -> None:
    beta = wheel("beta", requires=["gamma ; extra == 'very-fast'", "delta ; extra == 'slow'"])
    assert check(beta).findings == ()
    what = "it requires gamma, which is not in the layer"
    assert check(wheel(requires=["beta[Very_Fast]"]), beta).findings == (
        Finding(ERROR, "beta", "", what, "add gamma to the lock"),
    )


def test_an_extra_that_is_asked_for_elsewhere_only_does_not_count(check: Check, wheel: Wheel) -> None:
    beta = wheel("beta", requires=["gamma ; extra == 'fast'"])
    assert check(wheel(requires=["beta[fast] ; sys_platform == 'win32'", "beta"]), beta).findings == ()


def test_an_extra_may_stand_for_others_of_the_same_package(check: Check, wheel: Wheel) -> None:
    requires = ["beta[one,two] ; extra == 'all'", "gamma ; extra == 'one'", "delta ; extra == 'two'"]
    found = check(wheel(requires=["beta[all]"]), wheel("beta", requires=requires)).findings
    assert [each.todo for each in found] == ["add delta to the lock", "add gamma to the lock"]


def test_extras_that_ask_for_each_other_end(check: Check, wheel: Wheel) -> None:
    one = wheel("one", requires=["two[x]", "three ; extra == 'y'"])
    two = wheel("two", requires=["one[y] ; extra == 'x'", "two[x] ; extra == 'x'"])
    (found,) = check(one, two).findings
    assert str(found) == "one: it requires three, which is not in the layer; add three to the lock"


@pytest.mark.parametrize("name", ["boto3", "botocore", "six", "urllib3", "python-dateutil"])
def test_what_the_runtime_brings_is_a_warning_about_its_version(
    check: Check, wheel: Wheel, name: str
) -> None:
    what = f"it requires {name}, which comes from the runtime, in a version that AWS changes without notice"
    found = check(wheel(requires=[f"{name}>=1"])).findings
    assert found == (Finding(WARNING, "demo", "", what, f"add {name} to the lock"),)


def test_the_layers_own_boto3_is_held_to_its_version(check: Check, wheel: Wheel) -> None:
    assert check(wheel(requires=["boto3>=1"]), wheel("boto3")).findings == ()
    (found,) = check(wheel(requires=["boto3>=2"]), wheel("boto3")).findings
    assert (found.level, found.what) == (ERROR, "it requires boto3>=2, and the layer has 1.0")


def test_what_was_excluded_on_purpose_is_a_warning(check: Check, wheel: Wheel) -> None:
    options = LayerOptions(exclude=("beta",))
    what = "it requires beta, which is not in the layer"
    assert check(wheel(requires=["beta"]), wheel("beta"), options=options).findings == (
        Finding(WARNING, "demo", "", what, "do not exclude beta"),
    )


def test_boto3_may_be_excluded_for_that_of_the_runtime(check: Check, wheel: Wheel) -> None:
    found = check(
        wheel(requires=["boto3"]), wheel("boto3"), options=LayerOptions(exclude=("boto3",))
    ).findings
    assert [(each.level, each.todo) for each in found] == [(WARNING, "add boto3 to the lock")]


def test_a_requirement_that_cannot_be_read_is_a_warning(check_zip: Check) -> None:
    what = "its requirement 'beta >= not a version' cannot be read"
    assert check_zip(dist_info("demo", "1.0", "beta >= not a version", "demo>=1")).findings == (
        Finding(WARNING, "demo", "", what, "see that it is met"),
    )


def test_a_version_that_cannot_be_read_meets_nothing(check_zip: Check) -> None:
    files = {
        **dist_info("demo", "1.0", "beta>=1", "gamma"),
        **dist_info("beta", "banana"),
        **dist_info("gamma", "?"),
    }
    (found,) = check_zip(files).findings
    assert (found.level, found.what) == (ERROR, "it requires beta>=1, and the layer has banana")


def test_all_that_is_missing_is_told_at_once_and_once(check: Check, wheel: Wheel) -> None:
    one = wheel("one", requires=["x", "x", "y", "two[more]"])
    found = check(one, wheel("two", requires=["x", "boto3", "z ; extra == 'more'"])).findings
    assert [(each.level, each.package, each.todo.split()[1]) for each in found] == [
        ("error", "one", "x"),
        ("error", "one", "y"),
        ("error", "two", "x"),
        ("error", "two", "z"),
        ("warning", "two", "boto3"),
    ]
