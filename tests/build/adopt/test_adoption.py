"""What becomes of a state: parts are told apart by more than names, and nothing is dropped in silence."""

from __future__ import annotations

import copy
import json
import shlex
from typing import Any

import pytest

from build.adopt.program import PLACES
from build.adopt.state import read_state
from build.errors import UserError

from .states import FUNCTIONS, State, adopted, created, left, parts, resource

RULE = "arn:aws:events:us-west-2:123456789012:rule/shop-nightly"
API, WORKER = 'module.service.aws_lambda_function.this["api.v1"]', "PythonFunction/Function/worker"


@pytest.fixture
def state() -> State:
    return State()


def test_a_whole_service_becomes_the_programs(state: State) -> None:
    mapping = state.adopt()
    ids = {each.resource: each.id for each in mapping.adopted}
    assert ids == ids | {
        "PythonFunction/Function/api": "shop-api",
        "Release/Alias/release-cleanup-live": "shop-cleanup/live",
        "WorkQueue/Queue/thumbnails-dead": "https://sqs.us-west-2.amazonaws.com/123456789012/shop-jobs-dead",
        "HttpApi/Route/api": "cdyveawc/uattmqdh",
        "HttpApi/Stage/api": "cdyveawc/$default",
        "HttpApi/Permission/api": "shop-api:live/AllowApi",
        "Schedule/EventTarget/cleanup": "shop-nightly/cleanup",
        "PrivateBucket/BucketVersioning/pictures": "shop-pictures",
    }
    assert (len(mapping.adopted), mapping.doubts) == (27, ())


def test_every_resource_and_every_place_is_in_the_mapping_once(state: State) -> None:
    mapping = state.adopt()
    addresses = [each.origin for each in mapping.adopted] + [each.origin for each in mapping.left]
    assert sorted(addresses) == sorted(each.address for each in read_state(state.bytes(), "state"))
    paths = [each.resource for each in mapping.adopted] + [each.resource for each in mapping.created]
    assert sorted(paths) == sorted(place.path for place in PLACES)
    reasons = [each.reason for each in mapping.left] + [each.reason for each in mapping.created]
    assert all(reasons)


def test_a_layer_version_is_left_as_its_content_is_its_identity(state: State) -> None:
    assert "its content with Lamina" in left(state.adopt(), "aws_lambda_layer_version.deps")


def test_rights_of_what_is_live_stay_until_somebody_says_that_the_program_grants_them(state: State) -> None:
    address, path = "module.service.aws_iam_role_policy.consume", "QueueWorker/RolePolicy/thumbnails"
    mapping = state.adopt()
    assert "need its rights until the release has passed" in left(mapping, address)
    assert created(mapping, path) == "is not adopted, so that no right of what is live is taken away"
    found = adopted(state.adopt(f"{address}={path}"), path)
    assert found is not None
    assert (found.id, found.name) == ("shop-worker:consume", "consume")


def test_a_policy_of_another_role_is_not_adopted(state: State) -> None:
    path = "PythonFunction/RolePolicy/api"
    mapping = state.adopt(f'module.service.aws_iam_role_policy.this["worker.v1"]={path}')
    assert "its role is shop-worker, not shop-api, which AWS cannot change" in created(mapping, path)


def test_functions_are_told_by_what_calls_them_whatever_they_are_called(state: State) -> None:
    names = {"api": "alpha", "worker": "beta", "cleanup": "gamma"}
    text = json.dumps(state.content)
    for part, name in names.items():
        text = text.replace(f"shop-{part}", f"shop-{name}").replace(f"handlers.{part}.", f"handlers.{name}.")
    state.content = json.loads(text)
    mapping = state.adopt()
    found = {part: adopted(mapping, f"PythonFunction/Function/{part}") for part in names}
    assert {part: each and each.id for part, each in found.items()} == {
        part: f"shop-{name}" for part, name in names.items()
    }


