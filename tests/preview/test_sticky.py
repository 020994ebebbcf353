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
        (502, {"message": "Server Error"}, {}, [1.0]),
    ],
    ids=["secondary", "too many requests", "primary", "without a word on how long", "server error"],
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


def test_it_gives_up_where_the_wait_would_be_too_long(hub: Hub) -> None:
    hub.faults = [("GET", (403, LIMITED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9000"}))]
    with pytest.raises(PreviewError, match=r"rate limit.* run it again later"):
        put_on(hub, "ours")


def test_it_gives_up_after_some_tries(hub: Hub) -> None:
    hub.faults = [("GET", (503, {"message": "Unavailable"}, {}))] * 20
    with pytest.raises(PreviewError, match=r"503 \(Unavailable\); it was asked 6 times"):
        put_on(hub, "ours")


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


def test_what_is_no_github_is_told() -> None:
    hub = Hub(faults=[("GET", (200, [{"no": "comment"}], {}))])
    with served(hub), pytest.raises(PreviewError, match="look at GITHUB_API_URL"):
        put_on(hub, "ours")
