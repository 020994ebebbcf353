"""What is said of real previews, as a reviewer gets it."""

from __future__ import annotations

import re

import pytest

from preview.document import COMMENT, SUMMARY, as_markdown
from preview.pieces import length
from preview.reading import read_preview
from preview.report import report_on

from .cases import COPIES, FOLDER, NAMES, comment, given

HEADLINES = {
    "first": "✅ first deployment, layer `deps` new (160.2 MB unzipped), 3 functions created",
    "nothing": "✅ no resource changes",
    "layer": "✅ layer `deps`: 1 package changed, −36.2 kB, 3 functions updated, 0 replaced that",  # noqa: RUF001
    "code": "✅ 3 functions updated with new code, 0 replaced that should not be",
    "stateful": "🛑 3 functions updated, 9 replaced that should not be",
    "deletion": "🛑 3 functions updated, 9 other resources deleted, 0 replaced that should not be",
    "drift": "⚠️ layer `deps`: 1 package changed, −36.2 kB, 3 functions updated, 4 resources changed outside",  # noqa: RUF001
    "adoption-stand-in": "✅ layer `deps` new (710 B unzipped), 27 imported (19 of them updated), "
    "38 other resources created, 0 replaced that should not be",
    "failed": "❌ the preview **failed**",
    "failed-halfway": "❌ the preview **failed**; so far: 1 replaced that should not be",
    "pin": "⚠️ 3 functions updated with new code, 0 replaced that should not be",
}


@pytest.mark.parametrize("name", [*NAMES, "huge"])
def test_a_preview_is_told_as_it_was_when_people_last_looked_at_it(name: str) -> None:
    assert comment(name) == (FOLDER / f"{name}.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "headline"), HEADLINES.items(), ids=HEADLINES)
def test_the_headline_says_what_it_comes_to(name: str, headline: str) -> None:
    assert comment(name).splitlines()[1].startswith(f"### {headline}")


def test_what_is_huge_is_cut_from_its_least_important_and_says_so() -> None:
    text = comment("huge")
    assert COMMENT.limit - 2_000 < length(text) <= COMMENT.limit
    assert re.search(r"\*\*Left out\*\*, because .*65,536 characters: properties of what is created", text)
    # Every component has its line, and the first ones have their properties, too.
    assert (
        text.count("`Alarms` `alarms`") + text.count("<code>Alarms</code> <code>alarms</code>") == 1 + COPIES
    )
    assert "+ forceDestroy: true" in text


def test_a_job_summary_has_room_for_what_a_comment_has_not() -> None:
    whole = comment("huge", SUMMARY)
    assert COMMENT.limit < length(whole) <= SUMMARY.limit
    assert "Left out" not in whole


def test_a_secret_is_never_told_but_its_change_is() -> None:
    text = comment("secret")
    assert "! environment.variables.TOKEN: (secret) changes" in text
    assert "[secret]" not in text


def test_the_stand_in_and_the_real_engine_are_told_alike() -> None:
    told = [as_markdown(report_on(read_preview(given(name)))) for name in ("layer", "layer-stand-in")]
    # They make up other names, and take resources that do not wait for each other in another order.
    real, other = (sorted(re.sub(r"-[0-9a-f]{7}\b", "", text).splitlines()) for text in told)
    assert real == other
