"""The three functions of a state with what is theirs alone: role, rights, log group, alias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .immutable import unlike
from .matcher import Matcher, own_id
from .program import FUNCTIONS
from .references import HALF, name_of, refers
from .state import Found

LIVE = "live"
# The program's, of all its log groups.
RETENTION_DAYS = 30
# Lambda's own, in MB: "Configure ephemeral storage", AWS Lambda Developer Guide.
EPHEMERAL_STORAGE = 512
_QUEUES = ("QueueWorker/RolePolicy/thumbnails",)
# The inputs of the program's functions in no network, with neither key nor limit nor queue of their own.
_UNSET = {
    "vpc_config": "takes it out of its VPC",
    "dead_letter_config": "takes its dead-letter target away",
    "file_system_config": "takes its file system away",
    "kms_key_arn": "has Lambda's own key seal its variables",
    "code_signing_config_arn": "takes its code signing away",
}


def match_functions(matcher: Matcher, functions: Mapping[str, Found]) -> None:
    """Matches the functions, by their parts, and what each needs."""
    for part in FUNCTIONS:
        if part in functions:
            _function(matcher, part, functions[part])


def _function(matcher: Matcher, part: str, function: Found) -> None:
    taken = matcher.take(
        f"PythonFunction/Function/{part}",
        [function],
        identity=name_of,
        name=name_of,
        unfit=lambda each: unlike(each, {"package_type": "Zip"}, default=True),
        notes=changes,
    )
    if taken is None:
        matcher.leave(_groups(matcher, function), "is of a function that is not adopted")
        return
    _alias(matcher, part, function)
    matcher.take(
        f"PythonFunction/LogGroup/{part}",
        _groups(matcher, function),
        identity=own_id,
        name=own_id,
        unfit=lambda group: _shared_group(matcher, group),
        notes=expiring,
    )
    role = matcher.take(
        f"PythonFunction/Role/{part}",
        [each for each in matcher.all("aws_iam_role") if each.text("arn") == function.text("role")],
        identity=own_id,
        name=own_id,
        unfit=lambda role: _unfit_role(matcher, role),
        notes=lambda role: _unmanaged(matcher, role),
    )
    if role is not None:
        _policies(matcher, part, role)


def expiring(group: Found) -> list[str]:
    """What people should know of a log group that is kept for longer than the program keeps it."""
    days = group.values.get("retention_in_days") or 0
    if isinstance(days, int) and 0 < days <= RETENTION_DAYS:
        return []
    kept = f"{days} days" if days else "ever"
    return [f"the first up keeps its logs for {RETENTION_DAYS} days and not for {kept}: older ones go"]


def changes(function: Found) -> list[str]:
    """What the first `up` changes of a function beyond its code and its layer, in sentences."""
    told = [
        f"the first up {what}: the program has no {name}"
        for name, what in _UNSET.items()
        if function.block(name) or function.text(name)
    ]
    reserved = function.values.get("reserved_concurrent_executions")
    if isinstance(reserved, int) and reserved >= 0:
        told.append(f"the first up takes its reserved concurrency of {reserved} away: the program has none")
    if function.block("snap_start").get("apply_on") == "PublishedVersions":
        told.append("the first up publishes its versions without SnapStart: the program has no snap_start")
    storage = function.block("ephemeral_storage").get("size")
    if isinstance(storage, int) and storage != EPHEMERAL_STORAGE:
        # Of an input that is not set, the provider keeps what AWS has.
        told.append(
            f"its /tmp keeps its {storage} MB, though the program has no ephemeral_storage: made anew, it "
            f"would have {EPHEMERAL_STORAGE}"
        )
    variables = function.block("environment").get("variables")
    if isinstance(variables, Mapping) and variables:
        # Names alone: values may be secrets.
        told.append(
            f"the first up takes its environment variables away ({', '.join(sorted(variables))}): what the "
            "program's code needs of them goes into the stack's settings as lamina:env.FUNCTION.NAME"
        )
    return told


def _alias(matcher: Matcher, part: str, function: Found) -> None:
    aliases = [
        each for each in matcher.all("aws_lambda_alias") if refers(each.text("function_name"), function)
    ]
    matcher.take(
        f"Release/Alias/release-{part}-{LIVE}",
        [each for each in aliases if each.text("name") == LIVE],
        identity=lambda alias: f"{name_of(function)}/{alias.text('name')}",
        unfit=lambda alias: _unfit_alias(alias, function),
        notes=lambda alias: [*_unpublished(alias), *_provisioned(matcher, alias, function)],
    )
    for each in aliases:
        if each.text("name") != LIVE:
            matcher.leave(
                [each], f"the program's alias is called {LIVE}, not {each.text('name')}, and is made anew"
            )


def _unpublished(alias: Found) -> list[str]:
    if alias.text("function_version") != "$LATEST":
        return []
    return [f"points to $LATEST: {HALF}; publish a version and point the alias to it first"]


def _provisioned(matcher: Matcher, alias: Found, function: Found) -> list[str]:
    """What people should know of environments that are kept ready for an alias.

    They stay the alias's, and Lambda allocates them anew for each version that it comes to point to
    ("Configuring provisioned concurrency", AWS Lambda Developer Guide).
    """
    told = []
    for each in matcher.all("aws_lambda_provisioned_concurrency_config"):
        count = each.values.get("provisioned_concurrent_executions")
        if refers(each.text("function_name"), function) and each.text("qualifier") == alias.text("name"):
            told.append(
                f"{each.address} keeps {f'{count} ' if isinstance(count, int) else ''}environments ready for "
                "it: the program has no provisioned concurrency, so that stays with Terraform, and Lambda "
                "allocates it anew for each version that goes live"
            )
    return told


def _unfit_alias(alias: Found, function: Found) -> str:
    if refers(alias.text("function_name"), function):
        return unlike(alias, {"name": LIVE})
    return unlike(alias, {"function_name": name_of(function)})


def _groups(matcher: Matcher, function: Found) -> list[Found]:
    """The log group that the function says it has, or that Lambda gives it."""
    said = function.block("logging_config").get("log_group")
    wanted = said if isinstance(said, str) and said else f"/aws/lambda/{name_of(function)}"
    return [each for each in matcher.all("aws_cloudwatch_log_group") if each.text("name") == wanted]


def _shared_group(matcher: Matcher, group: Found) -> str:
    users = [
        each
        for each in matcher.found
        if each.type == "aws_lambda_function"
        and each.block("logging_config").get("log_group") == group.text("name")
    ]
    return _shared(users)


def _unfit_role(matcher: Matcher, role: Found) -> str:
    users = [
        each
        for each in matcher.found
        if each.type == "aws_lambda_function" and each.text("role") == role.text("arn")
    ]
    return _shared(users) or unlike(role, {"path": "/"}, default=True)


def _unmanaged(matcher: Matcher, role: Found) -> list[str]:
    """The inline policies of a role that no resource of the state stands for."""
    blocks = role.values.get("inline_policy")
    names = (
        [each.get("name") for each in blocks if isinstance(each, Mapping)] if isinstance(blocks, list) else []
    )
    own = {
        each.text("name")
        for each in matcher.all("aws_iam_role_policy")
        if each.text("role") == role.text("name")
    }
    more = sorted({each for each in names if isinstance(each, str) and each} - own)
    return [f"its inline policies {', '.join(more)} stay on it: no resource stands for them"] if more else []


def _shared(users: Sequence[Found]) -> str:
    if len(users) < 2:
        return ""
    names = ", ".join(sorted(map(name_of, users)))
    return f"it is shared by {names}, and the program gives each function its own"


def _policies(matcher: Matcher, part: str, role: Found) -> None:
    """The role's inline policies stay, as what is live needs their rights until the release has passed.

    The program's own come beside them. Whoever knows that they grant no less can say that one is adopted.
    """
    for path in (f"PythonFunction/RolePolicy/{part}", *(_QUEUES if part == "worker" else ())):
        matcher.take(
            path,
            [],
            identity=lambda policy: f"{policy.text('role')}:{policy.text('name')}",
            name=lambda policy: policy.text("name"),
            unfit=lambda policy: unlike(policy, {"role": role.text("name")}),
        )
    matcher.leave(
        [each for each in matcher.all("aws_iam_role_policy") if each.text("role") == role.text("name")],
        "the versions that are live need its rights until the release has passed: the program puts a policy "
        "of its own beside it; delete this one afterwards",
    )
