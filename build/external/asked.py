"""What a query asks for: its keys, checked into one value before anything is built."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..bucket_names import is_bucket_name
from ..commands.sizes import read_size
from ..errors import UserError
from ..layer import check_name
from ..target import ARCHITECTURES, DEFAULT_ARCHITECTURE, RUNTIMES, Target
from ..tree.options import LayerOptions, preferences
from .reading import Reader

if TYPE_CHECKING:
    from ..verify.verdict import Wanted

DEFAULT_NAME = "layer"
# Below the folder in which Terraform runs: what a state has of it is the same on every machine.
DEFAULT_OUTPUT = ".lamina"

KEYS = (
    *("lock", "python", "architecture", "name", "output"),
    *("bytecode", "exclude", "slim", "prefer", "extra", "group", "require_hashes", "refresh"),
    *("verify", "require", "beside", "layers"),
    *("bucket", "prefix", "remote", "remote_read_only"),
)

_PYTHONS = {f"python{each}": each for each in RUNTIMES} | {each.replace(".", ""): each for each in RUNTIMES}
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "intel": "x86_64", "aarch64": "arm64", "graviton": "arm64"}
# What other tools call a key: AWS's own names, and those of Terraform's modules.
_ALSO = {
    "requirements": "lock",
    "requirements_file": "lock",
    "lockfile": "lock",
    "runtime": "python",
    "python_version": "python",
    "layer_name": "name",
    "platform": "architecture",
    "s3_bucket": "bucket",
    "s3_prefix": "prefix",
}
# Amazon S3 User Guide, "Naming Amazon S3 objects": what needs no special handling, of at most 1024 bytes.
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/-]{0,800}")


class Asked(NamedTuple):
    """A query that makes sense.

    Attributes:
        lock: the lock file; it was there.
        target: what the layer is for.
        name: the layer's.
        output: the folder for the zip.
        options: what else makes a difference to the content.
        wanted: what verification looks for; None where nothing is verified.
        bucket: where the zip has to be; empty for nowhere.
        prefix: of its key: empty, or with a slash at its end.
        remote: the remote cache's URL; None for that of the environment.
        remote_read_only: whether nothing is put there.
        refresh: whether indexes and bucket are asked again.
        require_hashes: whether a lock without all hashes is refused.
        extras: of the lock, that are wanted.
        groups: of the lock, that are wanted.
    """

    lock: Path
    target: Target
    name: str
    output: Path
    options: LayerOptions
    wanted: Wanted | None
    bucket: str
    prefix: str
    remote: str | None
    remote_read_only: bool
    refresh: bool
    require_hashes: bool
    extras: tuple[str, ...]
    groups: tuple[str, ...]


def asked_by(query: Mapping[str, str]) -> Asked:
    """Checks a query.

    Raises:
        UserError: keys are unknown or missing, or values make no sense; all of them are told.
    """
    reader = Reader(query)
    reader.refuse_unknown(KEYS, _ALSO)
    python = reader.text("python", needed="the functions' Python, such as 3.12")
    python = reader.one_of("python", tuple(RUNTIMES), "3.12", _PYTHONS) if python else "3.12"
    architecture = reader.one_of("architecture", ARCHITECTURES, DEFAULT_ARCHITECTURE, _MACHINES)
    name = reader.text("name", DEFAULT_NAME)
    reader.checked("name", lambda: check_name(name), None)
    asked = Asked(
        lock=_lock(reader),
        target=Target(python, architecture),
        name=name,
        output=Path(reader.text("output", DEFAULT_OUTPUT)),
        options=_options(reader),
        wanted=_wanted(reader),
        bucket=_bucket(reader),
        prefix=_prefix(reader),
        remote=_remote(reader),
        remote_read_only=reader.flag("remote_read_only"),
        refresh=reader.flag("refresh"),
        require_hashes=reader.flag("require_hashes"),
        extras=reader.many("extra"),
        groups=reader.many("group"),
    )
    if reader.faults:
        raise UserError(*reader.faults)
    return asked


def _lock(reader: Reader) -> Path:
    text = reader.text("lock", needed="a requirements.txt, a pylock.toml or a uv.lock")
    path = Path(text)
    if text and not path.exists():
        try:
            names = [each.name for each in path.parent.iterdir() if each.is_file()]
        except OSError:
            names = []
        near = difflib.get_close_matches(path.name, names, n=1)
        meant = f"; did you mean {path.parent / near[0]}?" if near else ""
        # The current folder is named, because a relative path is only meant well from another one.
        reader.faults.append(f"lock: there is no file {text} in {Path.cwd()}{meant}")
    return path


def _options(reader: Reader) -> LayerOptions:
    return LayerOptions(
        prefer=reader.checked("prefer", lambda: preferences(reader.many("prefer")), {}),
        exclude=tuple(sorted(set(reader.many("exclude")))),
        slim=reader.flag("slim"),
        bytecode=reader.flag("bytecode"),
    )


def _wanted(reader: Reader) -> Wanted | None:
    from ..verify.sizes import MOST_LAYERS  # noqa: PLC0415 (as below)
    from ..verify.verdict import Wanted  # noqa: PLC0415 (not for what is refused, or known)

    modules, beside, layers = reader.many("require"), reader.text("beside", "0"), reader.text("layers", "1")
    asked = [key for key in ("require", "beside", "layers") if reader.text(key)]
    if layers not in map(str, range(1, MOST_LAYERS + 1)):
        reader.faults.append(
            f"layers cannot be {layers[:60]!r}; it is how many the function will have, 1 to {MOST_LAYERS}"
        )
        layers = "1"
    size = reader.checked("beside", lambda: read_size("beside", beside), 0)
    wanted = reader.checked("require", lambda: Wanted.of(modules, beside=size, layers=int(layers)), None)
    if reader.flag("verify", default=True):
        return wanted
    if asked:
        reader.faults.append(f"verify cannot be false where {' and '.join(asked)} says what is looked for")
    return None


def _bucket(reader: Reader) -> str:
    bucket = reader.text("bucket")
    if bucket and not is_bucket_name(bucket):
        meant = bucket.removeprefix("s3://").removeprefix("arn:aws:s3:::").partition("/")[0]
        rule = ", of 3 to 63 lower-case letters, digits, hyphens and single dots"
        near = f"; did you mean {meant}?" if meant != bucket and is_bucket_name(meant) else rule
        reader.faults.append(f"bucket cannot be {bucket[:80]!r}: it is a bucket's name alone{near}")
    return bucket


def _prefix(reader: Reader) -> str:
    prefix = reader.text("prefix").strip("/")
    if prefix and not reader.text("bucket"):
        reader.faults.append("prefix is of no use without bucket: it begins the object's key there")
    if not _PREFIX.fullmatch(prefix):
        reader.faults.append(f"prefix cannot be {prefix[:60]!r}: use letters, digits, / and any of !_.*'()-")
    return f"{prefix}/" if prefix else ""


def _remote(reader: Reader) -> str | None:
    remote = reader.text("remote")
    # What is wrong with a URL in the environment is told when it is used.
    if remote and not re.match(r"s3://[^/]", remote):
        reader.faults.append("remote has to be such as s3://BUCKET/PREFIX")
    return remote or None