def test_functions_are_told_by_handler_and_name_where_nothing_calls_them(state: State) -> None:
    state.drop(
        "aws_lambda_event_source_mapping.worker",
        "aws_apigatewayv2_integration.api",
        "aws_cloudwatch_event_target.nightly",
    )
    state.change(FUNCTIONS, "worker.v1", handler="jobs.queue_consumer.main", function_name="shop-two")
    mapping = state.adopt()
    assert {each.id for each in mapping.adopted if "/Function/" in each.resource} == {
        "shop-api",
        "shop-two",
        "shop-cleanup",
    }


def test_what_calls_a_function_counts_more_than_its_name(state: State) -> None:
    state.change(FUNCTIONS, "worker.v1", handler="api.handler")
    found = adopted(state.adopt(), WORKER)
    assert found is not None
    assert found.id == "shop-worker"


def test_two_functions_for_one_part_are_told_and_can_be_settled(state: State) -> None:
    state.drop("aws_lambda_event_source_mapping.worker")
    state.add("aws_lambda_function.other", function_name="shop-worker-2", handler="worker.handler")
    state.change(FUNCTIONS, "worker.v1", handler="worker.handler")
    mapping = state.adopt()
    assert adopted(mapping, WORKER) is None
    (doubt,) = mapping.doubts
    assert doubt.startswith("which function is the worker cannot be told: it could be ")
    assert f"--as 'module.service.aws_lambda_function.this[\"worker.v1\"]={WORKER}'" in doubt
    settled = state.adopt(f"aws_lambda_function.other={WORKER}")
    found = adopted(settled, WORKER)
    assert (found and found.id, settled.doubts) == ("shop-worker-2", ())


def test_a_function_that_two_things_call_for_two_parts_is_not_guessed(state: State) -> None:
    arn = "arn:aws:lambda:us-west-2:123456789012:function:shop-worker:live"
    state.change("aws_apigatewayv2_integration.api", integration_uri=arn)
    state.change(FUNCTIONS, handler="main.handler")
    for key in ("api.v1", "worker.v1", "cleanup.v1"):
        state.change(FUNCTIONS, key, function_name=f"f-{key[0]}")
    state.change(FUNCTIONS, "worker.v1", function_name="shop-worker")
    mapping = state.adopt()
    assert adopted(mapping, "PythonFunction/Function/api") is None


REPLACED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        FUNCTIONS,
        {"package_type": "Image"},
        "PythonFunction/Function/api",
        "its package_type is Image, not Zip",
    ),
    ("aws_iam_role.this", {"path": "/team/"}, "PythonFunction/Role/api", "its path is /team/, not /"),
    (
        "aws_sqs_queue.jobs",
        {"fifo_queue": True},
        "WorkQueue/Queue/thumbnails",
        "its fifo_queue is true, not false",
    ),
    (
        "aws_apigatewayv2_api.http",
        {"protocol_type": "WEBSOCKET"},
        "HttpApi/Api/api",
        "its protocol_type is WEBSOCKET, not HTTP",
    ),
    (
        "aws_apigatewayv2_integration.api",
        {"integration_type": "HTTP_PROXY"},
        "HttpApi/Integration/api",
        "its integration_type is HTTP_PROXY, not AWS_PROXY",
    ),
    (
        "aws_cloudwatch_event_rule.nightly",
        {"event_bus_name": "team"},
        "Schedule/EventRule/cleanup",
        "its event_bus_name is team, not default",
    ),
    (
        "aws_lambda_permission.api",
        {"qualifier": None},
        "HttpApi/Permission/api",
        "its qualifier is none, not live",
    ),
    (
        "aws_lambda_permission.nightly",
        {"source_arn": "arn:x", "source_account": "1"},
        "Schedule/Permission/cleanup",
        f"its source_arn is arn:x, not {RULE} and its source_account is 1, not none",
    ),
    (
        "aws_s3_bucket_versioning.pictures",
        {"expected_bucket_owner": "1"},
        "PrivateBucket/BucketVersioning/pictures",
        "its expected_bucket_owner is 1, not none",
    ),
]


