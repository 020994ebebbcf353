"""Markers are read as the target's own interpreter would read them, never as the one that builds."""

from __future__ import annotations

import platform

import pytest
from packaging.markers import Marker, default_environment

from build.errors import UserError
from build.lock.markers import applies, marker_environment
from build.target import ARCHITECTURES, RUNTIMES, Target

TARGETS = [Target(python, architecture) for python in RUNTIMES for architecture in ARCHITECTURES]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: f"{target.runtime}-{target.architecture}")
def test_every_variable_of_a_marker_has_a_value(target: Target) -> None:
    environment = marker_environment(target)
    assert environment.keys() == default_environment().keys()
    assert environment["python_full_version"].startswith(f"{environment['python_version']}.")


def test_on_lambdas_own_kind_of_system_only_the_kernel_and_the_patch_release_differ() -> None:
    here = dict(default_environment())
    ours = marker_environment(Target("3.11", "x86_64"))
    differing = {name for name in here if here[name] != ours[name]}
    unknowable = {"platform_release", "platform_version", "python_full_version", "implementation_version"}
    expected = {
        *({"platform_machine"} if platform.machine() != "x86_64" else ()),
        *({"platform_system", "sys_platform"} if platform.system() != "Linux" else ()),
        *({"python_version"} if here["python_version"] != "3.11" else ()),
    }
    assert differing - unknowable == expected


@pytest.mark.parametrize(
    ("marker", "wanted"),
    [
        ('sys_platform == "linux" and platform_machine == "aarch64"', True),
        ('sys_platform == "darwin" and platform_release >= "20.0"', False),
        ('platform_release >= "5.0"', False),
        ('"microsoft" in platform_release', False),
        ('python_full_version < "3.11.3"', False),
        ('python_version < "3.12"', False),
        ('implementation_name == "pypy" or os_name == "nt"', False),
        ('platform_python_implementation == "CPython"', True),
        ('extra == "dev"', False),
    ],
)
def test_a_marker_is_true_or_false_for_the_target_alone(marker: str, wanted: bool) -> None:
    assert applies(Marker(marker), marker_environment(Target("3.12", "arm64"))) is wanted


def test_a_comparison_that_makes_no_sense_names_the_marker() -> None:
    marker = Marker('platform_system ~= "Linux"')
    with pytest.raises(
        UserError, match='the marker `platform_system ~= "Linux"` cannot be read for the target'
    ):
        applies(marker, marker_environment(Target("3.12", "arm64")))
