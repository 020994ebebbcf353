"""Option lines of a lock."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from build.errors import UserError
from build.index.settings import Settings
from build.lock.lines import Line
from build.lock.options import Options, read_options


def read(*texts: str, settings: Settings | None = None) -> Options:
    lines = [Line(Path("/locks/lock"), number, text) for number, text in enumerate(texts, 1)]
    return read_options(lines, settings or Settings())


@pytest.mark.parametrize(
    "text",
    [
        "-i https://host/a",
        "--index-url https://host/a",
        "--index-url=https://host/a",
        "--index https://host/a",
    ],
)
def test_the_index_of_a_lock_wins(text: str) -> None:
    assert read(text, settings=Settings(index="https://other/")).settings.index == "https://host/a"


def test_extra_indexes_and_links_of_a_lock_come_first() -> None:
    settings = Settings(extra_indexes=("https://two/",), find_links=("/old",))
    found = read("--extra-index-url https://one/", "-f links", "--no-index", settings=settings).settings
    assert found.extra_indexes == ("https://one/", "https://two/")
    assert found.find_links == ("/locks/links", "/old")
    assert found.no_index


def test_options_without_effect_on_wheels_are_taken() -> None:
    found = read(
        "--only-binary :all:",
        "--no-binary :none:",
        "--prefer-binary",
        "--use-feature x",
        "--require-hashes",
    )
    assert found == Options(Settings(), require_hashes=True)


@pytest.mark.parametrize("line", ["--pre", "--all-releases :all:"])
def test_versions_that_are_no_releases_are_pinned_where_the_file_says_so(line: str) -> None:
    assert read(line).settings == Settings(prereleases=True)


def test_what_is_not_taken_is_told_by_name_and_line_all_at_once() -> None:
    with pytest.raises(UserError) as caught:
        read(
            "-e .",
            "--no-binary :all:",
            "--wat 3",
            "--no-require-hashes",
            "--index-url",
            "-f 'open",
            "--hash=x",
        )
    for number, expected in enumerate(
        (
            "an editable requirement",
            "--no-binary asks",
            "--wat is not an option",
            "--no-require-hashes is not",
        ),
        1,
    ):
        assert f"/locks/lock:{number}: {expected}" in str(caught.value)
    assert "/locks/lock:5: argument -i/--index-url" in str(caught.value)
    assert "/locks/lock:6: No closing quotation" in str(caught.value)
    assert "/locks/lock:7: --hash stands alone; put it behind its requirement" in str(caught.value)


def test_every_option_that_pip_knows_is_taken_or_refused_by_name() -> None:
    pip = importlib.import_module("pip._internal.req.req_file")
    spellings = [name for make in pip.SUPPORTED_OPTIONS for name in (*make()._short_opts, *make()._long_opts)]
    assert len(spellings) > 15
    for name in set(spellings) - {"-r", "--requirement", "-c", "--constraint"}:
        for text in (name, f"{name} value"):
            try:
                read(text)
            except UserError as error:
                assert "is not an option" not in str(error) or text == f"{name} value"  # noqa: PT017
