"""What calls the functions of a state: the queue's mapping, the HTTP API, the schedule."""

from __future__ import annotations

from collections.abc import Sequence

from .functions import HALF, LIVE
from .matcher import Matcher, own_id
from .references import called, name_of, named, refers
from .state import Found

DEFAULT = "$default"
_INVOKE = "lambda:InvokeFunction"
# What the program's permissions leave open, and a permission may not have.
_NARROWER = ("event_source_token", "function_url_auth_type", "principal_org_id", "source_account")


def match_queue(matcher: Matcher, worker: Found | None) -> None:
    """Matches the queue, its dead-letter queue and the mapping to the worker."""
    mappings = [
        each
        for each in matcher.all("aws_lambda_event_source_mapping")
        if worker is not None and refers(called(each), worker) and ":sqs:" in each.text("event_source_arn")
    ]
    sources = {each.text("event_source_arn") for each in mappings}
    queue = matcher.take(
        "WorkQueue/Queue/thumbnails",
        [each for each in matcher.all("aws_sqs_queue") if each.text("arn") in sources],
        identity=_url,
        name=_queue_name,
        unfit=_fifo,
    )
    target = _dead_letter(matcher, queue) if queue else ""
    matcher.take(
        "WorkQueue/Queue/thumbnails-dead",
        [each for each in matcher.all("aws_sqs_queue") if each.text("arn") == target],
        identity=_url,
        name=_queue_name,
        unfit=_fifo,
    )
    matcher.take(
        "QueueWorker/EventSourceMapping/thumbnails",
        [each for each in mappings if queue is None or each.text("event_source_arn") == queue.text("arn")],
        identity=lambda mapping: mapping.text("uuid") or own_id(mapping),
        unfit=lambda mapping: _other_queue(mapping, queue),
        notes=_unqualified,
    )


def match_api(matcher: Matcher, function: Found | None) -> None:
    """Matches the HTTP API with all that the program has of one, and who may call the function for it."""
    integrations = [
        each
        for each in matcher.all("aws_apigatewayv2_integration")
        if function is not None and refers(called(each), function)
    ]
    ids = {each.text("api_id") for each in integrations}
    api = matcher.take(
        "HttpApi/Api/api",
        [each for each in matcher.all("aws_apigatewayv2_api") if own_id(each) in ids],
        identity=own_id,
        name=lambda each: each.text("name"),
        unfit=_unfit_api,
    )
    if api is None or function is None:
        return

    def of_api(kind: str) -> list[Found]:
        return [each for each in matcher.all(kind) if each.text("api_id") == own_id(api)]

    def within(each: Found) -> str:
        return f"{own_id(api)}/{own_id(each)}"

    integration = matcher.take(
        "HttpApi/Integration/api",
        [each for each in integrations if each.text("api_id") == own_id(api)],
        identity=within,
        unfit=lambda each: _other_api(each, api) or _unfit_integration(each),
        notes=_unqualified,
    )
    routes = of_api("aws_apigatewayv2_route")
    matcher.take(
        "HttpApi/Route/api",
        _route(routes, integration),
        identity=within,
        unfit=lambda each: _other_api(each, api),
    )
    matcher.leave(
        routes, "the program has one route, $default; this one stays beside it and goes where it went"
    )
    stages = of_api("aws_apigatewayv2_stage")
    stage = matcher.take(
        "HttpApi/Stage/api",
        [each for each in stages if each.text("name") == DEFAULT],
        identity=lambda each: f"{own_id(api)}/{each.text('name')}",
        unfit=lambda each: _other_api(each, api) or _other_stage(each),
    )
    matcher.leave(stages, "the program's stage is $default, and AWS cannot rename one; its address goes on")
    logs = stage.block("access_log_settings").get("destination_arn") if stage else None
    matcher.take(
        "HttpApi/LogGroup/api",
        [
            each
            for each in matcher.all("aws_cloudwatch_log_group")
            if isinstance(logs, str) and each.text("arn").removesuffix(":*") == logs.removesuffix(":*")
        ],
        identity=own_id,
        name=own_id,
    )
    _permission(
        matcher,
        "HttpApi/Permission/api",
        function,
        f"{api.text('execution_arn')}/*/*",
        "apigateway.amazonaws.com",
    )


def match_schedule(matcher: Matcher, cleanup: Found | None) -> None:
    """Matches the rule that calls the cleanup function, its target, and its permission."""
    targets = [
        each
        for each in matcher.all("aws_cloudwatch_event_target")
        if cleanup is not None and refers(called(each), cleanup)
    ]
    rules = {each.text("rule") for each in targets}
    rule = matcher.take(
        "Schedule/EventRule/cleanup",
        [each for each in matcher.all("aws_cloudwatch_event_rule") if each.text("name") in rules],
        identity=lambda each: each.text("name"),
        name=lambda each: each.text("name"),
        unfit=lambda each: _other_bus(each) or _shared_rule(matcher, each, targets),
    )
    if rule is None or cleanup is None:
        return
    matcher.take(
        "Schedule/EventTarget/cleanup",
        [each for each in targets if each.text("rule") == rule.text("name")],
        identity=lambda each: f"{each.text('rule')}/{each.text('target_id')}",
        name=lambda each: each.text("target_id"),
        unfit=lambda each: _other_rule(each, rule),
        notes=_unqualified,
    )
    _permission(matcher, "Schedule/Permission/cleanup", cleanup, rule.text("arn"), "events.amazonaws.com")