@pytest.mark.parametrize(
    ("name", "attributes", "path", "told"), REPLACED, ids=[each[2].replace("/", "-") for each in REPLACED]
)
def test_what_aws_would_have_to_replace_is_left_with_both_values(
    state: State, name: str, attributes: dict[str, Any], path: str, told: str
) -> None:
    state.change(name, **attributes)
    mapping = state.adopt()
    assert adopted(mapping, path) is None
    assert f"{told}, which AWS cannot change" in created(mapping, path)
    assert [each for each in mapping.left if told in each.reason and f"{path} is made anew" in each.reason]


def test_a_mapping_to_a_queue_that_is_made_anew_is_made_anew(state: State) -> None:
    state.change("aws_sqs_queue.jobs", fifo_queue=True)
    why = created(state.adopt(), "QueueWorker/EventSourceMapping/thumbnails")
    assert (
        "its event_source_arn is arn:aws:sqs:us-west-2:123456789012:shop-jobs, not that of a new queue" in why
    )


def test_a_role_of_several_functions_is_left(state: State) -> None:
    arn = next(state.instances("aws_iam_role.this", "api.v1"))["attributes"]["arn"]
    state.change(FUNCTIONS, role=arn)
    mapping = state.adopt()
    told = left(mapping, 'module.service.aws_iam_role.this["api.v1"]')
    assert told.startswith("it is shared by shop-api, shop-cleanup, shop-worker, and the program gives each")
    assert adopted(mapping, "PythonFunction/RolePolicy/api") is None


def test_an_alias_of_another_name_is_left_and_live_is_made(state: State) -> None:
    state.change("aws_lambda_alias.live", "api.v1", name="prod")
    mapping = state.adopt()
    address = 'module.service.aws_lambda_alias.live["api.v1"]'
    assert left(mapping, address) == "the program's alias is called live, not prod, and is made anew"


def test_further_routes_and_stages_are_left_beside_the_programs(state: State) -> None:
    state.add(
        "aws_apigatewayv2_route.health", api_id="cdyveawc", route_key="GET /health", target="integrations/x"
    )
    state.add("aws_apigatewayv2_stage.prod", api_id="cdyveawc", name="prod")
    mapping = state.adopt()
    assert "this one stays beside it" in left(mapping, "aws_apigatewayv2_route.health")
    assert "AWS cannot rename one" in left(mapping, "aws_apigatewayv2_stage.prod")
    found = adopted(mapping, "HttpApi/Route/api")
    assert found is not None
    assert found.origin == "aws_apigatewayv2_route.default"


def test_the_only_route_to_the_function_becomes_the_one_for_everything(state: State) -> None:
    state.change("aws_apigatewayv2_route.default", route_key="ANY /{proxy+}")
    assert adopted(state.adopt(), "HttpApi/Route/api") is not None


def test_a_bucket_of_web_pages_is_never_taken(state: State) -> None:
    state.add("aws_s3_bucket_website_configuration.pages", bucket="shop-pictures")
    mapping = state.adopt()
    assert adopted(mapping, "PrivateBucket/Bucket/pictures") is None
    assert left(mapping, "aws_s3_bucket.pictures").startswith("it serves web pages")
    assert left(mapping, "aws_s3_bucket_versioning.pictures")


def test_a_bucket_that_code_goes_through_is_taken_only_if_somebody_says_so(state: State) -> None:
    assert left(state.adopt(), "aws_s3_bucket.frontend").startswith("code or layers go through it")
    settled = state.adopt(
        "aws_s3_bucket.frontend=ArtifactBucket/Bucket/artifacts",
    )
    found = adopted(settled, "ArtifactBucket/Bucket/artifacts")
    assert found is not None
    assert found.name == "shop-frontend"


