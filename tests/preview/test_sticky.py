"""The one comment of a stack, on a server that answers as GitHub does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from preview.errors import PreviewError
from preview.github import Clock, GitHub
from preview.sticky import Put, put

from .github_server import BOT, Hub, served

MARKER = "<!-- lamina-preview shop/prod -->"
OTHER = "<!-- lamina-preview shop/staging -->"
LIMITED = {
    "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
}

ABUSE = {"message": "You have triggered an abuse detection mechanism. Please wait a few minutes."}
UNAVAILABLE: tuple[int, object, dict[str, str]] = (502, {"message": "Server Error"}, {})
COMMENTS, GRAPHQL = "/repos/acme/shop/issues/7/comments", "POST /graphql"


@dataclass
class Waits:
    """A clock that stands still but for what is waited."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served(Hub()) as hub:
        yield hub


def put_on(hub: Hub, text: str, *, marker: str = MARKER, waits: Waits | None = None, pull: int = 7) -> Put:
    waits = waits or Waits()
    clock = Clock(lambda: waits.now, waits.sleep)
    with GitHub("acme/shop", "secret-token", api=hub.url, clock=clock) as github:
        return put(github, pull, marker, f"{marker}\n{text}")


def test_the_first_run_writes_and_the_next_edits(hub: Hub) -> None:
    assert put_on(hub, "one").done == "created"
    again = put_on(hub, "two")
    assert (again.done, again.comment.id) == ("edited", hub.comments[0]["id"])
    assert hub.bodies() == [f"{MARKER}\ntwo"]
    assert hub.tokens == {"Bearer secret-token"}


def test_what_says_the_same_is_not_edited(hub: Hub) -> None:
    hub.add(f"{MARKER}\r\none")
    assert put_on(hub, "one\n").done == "unchanged"
    assert not [each for each in hub.requests if each.startswith("PATCH")]


def test_each_stack_has_a_comment_of_its_own(hub: Hub) -> None:
    put_on(hub, "one")
    put_on(hub, "other", marker=OTHER)
    put_on(hub, "two")
    assert hub.bodies() == [f"{MARKER}\ntwo", f"{OTHER}\nother"]


def test_it_is_found_on_a_later_page(hub: Hub) -> None:
    for number in range(250):
        hub.add(f"chat {number}", "octocat")
    hub.add(f"{MARKER}\nold")
    assert put_on(hub, "new").done == "edited"
    assert hub.requests.count("GET /repos/acme/shop/issues/7/comments") == 3


@pytest.mark.parametrize("login", ["octocat", "github-actions", "dependabot[bot]"])
def test_a_comment_of_somebody_else_with_the_same_marker_is_not_touched(hub: Hub, login: str) -> None:
    hub.add(f"{MARKER}\ntheirs", login)
    done = put_on(hub, "ours")
    assert (done.done, done.foreign) == ("created", 1)
    assert hub.bodies(login) == [f"{MARKER}\ntheirs"]
    assert put_on(hub, "newer").done == "edited"
    assert hub.bodies() == [f"{MARKER}\nnewer"]


def test_a_marker_that_is_only_quoted_is_none(hub: Hub) -> None:
    hub.add(f"> {MARKER}\n> quoted")
    assert put_on(hub, "ours").done == "created"


@pytest.mark.parametrize(
    ("login", "knows_viewer"),
    [(BOT, True), (BOT, False), ("octocat", True), ("octocat", False), ("my-app[bot]", True)],
    ids=["Actions", "Actions without GraphQL", "a person", "a person without GraphQL", "an app"],
)
def test_ones_own_comment_is_known_whatever_the_token(hub: Hub, login: str, knows_viewer: bool) -> None:
    hub.login, hub.knows_viewer = login, knows_viewer
    put_on(hub, "one")
    assert put_on(hub, "two").done == "edited"
    assert hub.bodies(login) == [f"{MARKER}\ntwo"]


def test_duplicates_of_ones_own_are_deleted_and_the_oldest_stays(hub: Hub) -> None:
    first = hub.add(f"{MARKER}\na")["id"]
    hub.add(f"{MARKER}\ntheirs", "octocat")
    hub.add(f"{MARKER}\nb")
    done = put_on(hub, "new")
    assert (done.comment.id, done.removed, done.foreign) == (first, 1, 1)
    assert hub.bodies() == [f"{MARKER}\nnew"]


def test_of_two_runs_at_once_one_comment_stays(hub: Hub) -> None:
    hub.racing = [f"{MARKER}\nof the other run"]
    done = put_on(hub, "ours")
    assert (done.done, done.removed) == ("edited", 1)
    assert hub.bodies() == [f"{MARKER}\nours"]


def test_a_comment_whose_reply_was_lost_is_not_written_twice(hub: Hub) -> None:
    hub.lost = ["POST"]
    hub.add("chat", "octocat")
    assert put_on(hub, "ours").done == "unchanged"
    assert hub.bodies() == [f"{MARKER}\nours"]


