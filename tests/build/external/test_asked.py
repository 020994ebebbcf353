"""Keys and values are checked all at once, and a mistake is told with the nearest right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.errors import UserError
from build.external.asked import asked_by
from build.target import Target
from build.tree.options import LayerOptions
from build.verify import Wanted

GIVEN = {"lock": "requirements.txt", "python": "3.12"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "requirements.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def faults(**values: str) -> list[str]:
    with pytest.raises(UserError) as refused:
        asked_by({**GIVEN, **values})
    return list(refused.value.faults)


def test_only_lock_and_python_are_needed() -> None:
    asked = asked_by(GIVEN)
    assert (asked.target, asked.name, asked.output) == (Target("3.12", "x86_64"), "layer", Path(".lamina"))
    assert (asked.options, asked.wanted, asked.bucket) == (LayerOptions(), Wanted(), "")
    with pytest.raises(UserError) as refused:
        asked_by({})
    assert [fault.split(":")[0] for fault in refused.value.faults] == ["python is missing", "lock is missing"]


def test_an_empty_value_is_as_if_it_were_not_there() -> None:
    keys = ("architecture", "name", "output", "exclude", "slim", "verify", "layers", "bucket", "prefix")
    assert asked_by({**GIVEN, **dict.fromkeys(keys, "")}) == asked_by(GIVEN)


def test_every_option_of_the_builder_can_be_given() -> None:
    asked = asked_by(
        {
            **GIVEN,
            "architecture": "arm64",
            "name": "deps",
            "output": "dist",
            "slim": "true",
            "bytecode": "true",
            "exclude": "boto3, **/tests/**",
            "prefer": '["six.py=Six"]',
            "require": "jinja2,PIL.Image",
            "beside": "30M",
            "layers": "2",
            "bucket": "artifacts",
            "prefix": "/a/b/",
            "refresh": "true",
            "remote": "s3://cache/x",
            "remote_read_only": "true",
            "extra": "pdf",
            "group": "docs",
            "require_hashes": "true",
        }
    )
    assert asked.target == Target("3.12", "arm64")
    exclude = ("**/tests/**", "boto3")
    assert asked.options == LayerOptions({"six.py": "six"}, exclude, slim=True, bytecode=True)
    assert asked.wanted == Wanted(("PIL.Image", "jinja2"), 30 << 20, 2)
    assert (asked.bucket, asked.prefix, asked.remote) == ("artifacts", "a/b/", "s3://cache/x")
    assert asked.refresh
    assert asked.require_hashes
    assert asked.remote_read_only
    assert (asked.extras, asked.groups) == (("pdf",), ("docs",))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("a,b", ("a", "b")),
        (" a , ,b,", ("a", "b")),
        ('["a,b", "[ab]*.py"]', ("[ab]*.py", "a,b")),
        ("[]", ()),
        ("[ab]*.py", ("[ab]*.py",)),
    ],
    ids=["commas", "spaces", "JSON", "no JSON items", "a pattern"],
)
def test_several_values_come_with_commas_or_as_json(given: str, read: tuple[str, ...]) -> None:
    assert asked_by({**GIVEN, "exclude": given}).options.exclude == read


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("pyhton", "python"),
        ("arch", "architecture"),
        ("byte-code", "bytecode"),
        ("excludes", "exclude"),
        ("require-hashes", "require_hashes"),
        ("Bucket", "bucket"),
        ("requirements", "lock"),
        ("requirements_file", "lock"),
        ("runtime", "python"),
        ("python-version", "python"),
        ("platform", "architecture"),
        ("s3_bucket", "bucket"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_one_that_was_meant(key: str, meant: str) -> None:
    assert faults(**{key: "x"}) == [f"there is no key {key!r}; did you mean {meant}?"]


def test_a_key_like_no_other_is_refused_with_all_there_are() -> None:
    (told,) = faults(zzz="x")
    assert told.startswith("there is no key 'zzz'; there are lock, python, architecture")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"python": "python3.12"}, "python cannot be 'python3.12'; it is one of 3.9,.*; did you mean 3.12?"),
        ({"python": "2"}, "python cannot be '2'; it is one of"),
        ({"architecture": "aarch64"}, "one of x86_64, arm64; did you mean arm64?"),
        ({"slim": "yes"}, "slim cannot be 'yes'; it is one of true, false; did you mean true?"),
        ({"verify": "0"}, "did you mean false?"),
        ({"name": "my layer"}, "name: 'my layer' cannot be a layer's name"),
        ({"lock": "requirments.txt"}, "no file requirments.txt in .*; did you mean requirements.txt?"),
        ({"exclude": '["a", 1]'}, "exclude begins as a JSON list, but is no list of strings"),
        ({"exclude": '["a"'}, "exclude begins as a JSON list"),
        ({"prefer": "six"}, "prefer six: write PATH=PACKAGE"),
        ({"require": "not-a-module"}, "require: 'not-a-module' is not the name of a module"),
        ({"beside": "much"}, "beside much: write a number"),
        ({"layers": "-1"}, "layers cannot be '-1'"),
        ({"layers": "0"}, "^layers cannot be '0'; it is how many the function will have, 1 to 5$"),
        ({"layers": "6"}, "^layers cannot be '6'"),
        ({"layers": "²"}, "^layers cannot be"),
        ({"verify": "false", "require": "a"}, "verify cannot be false where require says"),
        ({"bucket": "s3://artifacts/x"}, "a bucket's name alone; did you mean artifacts?"),
        ({"bucket": "Artifacts"}, "bucket cannot be 'Artifacts': .*, of 3 to 63 lower-case letters"),
        ({"prefix": "x"}, "prefix is of no use without bucket"),
        ({"bucket": "artifacts", "prefix": "a b"}, "prefix cannot be 'a b'"),
        ({"remote": "cache"}, "remote has to be such as s3://BUCKET/PREFIX"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_bad_value_is_refused_with_its_key(values: dict[str, str], told: str) -> None:
    with pytest.raises(UserError, match=told.replace("?", r"\?").replace(".*", ".*")):
        asked_by({**GIVEN, **values})


def test_all_mistakes_are_told_at_once() -> None:
    told = faults(python="3.2", architecture="mips", slim="maybe", bukket="x", require="a-b", exclude='["a')
    assert [fault.split()[0] for fault in told] == [
        *("there", "python", "architecture", "exclude", "slim", "require:")
    ]


def test_a_secret_in_a_remote_is_not_quoted() -> None:
    assert "hunter2" not in "".join(faults(remote="https://me:hunter2@cache/x"))
