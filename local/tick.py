"""`python -m local tick`: fires the schedule of the local stack, as if its time had come."""

from __future__ import annotations

import http.client
import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cloud import CloudError
from .place import environment

_USERS_MISTAKE = 2


def tick(project: Path, *, rule: str | None = None, as_json: bool = False) -> int:
    """Fires every enabled rule with a schedule, or one rule, and tells what came of each target.

    Args:
        project: the folder of Pulumi.yaml.
        rule: the name of the only rule to fire.
        as_json: print one JSON object, `{"fired": [...]}`, instead of lines.

    Returns:
        0 when every target was reached and its function returned; 1 when one was not, failed, or there is
        nothing to fire; 2 when there is no such rule.

    Raises:
        DeployError: the embedded AWS is not running, or the folder holds no project.
        CloudError: it ended meanwhile.
    """
    fired = _fired(environment(project)["AWS_ENDPOINT_URL"], rule)
    if as_json:
        sys.stdout.write(json.dumps({"fired": fired}, indent=2) + "\n")
    if not fired and rule is not None:
        sys.stderr.write(f"error: there is no rule {rule} with a schedule\n")
        return _USERS_MISTAKE
    if not fired:
        sys.stderr.write("error: no enabled rule has a schedule, so there is nothing to fire\n")
        return 1
    for each in fired:
        if each["fault"] is not None:
            sys.stderr.write(f"error: {line_of(each)}\n")
        elif not as_json:
            sys.stdout.write(f"{line_of(each)}\n")
    return int(any(each["fault"] is not None for each in fired))


def line_of(fired: Mapping[str, Any]) -> str:
    """Says what came of one target.

    Args:
        fired: the members of `local.aws.ticks.Fired`.

    Returns:
        Such as `cleanup, rate(1 day): demo-cleanup:live, version 3, answered {"deleted": 2}`.
    """
    function = fired["target"].partition(":function:")[2] or fired["target"]
    version = f", version {fired['version']}," if fired["version"] else ""
    said = f"answered {fired['answer']}" if fired["fault"] is None else fired["fault"]
    what = f"{function}{version}{' ' if version else ': '}" if function else ""
    return f"{fired['rule']}, {fired['schedule']}: {what}{said}"


def _fired(endpoint: str, rule: str | None) -> list[dict[str, Any]]:
    query = f"?{urllib.parse.urlencode({'rule': rule})}" if rule is not None else ""
    # Proxies of the environment are not meant for the loopback interface.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{endpoint}/_lamina/tick{query}", data=b"") as answer:
            fired: list[dict[str, Any]] = json.load(answer)["fired"]
            return fired
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise CloudError(f"the embedded AWS did not fire the schedule: {error}") from error
