"""A wheel is the package that its file name says, whichever way its bytes came into the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.cache import Cache
from build.errors import UserError
from build.wheel.naming import find_dist_info
from tests.build.conftest import Admit
from tests.build.wheelhouse import make_wheel


@pytest.mark.parametrize(
    "folder",
    ["Demo_Kit-1.0.dist-info", "demo.kit-1.dist-info", "demo__kit-1.0.0.dist-info", "demo-kit-v1.dist-info"],
)
def test_a_dist_info_may_spell_name_and_version_in_its_own_way(folder: str) -> None:
    found = find_dist_info("demo_kit-1.0-py3-none-any.whl", [f"{folder}/RECORD", "demo/x.py"])
    assert (found.folder, found.name, str(found.version)) == (folder, "demo-kit", "1.0")


def test_bytes_in_the_cache_do_not_become_another_package_by_another_name(
    tmp_path: Path, cache: Cache, admit: Admit
) -> None:
    wheel = admit(make_wheel(tmp_path))
    same = cache.facts(wheel.sha256, "demo-1.0-1-py2.py3-none-any.whl")
    assert same == cache.facts(wheel.sha256, wheel.filename)
    for name in ("other-1.0-py3-none-any.whl", "demo-2.0-py3-none-any.whl"):
        with pytest.raises(UserError, match=f"^{name} must have one dist-info .*; it has demo-1.0.dist-info"):
            cache.facts(wheel.sha256, name)