def test_a_comment_that_somebody_deletes_meanwhile_is_written_anew(hub: Hub) -> None:
    hub.add(f"{MARKER}\nold")
    hub.faults = [("PATCH", (404, {"message": "Not Found"}, {}))]
    assert put_on(hub, "new").done == "edited"


@pytest.mark.parametrize(
    ("code", "answer", "headers", "waited"),
    [
        (403, LIMITED, {"Retry-After": "30"}, [30.0]),
        (429, LIMITED, {"Retry-After": "7"}, [7.0]),
        (
            403,
            {"message": "API rate limit exceeded"},
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1120"},
            [121.0],
        ),
        (403, LIMITED, {}, [60.0]),
        (403, ABUSE, {}, [60.0]),
        (502, {"message": "Server Error"}, {}, [1.0]),
    ],
    ids=[
        "secondary",
        "too many requests",
        "primary",
        "without a word on how long",
        "older servers",
        "server error",
    ],
)
@pytest.mark.parametrize("start", ["GET", "PATCH"])
def test_it_waits_as_long_as_github_wants(
    hub: Hub, start: str, code: int, answer: object, headers: dict[str, str], waited: list[float]
) -> None:
    hub.add(f"{MARKER}\nold")
    hub.faults = [(start, (code, answer, headers))]
    waits = Waits()
    assert put_on(hub, "new", waits=waits).done == "edited"
    assert waits.slept == waited


def test_a_limited_post_is_repeated_and_one_that_failed_is_looked_up_first(hub: Hub) -> None:
    hub.faults = [("POST", (429, LIMITED, {"Retry-After": "3"})), ("POST", (500, {"message": "oops"}, {}))]
    waits = Waits()
    assert put_on(hub, "ours", waits=waits).done == "created"
    assert waits.slept == [3.0, 2.0]
    assert hub.bodies() == [f"{MARKER}\nours"]


