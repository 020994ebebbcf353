"""Index settings from the environment and the configuration files of uv and pip."""

from __future__ import annotations

from pathlib import Path

import pytest

from build.errors import UserError
from build.index.addresses import without_credentials
from build.index.settings import Settings, read_settings
from build.index.sources import Sources, read_sources


def sources(tmp_path: Path, **environ: str) -> Sources:
    """What is found with only these variables, a home under `tmp_path` and a project beside it."""
    project = tmp_path / "project"
    project.mkdir(exist_ok=True)
    home = {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_DIRS": str(tmp_path / "system"),
        "PIP_CONFIG_FILE": "/dev/null",
    }
    return read_sources({**home, **environ}, project)


def settings(tmp_path: Path, **environ: str) -> Settings:
    return read_settings(sources(tmp_path, **environ))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_nothing_configured_means_uvs_own_index(tmp_path: Path) -> None:
    assert settings(tmp_path).indexes == (None,)


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"])
def test_the_index_comes_from_the_environment(tmp_path: Path, name: str) -> None:
    assert settings(tmp_path, **{name: "https://host/simple"}).indexes == ("https://host/simple",)


def test_uvs_variables_win_over_pips(tmp_path: Path) -> None:
    found = settings(tmp_path, PIP_INDEX_URL="https://pip/", UV_INDEX_URL="https://uv/", PIP_RETRIES="7")
    assert (found.index, found.retries) == ("https://uv/", 7)


def test_extra_indexes_are_asked_before_the_default_one(tmp_path: Path) -> None:
    found = settings(tmp_path, UV_INDEX="https://a/ https://b/", UV_EXTRA_INDEX_URL="https://c/")
    assert found.indexes == ("https://a/", "https://b/", "https://c/", None)


def test_a_named_index_takes_its_credentials_from_its_variables(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        UV_INDEX="my-own=https://host/simple",
        UV_INDEX_MY_OWN_USERNAME="me",
        UV_INDEX_MY_OWN_PASSWORD="p@ss",
    )
    assert found.extra_indexes == ("https://me:p%40ss@host/simple",)


def test_find_links_count_from_the_working_folder(tmp_path: Path) -> None:
    found = settings(tmp_path, PIP_FIND_LINKS="wheels /abs https://host/links.html file:///x")
    assert found.find_links == (f"{tmp_path}/project/wheels", "/abs", "https://host/links.html", "file:///x")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("0", False), ("no", False)])
def test_no_index_is_a_flag(tmp_path: Path, value: str, *, expected: bool) -> None:
    assert settings(tmp_path, PIP_NO_INDEX=value).no_index is expected


def test_pips_file_is_read_with_install_over_global(tmp_path: Path) -> None:
    text = "[global]\nindex-url = https://global/\ntimeout = 60\ncert = /ca.pem\n[install]\nindex_url = https://install/\n"
    text += "extra-index-url =\n    https://a/\n    https://b/\n"
    path = write(tmp_path / "pip.conf", text)
    found = settings(tmp_path, PIP_CONFIG_FILE=str(path))
    assert found.indexes == ("https://a/", "https://b/", "https://install/")
    assert (found.timeout, found.ca_bundle) == (60.0, "/ca.pem")


def test_pips_user_file_is_found(tmp_path: Path) -> None:
    write(tmp_path / "home" / ".config" / "pip" / "pip.conf", "[global]\nindex-url = https://user/\n")
    assert settings(tmp_path, PIP_CONFIG_FILE="").index == "https://user/"


def test_uvs_files_are_read_from_the_project_upwards(tmp_path: Path) -> None:
    text = (
        '[tool.uv]\nfind-links = ["links"]\n[[tool.uv.index]]\nurl = "https://extra/"\n'
        '[[tool.uv.index]]\nurl = "https://default/"\ndefault = true\n'
        '[[tool.uv.index]]\nname = "x"\nurl = "https://explicit/"\nexplicit = true\n'
    )
    write(tmp_path / "pyproject.toml", text)
    found = settings(tmp_path)
    assert found.indexes == ("https://extra/", "https://default/")
    assert found.find_links == (f"{tmp_path}/links",)


def test_the_environment_wins_over_uvs_file_and_that_over_pips(tmp_path: Path) -> None:
    pip = write(tmp_path / "pip.conf", "[global]\nindex-url = https://pip/\ntimeout = 3\n")
    write(tmp_path / "project" / "uv.toml", '[pip]\nindex-url = "https://uv/"\n')
    assert settings(tmp_path, PIP_CONFIG_FILE=str(pip)).index == "https://uv/"
    assert settings(tmp_path, PIP_CONFIG_FILE=str(pip), UV_NO_CONFIG="1").index == "https://pip/"
    found = settings(tmp_path, PIP_CONFIG_FILE=str(pip), PIP_INDEX_URL="https://environment/")
    assert (found.index, found.timeout) == ("https://environment/", 3.0)


def test_what_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    broken = write(tmp_path / "other" / "uv.toml", "index-url = \n")
    with pytest.raises(UserError, match=rf"cannot read {broken}: "):
        settings(tmp_path, UV_CONFIG_FILE=str(broken))
    pip = write(tmp_path / "pip.conf", "index-url = x\n")
    with pytest.raises(UserError, match=rf"cannot read {pip}: File contains no section headers"):
        settings(tmp_path, PIP_CONFIG_FILE=str(pip))
    with pytest.raises(UserError, match="PIP_RETRIES is 'many', which is not a number"):
        settings(tmp_path, PIP_RETRIES="many")


def test_settings_never_show_credentials(tmp_path: Path) -> None:
    environ = {"UV_INDEX_URL": "https://me:secret@host/", "PIP_EXTRA_INDEX_URL": "https://x:secret@host/"}
    assert "secret" not in repr(sources(tmp_path, **environ))
    assert "secret" not in repr(settings(tmp_path, **environ))
    assert without_credentials("https://me:secret@host:8/a/?token=secret#x") == "https://host:8/a/"


def test_the_fingerprint_knows_indexes_but_no_credentials(tmp_path: Path) -> None:
    def fingerprint(**environ: str) -> str:
        return sources(tmp_path, **environ).fingerprint()

    plain = fingerprint(UV_INDEX_URL="https://host/")
    assert fingerprint(UV_INDEX_URL="https://me:pw@host/") == plain
    assert fingerprint(UV_INDEX_URL="https://host/", PIP_TIMEOUT="9", SSL_CERT_FILE="/x") == plain
    assert fingerprint(UV_INDEX_URL="https://other/") != plain
    assert fingerprint(UV_INDEX_URL="https://host/", PIP_NO_INDEX="1") != plain
    write(tmp_path / "project" / "uv.toml", "no-index = true\n")
    assert fingerprint(UV_INDEX_URL="https://host/") != plain
