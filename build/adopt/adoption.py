"""From a state to a mapping: each of its resources is adopted or left with a reason, none is dropped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf

from ..errors import UserError
from .buckets import match_buckets
from .functions import match_functions
from .http_api import match_api
from .mapping import Created, Left, Mapping
from .matcher import Matcher
from .parts import parts
from .program import ADOPTABLE, FUNCTIONS, PLACES, Place
from .queue import match_queue
from .schedule import match_schedule
from .state import Found

NONE = "none"
_FUNCTION = "PythonFunction/Function/"
_OBJECT = "code and layers go through a bucket of their own with Lamina, named by their content"
# Why a resource of these types has no counterpart, whatever it is.
_WHY = {
    "aws_cloudwatch_metric_alarm": "Lamina makes alarms of its own, on what it releases",
    "aws_iam_policy": "the program's roles have inline policies alone; it stays, and stays attached",
    "aws_iam_policy_attachment": "the program attaches no managed policies; it stays attached",
    "aws_iam_role_policy_attachment": "the program attaches no managed policies; it stays attached",
    "aws_lambda_layer_version": "a layer version's identity is its content with Lamina: a new digest is a "
    "new version; this one stays, and stays attached to the function versions that were published with it",
    "aws_s3_bucket": "nothing says that the functions work with it",
    "aws_s3_object": _OBJECT,
    "aws_s3_bucket_object": _OBJECT,
    "aws_scheduler_schedule": "is no rule of EventBridge: it goes on calling what it calls, and the program "
    "makes a rule beside it, so take one of the two away",
    "aws_sqs_queue_policy": "the program's queues have no policy of their own; this one stays in force",
    "aws_sqs_queue_redrive_policy": "is a property of the queue in the program",
}
_UNLIKE = "the program has one of its kind at most for each part, and this one belongs to none of them"
_UNKNOWN = "the program has nothing of this kind; it stays as it is"


def adoption(found: Sequence[Found], given: Sequence[str] = (), stack: str = "") -> Mapping:
    """Decides what becomes of each resource.

    Args:
        found: the state's.
        given: what somebody said, each as `ADDRESS=RESOURCE`, or `ADDRESS=none` for what is to be left.
        stack: that the mapping is for.

    Raises:
        UserError: what was said names what is not there, or twice the same.
    """
    places, leave = said(found, given)
    matcher = Matcher(found, places, leave)
    known = {name: places[path] for name in FUNCTIONS if (path := f"{_FUNCTION}{name}") in places}
    by_part = parts(matcher.found, known)
    matcher.doubts += by_part.doubts
    functions = by_part.functions
    match_functions(matcher, functions)
    match_queue(matcher, functions.get("worker"))
    match_api(matcher, functions.get("api"))
    match_schedule(matcher, functions.get("cleanup"))
    match_buckets(matcher, list(functions.values()))
    matcher.leave(leave, "is left by your word")
    adopted = tuple(matcher.adopted[place.path] for place in PLACES if place.path in matcher.adopted)
    taken = {each.origin for each in adopted}
    return Mapping(
        adopted=adopted,
        # A deposed object has the address of what replaced it.
        left=tuple(
            Left(each.address, each.text("id"), _reason(each, matcher))
            for each in found
            if each.deposed or each.address not in taken
        ),
        created=tuple(
            Created(place.path, place.new or matcher.why_created.get(place.path, _why_created(place)))
            for place in PLACES
            if place.path not in matcher.adopted
        ),
        doubts=tuple(matcher.doubts),
        stack=stack,
    )


def said(found: Sequence[Found], given: Iterable[str]) -> tuple[dict[str, Found], list[Found]]:
    """Reads what somebody said of resources.

    Returns:
        The resources by place, and those that are to be left.

    Raises:
        UserError: with every fault there is.
    """
    by_address = {each.address: each for each in found if not each.deposed}
    places: dict[str, Found] = {}
    leave: list[Found] = []
    faults = []
    for text in given:
        # An index may have an equals sign in it, a path has none.
        address, _, path = text.rpartition("=")
        fault = _fault(address, path, by_address) or (f"--as names {path} twice" if path in places else "")
        if fault:
            faults.append(fault)
        elif path == NONE:
            leave.append(by_address[address])
        else:
            places[path] = by_address[address]
    if faults:
        raise UserError(*faults)
    return places, leave


def nearest(word: str, known: Iterable[str]) -> str:
    """What somebody may have meant, as the end of a sentence."""
    listed = list(known)
    near = difflib.get_close_matches(word, listed, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(listed)}"


def _fault(address: str, path: str, by_address: MappingOf[str, Found]) -> str:
    if not address:
        return f"--as {path} says nothing: write ADDRESS=RESOURCE, or ADDRESS={NONE}"
    if address not in by_address:
        return f"--as names {address}, which the state has not ({nearest(address, by_address)})"
    if path == NONE:
        return ""
    if path not in ADOPTABLE:
        return f"--as names {path}, which nothing can become ({nearest(path, ADOPTABLE)})"
    kind, wanted = by_address[address].type, ADOPTABLE[path].terraform
    return "" if kind == wanted else f"--as makes {address} {path}, which only an {wanted} can become"


def _why_created(place: Place) -> str:
    if place.kind == "RolePolicy":
        return "is not adopted, so that no right of what is live is taken away"
    return "is not in the state"


def _reason(found: Found, matcher: Matcher) -> str:
    if found.deposed:
        return "is deposed: what a replacement left behind and Terraform would delete"
    said_so = matcher.why_left.get(found.address)
    known = {place.terraform for place in ADOPTABLE.values()}
    return said_so or _WHY.get(found.type) or (_UNLIKE if found.type in known else _UNKNOWN)
