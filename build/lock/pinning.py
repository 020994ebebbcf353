"""What uv does here: it pins what a requirements file leaves open, and knows the default index."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import FailureError, UserError
from ..index.folders import local_path
from ..index.settings import Settings
from ..target import Target
from .lines import Line, logical_lines
from .markers import platform_machine, python_full_version
from .options import is_option
from .requirements import plain
from .uvtool import UvError, run_uv

# How uv begins when the requirements, and not the network or the disk, are at fault.
_NO_SOLUTION = "No solution found"

# The manylinux platforms that `uv pip compile --python-platform` takes, by the minor version of their glibc
# 2.
_PLATFORMS = (17, 28, *range(31, 41))


def pinned(
    lock: Path, lines: Sequence[Line], target: Target, settings: Settings, environ: Mapping[str, str]
) -> tuple[Line, ...]:
    """Pins everything that a requirements file asks for, for one target, to versions that have wheels there.

    Args:
        lock: the file, for errors. uv is not shown it: it reads neither every encoding nor every option.
        lines: what stands in it, and in what it includes; option lines are passed over.
        target: whose Python and platform the versions must suit.
        settings: the indexes to pin from.
        environ: the environment that uv runs in, with the settings put in.

    Returns:
        The lines of the lock that uv gives, with hashes.

    Raises:
        UserError: the requirements contradict each other or cannot be had.
        FailureError: uv could not do its work, for example without a network.
    """
    with tempfile.TemporaryDirectory(prefix="lamina-") as name:
        files = [Path(name, "requirements.in"), Path(name, "constraints.txt")]
        try:
            for file, limits in zip(files, (False, True), strict=True):
                wanted = (line for line in lines if line.constraint is limits and not is_option(line))
                file.write_text("".join(f"{plain(line)}\n" for line in wanted), encoding="utf-8")
        except OSError as error:
            raise FailureError(f"cannot write {name}: {error.strerror or error}") from error
        text = _compiled(files, target, settings, environ, f"cannot pin {lock}")
    place = Path(f"{lock} (pinned by uv)")
    return tuple(Line(place, number, line) for number, line in logical_lines(text))


def _compiled(
    files: Sequence[Path], target: Target, settings: Settings, environ: Mapping[str, str], failure: str
) -> str:
    requirements, constraints = files
    return _run(
        [
            "pip", "compile", str(requirements), "--constraints", str(constraints),
            "--python", sys.executable,
            "--python-version", python_full_version(target),
            "--python-platform", uv_platform(target),
            "--only-binary", ":all:",
            "--generate-hashes", "--no-header", "--no-annotate",
            "--no-emit-index-url", "--no-emit-find-links", "--quiet",
            *(["--no-index"] if settings.no_index else []),
            *(["--prerelease", "allow"] if settings.prereleases else []),
        ],
        _environment(settings, environ),
        failure,
    )  # fmt: skip


def default_index() -> str:
    """The URL of the index that uv uses where nothing else is configured.

    Raises:
        FailureError: uv did not say.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    text = _run(
        [
            "pip", "compile", "-",
            "--python", sys.executable,
            "--offline", "--no-config", "--no-header", "--emit-index-url", "--quiet",
        ],
        environ,
        "cannot tell the default index",
    )  # fmt: skip
    found = re.search(r"^--index-url (\S+)", text, re.MULTILINE)
    if found is None:
        raise FailureError("uv does not say which index it uses by default; set UV_DEFAULT_INDEX")
    return found[1]


def uv_platform(target: Target) -> str:
    """The newest platform known to uv whose wheels all run on the target.

    Uv has no manylinux_2_26 (Amazon Linux 2): versions are pinned there that have wheels for 2_17.
    """
    minor = max(minor for minor in _PLATFORMS if minor <= target.glibc[1])
    return f"{platform_machine(target)}-manylinux_2_{minor}"


def _environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Makes uv see exactly our settings; URLs go here because anyone can read the arguments of a process."""
    ours = {
        "UV_INDEX_URL",
        "UV_EXTRA_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "UV_INDEX",
        "UV_FIND_LINKS",
        "UV_NO_INDEX",
    }
    found = {name: value for name, value in environ.items() if name not in ours}
    links = [link for link in settings.find_links if (path := local_path(link)) is None or path.exists()]
    wanted = {
        "UV_DEFAULT_INDEX": settings.index,
        "UV_INDEX": " ".join(settings.extra_indexes),
        "UV_FIND_LINKS": ",".join(links),
        "UV_HTTP_TIMEOUT": str(int(settings.timeout)),
        "UV_HTTP_RETRIES": str(settings.retries),
        "SSL_CERT_FILE": settings.ca_bundle,
        "SSL_CLIENT_CERT": settings.client_cert,
        "UV_INSECURE_HOST": " ".join(settings.trusted_hosts),
    }
    return found | {name: value for name, value in wanted.items() if value}


def _run(arguments: Sequence[str], environ: Mapping[str, str], failure: str) -> str:
    try:
        return run_uv(arguments, environ)
    except UvError as error:
        reason = str(error)
        kind = UserError if reason.startswith(_NO_SOLUTION) else FailureError
        raise kind(f"{failure}: {reason}") from error
