"""Permissions of a state: AWS never changes one, so it is adopted if it is what the program grants."""

from __future__ import annotations

from .functions import LIVE
from .immutable import unlike
from .matcher import Matcher
from .references import name_of, refers
from .state import Found

# What the program's permissions leave open, and a permission may not have.
_NARROWER = ("event_source_token", "function_url_auth_type", "principal_org_id", "source_account")


def match_permission(matcher: Matcher, path: str, function: Found, source_arn: str, principal: str) -> None:
    """Matches the permission for a service to call a function's alias.

    Args:
        matcher: what was decided so far.
        path: of the place.
        function: that is called.
        source_arn: for what the service may call it.
        principal: the service.
    """
    wanted = {
        "action": "lambda:InvokeFunction",
        "principal": principal,
        "qualifier": LIVE,
        "source_arn": source_arn,
        **dict.fromkeys(_NARROWER, ""),
    }
    candidates = [
        each
        for each in matcher.all("aws_lambda_permission")
        if refers(each.text("function_name"), function) and each.text("principal") == principal
    ]
    alike = [each for each in candidates if not unlike(each, wanted)]
    matcher.take(
        path,
        # Of several that grant the same, one is enough.
        alike[:1] or candidates[:1],
        identity=lambda each: f"{name_of(function)}:{LIVE}/{each.text('statement_id')}",
        name=lambda each: each.text("statement_id"),
        unfit=lambda each: unlike(each, wanted),
    )