@pytest.mark.parametrize("start", ["GET", f"POST {COMMENTS}", GRAPHQL, "PATCH"])
@pytest.mark.parametrize(
    "answer",
    [
        (403, LIMITED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9000"}),
        (503, {"message": "Back off: rate limit"}, {"Retry-After": "100000"}),
    ],
    ids=["limit", "server error"],
)
def test_it_gives_up_where_the_wait_would_be_too_long(
    hub: Hub, start: str, answer: tuple[int, object, dict[str, str]]
) -> None:
    if COMMENTS not in start:
        hub.add(f"{MARKER}\nold")
    hub.faults = [(start, answer)]
    waits = Waits()
    with pytest.raises(PreviewError, match=r"rate limit.* once: run it again later"):
        put_on(hub, "ours", waits=waits)
    assert waits.slept == []


def test_it_waits_for_15_minutes_at_most_whatever_it_asks(hub: Hub) -> None:
    hub.add(f"{MARKER}\nold")
    slow = (503, {"message": "Unavailable"}, {"Retry-After": "400"})
    hub.faults = [("GET", slow), (GRAPHQL, slow), ("PATCH", slow)]
    waits = Waits()
    with pytest.raises(PreviewError, match=r"Unavailable.*run it again later"):
        put_on(hub, "ours", waits=waits)
    assert waits.slept == [400.0, 400.0]


def test_it_gives_up_after_some_tries(hub: Hub) -> None:
    hub.faults = [("GET", (503, {"message": "Unavailable"}, {}))] * 20
    with pytest.raises(PreviewError, match=r"503 \(Unavailable\); it was asked 6 times"):
        put_on(hub, "ours")


def test_between_tries_to_write_it_waits_longer_each_time_and_not_after_the_last(hub: Hub) -> None:
    hub.faults = [(f"POST {COMMENTS}", UNAVAILABLE)] * 20
    waits = Waits()
    with pytest.raises(PreviewError, match=r"502 \(Server Error\); it was tried 4 times: run it again later"):
        put_on(hub, "ours", waits=waits)
    assert waits.slept == [1.0, 2.0, 4.0]
    assert hub.requests.count(f"POST {COMMENTS}") == 4


@pytest.mark.parametrize(
    "fault",
    [
        UNAVAILABLE,
        (403, LIMITED, {"Retry-After": "1"}),
        (200, {"errors": [{"type": "RATE_LIMITED", "message": "no more"}]}, {}),
        (200, {"errors": [{"message": "Something went wrong while executing your query."}]}, {}),
    ],
    ids=["server error", "limit", "limit with status 200", "server error with status 200"],
)
def test_whose_token_it_is_is_asked_again_and_never_guessed(
    hub: Hub, fault: tuple[int, object, dict[str, str]]
) -> None:
    hub.login = "my-app[bot]"
    hub.add(f"{MARKER}\nold", hub.login)
    hub.faults = [(GRAPHQL, fault)]
    assert put_on(hub, "new").done == "edited"
    hub.faults = [(GRAPHQL, fault)] * 20
    with pytest.raises(PreviewError, match=r"GitHub answered .* asked \d times: run it again later"):
        put_on(hub, "newer")
    assert hub.bodies("my-app[bot]") == [f"{MARKER}\nnew"]


def test_a_lost_answer_to_whose_token_it_is_is_asked_for_again(hub: Hub) -> None:
    hub.add(f"{MARKER}\nold")
    hub.lost = ["POST"]
    assert put_on(hub, "new").done == "edited"


@pytest.mark.parametrize(
    "refused",
    [
        (401, {"message": "Bad credentials"}, {}),
        (403, {"message": "Resource not accessible by integration"}, {}),
        (200, {"data": None, "errors": [{"type": "FORBIDDEN", "message": "no"}]}, {}),
    ],
    ids=["401", "403", "GraphQL error"],
)
def test_only_who_is_refused_an_account_is_taken_for_actions(
    hub: Hub, refused: tuple[int, object, dict[str, str]]
) -> None:
    hub.add(f"{MARKER}\nold")
    hub.faults = [(GRAPHQL, refused)]
    assert put_on(hub, "new").done == "edited"
    assert "GET /user" in hub.requests


def test_an_account_that_is_not_named_is_not_guessed(hub: Hub) -> None:
    hub.add(f"{MARKER}\nold")
    hub.faults = [(GRAPHQL, (200, {"data": {"viewer": None}}, {}))]
    with pytest.raises(PreviewError, match="without telling whose token it is: look at GITHUB_API_URL"):
        put_on(hub, "new")


def test_a_refusal_gives_every_reason(hub: Hub) -> None:
    reasons = [
        {"field": "data", "code": "custom", "message": "Body is too long"},
        {"field": "x", "code": "invalid"},
    ]
    answer = {"message": "Validation Failed", "errors": [*reasons, "and more"]}
    hub.faults = [("POST", (422, answer, {}))]
    with pytest.raises(PreviewError) as raised:
        put_on(hub, "ours")
    told = "GitHub answered 422 (Validation Failed: Body is too long; x invalid; and more)"
    assert str(raised.value) == told


@pytest.mark.parametrize(
    ("start", "code", "message", "told"),
    [
        (
            "POST",
            403,
            "Resource not accessible by integration",
            r"permissions: pull-requests: write.*fork.*--summary",
        ),
        ("POST", 403, "Unable to create comment because issue is locked.", "the conversation is locked"),
        ("GET", 401, "Bad credentials", "GITHUB_TOKEN is no valid token"),
        ("POST", 422, "Validation Failed", "422"),
    ],
    ids=["permission", "locked", "token", "invalid"],
)
def test_a_refusal_says_what_to_do(hub: Hub, start: str, code: int, message: str, told: str) -> None:
    hub.faults = [(start, (code, {"message": message}, {}))]
    with pytest.raises(PreviewError, match=told):
        put_on(hub, "ours")


def test_a_pull_request_that_is_not_there_is_told(hub: Hub) -> None:
    with pytest.raises(PreviewError, match=r"404 \(Not Found\): there is no such pull request in acme/shop"):
        put_on(hub, "ours", pull=8)


def test_a_list_that_goes_on_elsewhere_gets_no_token(hub: Hub) -> None:
    link = {"Link": '<https://evil.example/comments?page=2>; rel="next"'}
    hub.faults = [("GET", (200, [], link))]
    with pytest.raises(PreviewError, match="another host"):
        put_on(hub, "ours")


def test_nobody_who_answers_is_told_in_a_line() -> None:
    with pytest.raises(PreviewError, match="GitHub cannot be reached"):
        put_on(Hub(url="http://127.0.0.1:9"), "ours")


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        ([{"no": "comment"}], {}),
        ([None], {}),
        (None, {}),
        (b"null", {}),
        ({"message": "hello"}, {}),
        (b"<html>", {}),
        (b"\xff\xfe", {}),
        (b"[" * 200_000, {}),
        ([], {"Link": '<http://[::1>; rel="next"'}),
        ([], {"Link": '<http://a:b:c/>; rel="next"'}),
        ([], {"Link": f'<{"x" * 9}\x7f>; rel="next"'}),
    ],
    ids=[
        *("no comment", "nothing in the list", "empty", "null", "no list", "HTML", "no text", "nested"),
        *("half an address", "no port", "no address"),
    ],
)
def test_what_is_no_github_is_told(hub: Hub, content: object, headers: dict[str, str]) -> None:
    hub.faults = [("GET", (200, content, headers))]
    with pytest.raises(PreviewError, match="look at GITHUB_API_URL"):
        put_on(hub, "ours")


def test_an_api_that_is_no_address_is_told() -> None:
    with pytest.raises(PreviewError, match=r"is no address .*: look at GITHUB_API_URL"):
        put_on(Hub(url="http://[::1"), "ours")