def _permission(matcher: Matcher, path: str, function: Found, source_arn: str, principal: str) -> None:
    """A permission is never changed, only replaced: it is adopted if it is what the program grants."""
    wanted = {
        "action": _INVOKE,
        "principal": principal,
        "qualifier": LIVE,
        "source_arn": source_arn,
        **dict.fromkeys(_NARROWER, ""),
    }

    def unlike(found: Found) -> str:
        told = [
            f"its {name} is {found.text(name) or 'none'}, not {value or 'none'}"
            for name, value in wanted.items()
            if found.text(name) != value
        ]
        return f"{' and '.join(told)}, which AWS cannot change" if told else ""

    candidates = [
        each
        for each in matcher.all("aws_lambda_permission")
        if refers(each.text("function_name"), function) and each.text("principal") == principal
    ]
    alike = [each for each in candidates if not unlike(each)]
    matcher.take(
        path,
        alike[:1] or candidates[:1],
        identity=lambda each: f"{name_of(function)}:{LIVE}/{each.text('statement_id')}",
        name=lambda each: each.text("statement_id"),
        unfit=unlike,
    )


def _route(routes: Sequence[Found], integration: Found | None) -> list[Found]:
    """The route for everything, or else the only one that goes to the integration."""
    everything = [each for each in routes if each.text("route_key") == DEFAULT]
    target = f"integrations/{own_id(integration)}" if integration else ""
    going = [each for each in routes if target and each.text("target") == target]
    return everything or (going if len(going) == 1 else [])


def _unqualified(found: Found) -> list[str]:
    if named(called(found))[1]:
        return []
    return [
        f"calls the function itself and no alias: {HALF}; let it call an alias of a published version first"
    ]


def _unfit_api(api: Found) -> str:
    told = [
        f"its {name} is {api.text(name)}, not {wanted or 'none'}"
        for name, wanted in (
            ("protocol_type", "HTTP"),
            ("route_key", ""),
            ("target", ""),
            ("credentials_arn", ""),
        )
        if api.text(name) != wanted
    ]
    return f"{' and '.join(told)}, which AWS cannot change" if told else ""


def _unfit_integration(integration: Found) -> str:
    kind = integration.text("integration_type")
    return (
        ""
        if kind == "AWS_PROXY"
        else f"its integration_type is {kind}, not AWS_PROXY, which AWS cannot change"
    )


def _fifo(queue: Found) -> str:
    return (
        "its fifo_queue is true, not false, which AWS cannot change" if queue.values.get("fifo_queue") else ""
    )


def _other_queue(mapping: Found, queue: Found | None) -> str:
    own, wanted = mapping.text("event_source_arn"), queue.text("arn") if queue else "that of a new queue"
    return "" if own == wanted else f"its event_source_arn is {own}, not {wanted}, which AWS cannot change"


def _dead_letter(matcher: Matcher, queue: Found) -> str:
    """The ARN of a queue's dead-letter queue, which may be said by a resource of its own; empty for none."""
    policies = [queue, *matcher.all("aws_sqs_queue_redrive_policy")]
    found = (
        each.document("redrive_policy").get("deadLetterTargetArn")
        for each in policies
        if each is queue or each.text("queue_url") == _url(queue)
    )
    return next((each for each in found if isinstance(each, str)), "")


def _shared_rule(matcher: Matcher, rule: Found, targets: Sequence[Found]) -> str:
    others = [
        each
        for each in matcher.all("aws_cloudwatch_event_target")
        if each.text("rule") == rule.text("name") and each not in targets
    ]
    if not others:
        return ""
    return (
        f"it calls {', '.join(each.text('arn') for each in others)} as well, whose times would change with it"
    )


def _other_bus(rule: Found) -> str:
    bus = rule.text("event_bus_name") or "default"
    return "" if bus == "default" else f"its event_bus_name is {bus}, not default, which AWS cannot change"


def _url(queue: Found) -> str:
    return queue.text("url") or own_id(queue)


def _queue_name(queue: Found) -> str:
    return queue.text("name") or _url(queue).rpartition("/")[2]


def _other_api(found: Found, api: Found) -> str:
    own, wanted = found.text("api_id"), own_id(api)
    return "" if own == wanted else f"its api_id is {own}, not {wanted}, which AWS cannot change"


def _other_stage(stage: Found) -> str:
    name = stage.text("name")
    return "" if name == DEFAULT else f"its name is {name}, not {DEFAULT}, which AWS cannot change"


def _other_rule(target: Found, rule: Found) -> str:
    own, wanted = target.text("rule"), rule.text("name")
    return "" if own == wanted else f"its rule is {own}, not {wanted}, which AWS cannot change"
