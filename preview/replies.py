"""What GitHub answers: comments, accounts, refusals, and after how long it may be asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .errors import PreviewError

# "Rate limits for the REST API": without a word on how long, wait for at least a minute.
_BLIND_WAIT = 60.0
# GitHub.com, older GitHub Enterprise Servers, and the types of GraphQL's errors, which come with status 200
# ("Rate limits and query limits for the GraphQL API").
_LIMITED = ("rate limit", "abuse detection", "rate_limit")
# GraphQL's word for a fault of its own, with status 200 as well.
_STUMBLED = "something went wrong"
_PERMISSIONS = (
    "give the workflow's job `permissions: pull-requests: write`; on a fork's pull request the token may "
    "only read: use --summary there, without the token"
)
_ELSEWHERE = "look at GITHUB_API_URL"


class LostReplyError(PreviewError):
    """Whether GitHub did what it was asked is not known: it has to be looked up before it is asked again.

    Attributes:
        wait: the seconds before that makes sense.
    """

    def __init__(self, fault: str, wait: float) -> None:
        super().__init__(fault)
        self.wait = wait


class RefusedError(PreviewError):
    """GitHub does not do it for this token, however often it is asked."""


class GoneError(RefusedError):
    """What was asked for is not there (any more)."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a pull request.

    Attributes:
        id: GitHub's number of it; later ones are higher.
        body: its Markdown.
        login: its author's; empty where the account is gone.
        url: where people see it.
    """

    id: int
    body: str
    login: str
    url: str = ""


def parsed(answer: httpx.Response) -> Any:
    """What an answer holds.

    Raises:
        PreviewError: it is no JSON, or nests deeper than any of GitHub's.
    """
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise PreviewError(
            f"{answer.url} answered with something that is not GitHub's JSON: {_ELSEWHERE}"
        ) from None


def comments_in(found: Any) -> list[Comment]:
    """The comments of a page.

    Raises:
        PreviewError: it is no list of comments.
    """
    if not isinstance(found, list):
        raise PreviewError(f"GitHub answered with something that is no list of comments: {_ELSEWHERE}")
    return [comment_in(each) for each in found]


def comment_in(found: Any) -> Comment:
    """One comment.

    Raises:
        PreviewError: it is none.
    """
    if not isinstance(found, Mapping) or not isinstance(found.get("id"), int):
        raise PreviewError(f"GitHub answered with something that is no comment: {_ELSEWHERE}")
    user = found.get("user")
    user = user if isinstance(user, Mapping) else {}
    return Comment(
        id=found["id"],
        body=str(found.get("body") or ""),
        login=str(user.get("login") or ""),
        url=str(found.get("html_url") or ""),
    )


def login_in(found: Any) -> str:
    """The login in an answer of GraphQL's `viewer` or of `GET /user`.

    Raises:
        RefusedError: GraphQL says why it does not tell.
        PreviewError: there is neither a login nor a reason.
    """
    answer = found if isinstance(found, Mapping) else {}
    data = answer.get("data")
    viewer = data.get("viewer") if isinstance(data, Mapping) else answer
    login = viewer.get("login") if isinstance(viewer, Mapping) else None
    if isinstance(login, str) and login:
        return login
    if answer.get("errors"):
        raise RefusedError(f"GitHub does not tell whose token it is: {'; '.join(_errors(answer))}")
    raise PreviewError(f"GitHub answered without telling whose token it is: {_ELSEWHERE}")


def message(answer: httpx.Response) -> str:
    """What an answer says in words, with the reasons it gives; else what its status is called."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        found = None
    said = found if isinstance(found, Mapping) else {}
    parts = (said.get("message"), "; ".join(_errors(said)))
    text = ": ".join(each for each in parts if isinstance(each, str) and each)
    return " ".join((text or answer.reason_phrase).split())[:400]


def wait_of(answer: httpx.Response, attempt: int, now: float) -> float | None:
    """After how long a request may be repeated.

    "Rate limits for the REST API", exceeding the rate limit: `retry-after` first, then the reset time where
    nothing remains, else a minute and twice as long each time.

    Args:
        answer: to it.
        attempt: how often it was repeated already.
        now: the seconds since 1970.

    Returns:
        Seconds; None where it was done, or will never be.
    """
    said = message(answer).casefold()
    after = _number(answer.headers.get("retry-after"))
    if answer.status_code >= 500 or (answer.is_success and said.startswith(_STUMBLED)):
        return after or 2.0**attempt
    limited = answer.status_code == 429 or any(each in said for each in _LIMITED)
    if not limited and answer.status_code != 403:
        return None
    if after is not None:
        return after
    if answer.headers.get("x-ratelimit-remaining") == "0":
        reset = _number(answer.headers.get("x-ratelimit-reset")) or 0.0
        # The clocks of two machines differ by a little.
        return max(reset - now, 0.0) + 1.0
    return _BLIND_WAIT * 2**attempt if limited else None


def refusal(answer: httpx.Response, repository: str) -> PreviewError:
    """What to tell of an answer that will not change, and what to do about it."""
    said = message(answer)
    told = f"GitHub answered {answer.status_code} ({said})"
    if answer.status_code == 401:
        return RefusedError(
            f"{told}: GITHUB_TOKEN is no valid token: pass `${{{{ github.token }}}}` to the step"
        )
    if answer.status_code == 403 and "locked" in said.casefold():
        return RefusedError(f"{told}: the conversation is locked, and takes comments of collaborators only")
    if answer.status_code == 403:
        return RefusedError(f"{told}: {_PERMISSIONS}")
    if answer.status_code in {404, 410}:
        return GoneError(
            f"{told}: there is no such pull request in {repository}, or the token may not see it: look at "
            "--repo and --pr, and at the job's permissions"
        )
    return PreviewError(told)


def _errors(found: Mapping[str, Any]) -> Iterator[str]:
    """The reasons beside a message: of GraphQL, or of a 422, some as texts alone ("Client errors")."""
    listed = found.get("errors")
    for each in listed if isinstance(listed, list) else [listed]:
        fields = each if isinstance(each, Mapping) else {"message": each}
        said = (fields["message"],) if fields.get("message") else (fields.get("field"), fields.get("code"))
        if told := " ".join(text for text in (*said, fields.get("type")) if isinstance(text, str)):
            yield told


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None
