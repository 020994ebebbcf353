"""The process that runs the program: `python -m local.engine.host`, its settings as JSON in a variable."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import runpy
import sys
import traceback

import pulumi
import pulumi.log
import pulumi.runtime

from .errors import UnsupportedError

# Settings arrive under this name; what the SDK itself reads (PULUMI_CONFIG and its like) stands beside it.
VARIABLE = "LAMINA_ENGINE_HOST"
# How the SDK ends what a call raises when the engine has ended the run; the engine has told why.
_ENDED = "Resource monitor has terminated, shutting down"

# What the SDK says where the monitor does not announce a feature.
_LACKING = re.compile(r"The Pulumi CLI does not support (?:the )?(.+?)\. Please update")


def main() -> int:
    """Runs `__main__.py` of the current folder as Pulumi's own host does.

    Returns:
        0, or 1 after an error, which the engine has been told.
    """
    given = json.loads(os.environ.pop(VARIABLE))
    program = given.pop("program")
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), list(pulumi.runtime.get_config_secret_keys_env())
    )
    pulumi.runtime.configure(pulumi.runtime.Settings(**given))
    # A run that fails leaves futures that nobody looks at, and asyncio would tell of each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.argv = [program]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _run(program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
    except Exception as error:  # noqa: BLE001  (whatever the program raises is the user's to read)
        lacking = _LACKING.search(str(error))
        if str(error).endswith(_ENDED):
            pulumi.log.error(_ENDED)
        elif lacking:
            pulumi.log.error(str(UnsupportedError(lacking[1])))
        else:
            pulumi.log.error("Program failed with an unhandled exception:\n" + _own_traceback(program))
    else:
        return 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 1


def _run(program: str) -> None:
    runpy.run_path(program, run_name="__main__")


def _own_traceback(program: str) -> str:
    """The traceback from the program's first line on: what stands above it is this host."""
    folder = os.path.realpath(program)
    frames = traceback.extract_tb(sys.exc_info()[2])
    own = next(
        (index for index, frame in enumerate(frames) if os.path.realpath(frame.filename).startswith(folder)),
        0,
    )
    return traceback.format_exc(limit=own - len(frames))


if __name__ == "__main__":
    sys.exit(main())
