"""Secrets of the stack's settings: whatever reads, says or keeps them, they are not shown."""

from __future__ import annotations

import json

from .conftest import Demo


def test_secret_settings_of_the_provider_reach_it_and_are_kept_sealed(demo: Demo) -> None:
    demo.settings(aws__token=("hunter2",), aws__region="eu-west-1")
    demo.up('thing("a")')
    assert demo.things.configured == {"token": "hunter2", "region": "eu-west-1"}
    assert "hunter2" not in demo.everything()
    assert demo.up() == []


def test_secrets_within_objects_and_lists_are_opened_and_kept_sealed(demo: Demo) -> None:
    demo.settings(demo__o={"user": "me", "keys": {"one": ("hunter2",)}})
    demo.up('o = pulumi.Config().require_secret_object("o")\nthing("a", pw=o["keys"]["one"])')
    assert [each["pw"] for each in demo.things.things.values()] == ["hunter2"]
    assert "hunter2" not in demo.everything()


def test_a_secret_in_what_a_program_or_provider_says_is_masked(demo: Demo) -> None:
    demo.settings(demo__pw=("hunter2",))
    demo.up(
        'pw = pulumi.Config().require("pw")\npulumi.log.info("logged " + pw)\nprint("printed", pw)\n'
        'thing("a", fail="refused " + pw)',
        code=1,
    )
    for said in ("logged", "printed", "refused"):
        assert f"{said} [secret]" in demo.out
    assert "hunter2" not in demo.out


def test_a_settings_file_with_a_new_salt_leaves_the_state_readable_and_seals_it_anew(demo: Demo) -> None:
    demo.settings(demo__pw=("hunter2",))
    demo.up('thing("a", pw=pulumi.Config().require_secret("pw"))')
    demo.settings(demo__pw=("hunter2",))
    assert demo.up() == []
    kept = json.loads((demo.folder / "state/demo/test.json").read_text())
    written = json.loads((demo.folder / "Pulumi.test.yaml").read_text())
    assert kept["deployment"]["secrets_providers"]["state"]["salt"] == written["encryptionsalt"]
    assert demo.up() == []


def test_an_output_becomes_secret_though_nothing_else_changes(demo: Demo) -> None:
    demo.up('thing("a", value="plain")')
    assert demo.up('thing("a", opts=Opts(additional_secret_outputs=["value"]), value="plain")') == []
    assert "plain" not in json.dumps(demo.state()["a"]["outputs"])


def test_a_secret_of_what_is_made_but_unfinished_is_kept_sealed(demo: Demo) -> None:
    demo.up('thing("a", partial="slow", value=pulumi.Output.secret("hidden"))', code=1)
    demo.up('thing("a", failUpdate="no", value=pulumi.Output.secret("hidden"))', code=1)
    assert demo.state()["a"]["initErrors"] == ["slow"]
    assert "hidden" not in demo.everything()


def test_a_list_with_a_secret_is_sealed_as_a_whole(demo: Demo) -> None:
    demo.up('thing("a", value=["plain", pulumi.Output.secret("hidden")])')
    assert "plain" not in json.dumps(demo.state()["a"]["outputs"])
    assert "hidden" not in demo.everything()
    assert demo.up() == []