def test_a_rule_that_calls_others_too_is_left_with_its_times(state: State) -> None:
    state.add("aws_cloudwatch_event_target.other", rule="shop-nightly", target_id="o", arn="arn:other")
    mapping = state.adopt()
    assert adopted(mapping, "Schedule/EventRule/cleanup") is None
    assert "it calls arn:other as well" in left(mapping, "aws_cloudwatch_event_rule.nightly")


def test_a_redrive_policy_of_its_own_names_the_dead_letter_queue(state: State) -> None:
    policy = next(state.instances("aws_sqs_queue.jobs"))["attributes"]["redrive_policy"]
    url = next(state.instances("aws_sqs_queue.jobs"))["attributes"]["url"]
    state.change("aws_sqs_queue.jobs", redrive_policy="")
    state.add("aws_sqs_queue_redrive_policy.jobs", queue_url=url, redrive_policy=policy)
    mapping = state.adopt()
    assert adopted(mapping, "WorkQueue/Queue/thumbnails-dead") is not None
    assert left(mapping, "aws_sqs_queue_redrive_policy.jobs") == "is a property of the queue in the program"


def test_two_buckets_that_functions_work_with_are_told(state: State) -> None:
    state.change(FUNCTIONS, environment=[{"variables": {"A": "shop-pictures", "B": "shop-other"}}])
    state.add("aws_s3_bucket.other", bucket="shop-other")
    mapping = state.adopt()
    assert "could be aws_s3_bucket.pictures or aws_s3_bucket.other" in mapping.doubts[0]
    settled = state.adopt("aws_s3_bucket.other=none")
    assert adopted(settled, "PrivateBucket/Bucket/pictures") is not None
    assert left(settled, "aws_s3_bucket.other") == "is left by your word"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("PythonFunction/Function/api", "takes its environment variables away (TOKEN)"),
        ("PythonFunction/Function/api", "takes it out of its VPC"),
        ("PythonFunction/Function/api", "takes its reserved concurrency of 5 away"),
        ("PythonFunction/Function/api", "publishes its versions without SnapStart"),
        ("PythonFunction/Function/api", "its /tmp keeps its 2048 MB"),
        (
            "Release/Alias/release-api-live",
            "aws_lambda_provisioned_concurrency_config.api keeps 7 environments",
        ),
        ("PythonFunction/Role/api", "its inline policies extra stay on it"),
        ("PythonFunction/LogGroup/api", "keeps its logs for 30 days and not for 365 days: older ones go"),
        ("PrivateBucket/Bucket/pictures", "has replaced and deleted versions expire after 30 days"),
        ("PrivateBucket/BucketPolicy/pictures", "puts the program's policy in its place"),
        ("Release/Alias/release-cleanup-live", "points to $LATEST"),
        ("QueueWorker/EventSourceMapping/thumbnails", "calls the function itself and no alias"),
        ("WorkQueue/Queue/thumbnails", "Terraform holds it for tainted"),
    ],
)
def test_what_the_first_up_changes_is_told_without_any_value(state: State, path: str, told: str) -> None:
    state.change(
        FUNCTIONS,
        environment=[{"variables": {"TOKEN": "s3cret"}}],
        vpc_config=[{"subnet_ids": ["subnet-1"]}],
        reserved_concurrent_executions=5,
        snap_start=[{"apply_on": "PublishedVersions", "optimization_status": "On"}],
        ephemeral_storage=[{"size": 2048}],
    )
    state.add(
        "aws_lambda_provisioned_concurrency_config.api",
        function_name="shop-api",
        qualifier="live",
        provisioned_concurrent_executions=7,
    )
    state.change("aws_lambda_event_source_mapping.worker", function_name="shop-worker")
    state.change("aws_cloudwatch_log_group.this", retention_in_days=365)
    state.add("aws_s3_bucket_policy.pictures", bucket="shop-pictures", policy="{}")
    state.change("aws_iam_role.this", inline_policy=[{"name": "data"}, {"name": "extra"}])
    next(state.instances("aws_sqs_queue.jobs"))["status"] = "tainted"
    mapping = state.adopt()
    found = adopted(mapping, path)
    assert found is not None
    assert any(told in note for note in found.notes)
    assert "s3cret" not in repr(parts(mapping))


