"""The command `gc`: which versions of a layer in AWS nobody needs any more, and their deletion."""

from __future__ import annotations

import argparse
import json
import re
from typing import TYPE_CHECKING

from ..console import answer
from ..errors import FailureError, UserError, all_faults
from .sizes import read_age

if TYPE_CHECKING:
    from ..gc.cloud import Cloud
    from ..gc.plan import Asked, Plan

# A release takes minutes, one that waits for somebody's approval perhaps a night.
_DEFAULT_AGE = "24h"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,140}")


def fill(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.description = (
        "Says which versions of a layer, beyond the newest N, no function version and no alias of the "
        "account and region refers to, and deletes them if told so. What is shared with another account "
        "stays."
    )
    parser.add_argument("--layer", metavar="NAME", required=True, help="the layer's name in AWS")
    parser.add_argument(
        "--keep",
        metavar="N",
        type=int,
        required=True,
        help="how many of the newest versions stay in any case: of the layer, and of each function",
    )
    parser.add_argument("--yes", action="store_true", help="delete; without it nothing is changed")
    parser.add_argument(
        "--min-age",
        metavar="AGE",
        default=_DEFAULT_AGE,
        help="what is younger stays, because a release may be about to use it: such as 12h or 7d "
        "(default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    _add_more(parser)
    group = parser.add_argument_group("where (default: where boto3 looks)")
    group.add_argument("--region", metavar="REGION", help="of AWS")
    group.add_argument("--profile", metavar="NAME", help="of the AWS configuration")


def _add_more(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what else may go")
    group.add_argument(
        "--functions",
        action="store_true",
        help="published versions of the stack's functions with this layer that no alias points to, that "
        "nothing calls directly and that are not in the ledger of releases",
    )
    group.add_argument(
        "--objects",
        action="store_true",
        help="artifacts in the stack's bucket that no layer version and no function version was made of",
    )
    group.add_argument(
        "--apis",
        action="store_true",
        help="HTTP APIs of the stack that have no integration and that no function of it lets in: what a "
        "creation leaves whose reply was lost",
    )
    group.add_argument(
        "--bucket", metavar="BUCKET", help="the artifacts bucket (default: that of the functions' tags)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Says what may go, and deletes it with `--yes`.

    Returns:
        0.

    Raises:
        UserError: there is no such layer, or the arguments make no sense.
        FailureError: AWS refuses; then all that is deleted is told before.
    """
    import gc  # noqa: PLC0415 (a build gets by without)

    # This runs for long and makes many cycles, unlike the builds for which `__main__` turns it off.
    gc.enable()
    asked = _asked(arguments)
    from ..gc.cloud import Cloud  # noqa: PLC0415 (boto3 takes long to load, and no other command needs it)
    from ..gc.plan import make_plan  # noqa: PLC0415 (as above)
    from ..gc.table import as_json, table  # noqa: PLC0415 (as above)
    from ..progress import progress_for_terminal  # noqa: PLC0415 (as above)

    cloud = Cloud(region=arguments.region, profile=arguments.profile)
    plan = make_plan(cloud, asked, progress_for_terminal())
    if arguments.yes and plan.removals:
        return _delete(arguments, cloud, plan)
    answer(f"{json.dumps(as_json(plan), indent=1)}\n" if arguments.json else table(plan))
    return 0


def _asked(arguments: argparse.Namespace) -> Asked:
    import time  # noqa: PLC0415 (as in run)

    from ..gc.decision import Rules  # noqa: PLC0415 (as in run)
    from ..gc.plan import Asked  # noqa: PLC0415 (as in run)

    if not _NAME.fullmatch(arguments.layer):
        raise UserError(f"--layer {arguments.layer}: write the layer's name alone, such as shop-prod-deps")
    if arguments.keep < 0:
        raise UserError(f"--keep {arguments.keep}: it is a number of versions, 0 or more")
    if arguments.bucket is not None and not arguments.objects:
        raise UserError("--bucket says where artifacts are: add --objects, or leave it out")
    age = read_age("--min-age", arguments.min_age)
    return Asked(
        arguments.layer,
        Rules(arguments.keep, time.time() - age),
        functions=arguments.functions,
        objects=arguments.objects,
        apis=arguments.apis,
        bucket=arguments.bucket,
    )


def _delete(arguments: argparse.Namespace, cloud: Cloud, plan: Plan) -> int:
    from ..gc.deletion import Deletion  # noqa: PLC0415 (as in run)
    from ..gc.listing import usage  # noqa: PLC0415 (as in run)
    from ..gc.table import as_json, table  # noqa: PLC0415 (as in run)
    from ..progress import progress_for_terminal  # noqa: PLC0415 (as in run)

    deletion = Deletion(cloud, plan)
    now = None
    try:
        deletion.run(progress_for_terminal())
        if not deletion.outcome.failures:
            now = usage(cloud)
    finally:
        # Also after Ctrl-C: what is gone is gone, and somebody will want to know.
        outcome = deletion.outcome
        told = as_json(plan, outcome, now) if arguments.json else None
        answer(table(plan, outcome, now) if told is None else f"{json.dumps(told, indent=1)}\n")
    if outcome.failures:
        raise FailureError(f"{all_faults(outcome.failures)}; run it again to go on")
    return 0
