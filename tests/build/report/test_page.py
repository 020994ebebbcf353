"""The report page: all there is, nothing from elsewhere, and no way in for what a layer says."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build.report import page as page_module
from build.report.described import Package
from build.report.difference import difference
from build.report.page import page
from build.report.treemap import Cell, squarified

from .layers import described

LAYER = described(
    Package("big", "1.0", 9_000_000, 90),
    Package("small", "2.0", 1_000_000, 10),
    unzipped_size=10_000_000,
    zip_size=4_000_000,
    files=100,
    target={"runtime": "python3.12", "architecture": "arm64"},
    options={"slim": True},
)
FINDING = {"level": "error", "package": "big", "file": "big.so", "what": "it is too new", "todo": "pin it"}


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_shows_facts_findings_packages_and_changes() -> None:
    old = described(Package("big", "0.9", 8_000_000, 80), digest="b" * 64, unzipped_size=8_000_000)
    text = page(LAYER, [FINDING], difference(old, LAYER))
    for said in (
        "python3.12, arm64",
        "3.8\xa0%".replace("\xa0", "&nbsp;"),
        "It is too new.",
        "Pin it.",
        "big.so",
    ):
        assert said in text
    assert "big 0.9 → 1.0" in text
    assert "(+2.0 MB unzipped)" in text
    assert text.count('<li id="all-') == 2


def test_it_says_whether_anything_was_verified() -> None:
    assert "Nothing was verified" in page(LAYER, None, None)
    assert "nothing was found" in page(LAYER, [], None)
    warning = {**FINDING, "level": "warning"}
    text = page(LAYER, [FINDING, warning, warning], None)
    assert "<dd>1 error, 2 warnings</dd>" in text
    assert text.count("<details") == 2


def test_the_same_layer_gives_the_same_page() -> None:
    assert page(LAYER, [FINDING], None) == page(LAYER, [FINDING], None)


def test_nothing_is_loaded_and_only_its_own_style_and_script_may_run() -> None:
    text = page(LAYER, None, None)
    tags = _Tags(text).found
    assert not [tag for tag, given in tags if {"src", "href", "style", "onclick"} & given.keys()]
    (policy,) = [given["content"] for _, given in tags if given.get("http-equiv")]
    assert policy is not None
    for kind in ("style", "script"):
        (inner,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>x</script>",
        '"><img src=x>',
        "</title><b>",
        "</style><b>",
        "javascript:x",
        "\u202egnp",
        "{{ 7 * 7 }}",
    ],
)
def test_hostile_names_stay_text(hostile: str) -> None:
    contents = {f"python/{hostile}/{hostile}": (1, 9), "python/x": (1, 1)}
    layer = described(
        Package(hostile, hostile, 10, 2, contents=contents), name=hostile, unzipped_size=10, files=2
    )
    finding = dict.fromkeys(FINDING, hostile)
    old = described(Package(hostile, "0", 1, 1), Package("x", "0"), digest="b" * 64, unzipped_size=1)
    safe = page(
        described(
            Package("x", "x", 10, 2, contents={"python/x/y": (1, 9), "python/z": (1, 1)}),
            name="x",
            unzipped_size=10,
            files=2,
        ),
        [dict.fromkeys(FINDING, "x")],
        difference(old, described(Package("x", "x", 10, 1))),
    )
    text = page(layer, [finding], difference(old, layer))
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)
    if "<" in hostile or not hostile.isprintable():
        assert hostile not in text
    assert all((given.get("href") or "#").startswith("#") for _, given in _Tags(text).found)
    assert {tag for tag, _ in _Tags(text).found} <= {tag for tag, _ in _Tags(safe).found}


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=60).map(lambda sizes: sorted(sizes, reverse=True))
)
def test_a_treemap_fills_the_whole_with_areas_in_proportion(sizes: list[int]) -> None:
    whole = Cell(0, 0, 200, 100)
    cells = squarified(sizes, whole)
    total = sum(sizes)
    for size, cell in zip(sizes, cells, strict=True):
        assert cell.width * cell.height == pytest.approx(20_000 * size / total, rel=1e-6, abs=1e-6)
        assert -1e-6 <= cell.x <= cell.x + cell.width <= 200 + 1e-6
        assert -1e-6 <= cell.y <= cell.y + cell.height <= 100 + 1e-6


def test_an_empty_layer_has_an_empty_map() -> None:
    assert squarified([], Cell(0, 0, 1, 1)) == []
    assert '<li id="all-' not in page(described(), None, None)


def test_every_text_has_the_contrast_that_it_needs() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1, in both colour schemes."""
    style = Path(page_module.__file__).with_name("page.css").read_text()
    for scheme in style.split("* {")[0].split("@media"):
        colours = dict(re.findall(r"--(\w+): (#\w{6})", scheme))
        pairs = [("text", f"c{number}") for number in range(8)] + [("text", "ground"), ("soft", "ground")]
        pairs += [(name, "card") for name in ("text", "soft", "accent", "good", "warn", "bad")]
        for one, other in pairs:
            assert _contrast(colours[one], colours[other]) >= 4.5, (one, other)


def _contrast(one: str, other: str) -> float:
    """As WCAG defines it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_package_opens_into_its_folders() -> None:
    contents = {
        "python/big/a/one.py": (1, 6_000_000),
        "python/big/b/two.py": (2, 2_000_000),
        "python/big/b/three.py": (3, 1_000_000),
    }
    layer = described(Package("big", "1.0", 9_000_000, 3, contents=contents), unzipped_size=9_000_000)
    text = page(layer, None, None)
    assert '<a href="#in-1"><b>big</b>' in text
    assert 'title="big/a/one.py: 6.0 MB, 66.7 %, 1 file"' in text
    assert "Choose it to see its folders." in text
    assert "to see its folders" not in page(LAYER, None, None)