def test_what_lambda_sets_itself_is_no_change(state: State) -> None:
    state.change(FUNCTIONS, snap_start=[{"apply_on": "None"}], ephemeral_storage=[{"size": 512}])
    for qualifier, name in (("live", "shop-other"), ("2", "shop-api")):
        state.add(
            f"aws_lambda_provisioned_concurrency_config.{name}", function_name=name, qualifier=qualifier
        )
    told = [note for each in state.adopt().adopted for note in each.notes]
    assert not [note for note in told if "SnapStart" in note or "/tmp" in note or "environments" in note]


@pytest.mark.parametrize("key", ["it's", "a b", "$HOME", "`id`", 'say "no"', "plain"])
@pytest.mark.parametrize("name", [FUNCTIONS, "aws_s3_bucket.pictures", "aws_sqs_queue.jobs"])
def test_what_it_says_to_give_can_be_given_to_a_shell(state: State, name: str, key: str) -> None:
    (twice,) = [each for each in state.content["resources"] if f"{each['type']}.{each['name']}" == name]
    one = next(
        (each for each in twice["instances"] if each.get("index_key") == "worker.v1"), twice["instances"][0]
    )
    twice["instances"].append(copy.deepcopy(one) | {"index_key": "other"})
    one["index_key"] = key
    doubts = [text for text in state.adopt().doubts if "--as " in text]
    assert doubts
    for text in doubts:
        words = shlex.shlex(text[text.index("--as ") :], posix=True)
        words.whitespace_split = True
        assert next(words) == "--as"
        state.adopt(next(words))


def test_a_bucket_whose_key_holds_a_quote_is_named_as_a_shell_takes_it(state: State) -> None:
    next(state.instances("aws_s3_bucket.frontend"))["index_key"] = "it's"
    told = left(state.adopt(), """aws_s3_bucket.frontend["it's"]""")
    assert """--as 'aws_s3_bucket.frontend["it'"'"'s"]=PrivateBucket/Bucket/pictures' makes it""" in told


def test_a_deposed_object_is_left_beside_what_replaced_it(state: State) -> None:
    for each in state.content["resources"]:
        if each["name"] == "jobs":
            each["instances"].append(copy.deepcopy(each["instances"][0]) | {"deposed": "3f2a"})
    mapping = state.adopt()
    assert adopted(mapping, "WorkQueue/Queue/thumbnails") is not None
    assert left(mapping, "aws_sqs_queue.jobs").startswith("is deposed")


def test_what_lamina_knows_nothing_of_is_listed(state: State) -> None:
    state.add("aws_dynamodb_table.users", name="users")
    state.add("random_id.suffix")
    mapping = state.adopt()
    for address in ("aws_dynamodb_table.users", "random_id.suffix"):
        assert left(mapping, address) == "the program has nothing of this kind; it stays as it is"


def test_a_state_of_strangers_adopts_nothing() -> None:
    empty = State()
    empty.content["resources"] = [resource("aws_dynamodb_table", "users")]
    assert empty.adopt().adopted == ()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (WORKER, "says nothing: write ADDRESS=RESOURCE"),
        (f"aws_sqs_queue.job={WORKER}", "which the state has not (did you mean aws_sqs_queue.jobs?)"),
        (
            f"{API}=PythonFunction/Function/apu",
            "which nothing can become (did you mean PythonFunction/Function/api?)",
        ),
        (f"aws_sqs_queue.jobs={WORKER}", "which only an aws_lambda_function can become"),
    ],
)
def test_what_is_said_wrongly_is_told_with_the_nearest_right_word(
    state: State, given: str, told: str
) -> None:
    with pytest.raises(UserError) as raised:
        state.adopt(given)
    assert told in str(raised.value)
