"""The state on disk: one file a stack, in the format of `pulumi stack export`; one run at a time."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .crypt import Crypter
from .errors import EngineError
from .state import Operation, Resource, Snapshot
from .values import SECRET, SIGNATURE, Properties, is_secret, mapped

_VERSION = 3
# pkg/resource/stack/deployment.go: a state with one of some features has this version, and names them.
_WITH_FEATURES = 4
# The hooks' names at each resource, which the program registers anew in every run.
_READABLE = frozenset({"hooks"})


class Storage:
    """The file of one stack."""

    def __init__(self, folder: Path, project: str, stack: str) -> None:
        """Takes the folder that holds all stacks' files."""
        self._path = folder / project / f"{stack}.json"
        self._stack = stack

    def exists(self) -> bool:
        """Whether the stack was ever saved."""
        return self._path.exists()

    def load(self, crypter_salt: str | None) -> tuple[Snapshot, Crypter]:
        """Reads the stack's state.

        Args:
            crypter_salt: of the stack's settings file, which seals from now on; the state's own opens.

        Returns:
            The state, empty where there is none, and what opens and seals its secrets.

        Raises:
            EngineError: the file cannot be read.
        """
        deployment = self._read().get("deployment") or {}
        provided = (deployment.get("secrets_providers") or {}).get("state") or {}
        salt = provided.get("salt")
        opener = Crypter(salt or crypter_salt)
        snapshot = Snapshot([_resource(each, opener) for each in deployment.get("resources") or ()])
        for each in deployment.get("pending_operations") or ():
            snapshot.operations.append(Operation(each["type"], _resource(each["resource"], opener)))
        # Another program may have put a salt of its own into the settings file since the state was sealed.
        return snapshot, opener if crypter_salt in (None, opener.salt) else Crypter(crypter_salt)

    def save(self, snapshot: Snapshot, crypter: Crypter) -> None:
        """Writes the state whole, or leaves the file as it was.

        Raises:
            EngineError: it cannot be written.
        """
        # On one line: a run saves after every step, and indenting takes Python longer than all the rest.
        written = json.dumps(exported(snapshot, crypter))
        temporary = self._path.with_name(self._path.name + ".tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as out:
                out.write(written + "\n")
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self._path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise EngineError(f"the state {self._path} cannot be saved: {error.strerror or error}") from error

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other runs of this stack out; the operating system lets go when the process ends, however.

        Raises:
            EngineError: another run has it.
        """
        path = self._path.with_name(self._path.name + ".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                held.seek(0)
                raise EngineError(
                    f"another run has the stack {self._stack} (process {held.read().strip() or 'unknown'}); "
                    "wait until it ends"
                ) from error
            held.truncate(0)
            held.write(str(os.getpid()))
            held.flush()
            yield

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise EngineError(
                f"the state {self._path} cannot be read: {error}; put back a good one, or start over with "
                "`make down`"
            ) from error
        if not isinstance(content, dict) or content.get("version") not in (_VERSION, _WITH_FEATURES):
            raise EngineError(
                f"the state {self._path} is not a deployment of version {_VERSION} or {_WITH_FEATURES}"
            )
        unknown = sorted(set(content.get("features") or ()) - _READABLE)
        if unknown:
            raise EngineError(
                f"the state {self._path} has what the stand-in does not know: {', '.join(unknown)}"
            )
        return content


def exported(snapshot: Snapshot, crypter: Crypter, *, in_clear: bool = False) -> Properties:
    """The state as `pulumi stack export` has it (sdk/go/common/apitype/core.go, UntypedDeployment).

    Args:
        snapshot: the state.
        crypter: seals its secrets.
        in_clear: write them readable instead.
    """

    def written(resource: Resource) -> Properties:
        content = resource.as_json()
        sealed: Properties = _in_clear(content) if in_clear else crypter.sealed(content)
        return sealed

    resources = [written(each) for each in snapshot.written()]
    operations = [{"resource": written(each.resource), "type": each.type} for each in snapshot.operations]
    deployment: Properties = {
        "manifest": {"time": "0001-01-01T00:00:00Z", "magic": "", "version": ""},
        "resources": resources,
        "metadata": {},
    }
    if operations:
        deployment["pending_operations"] = operations
    if crypter.salt:
        deployment["secrets_providers"] = {"type": "passphrase", "state": {"salt": crypter.salt}}
    return {"version": _VERSION, "deployment": deployment}


def _resource(written: Properties, crypter: Crypter) -> Resource:
    return Resource.from_json(crypter.unsealed(written))


def _in_clear(value: Any) -> Any:
    def clear(each: Any) -> Any:
        if is_secret(each) and "value" in each:
            return {SIGNATURE: SECRET, "plaintext": json.dumps(each["value"])}
        return each

    return mapped(value, clear)
