"""GitHub's REST API: comments of a pull request, with patience where GitHub asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from .errors import PreviewError

API = "https://api.github.com"
# "REST API endpoints for issue comments": a pull request is an issue; so many comments are a page.
_PAGE = 100
_MOST_PAGES = 300
_TRIES = 6
# "Rate limits for the REST API": without a word on how long, wait for at least a minute.
_BLIND_WAIT = 60.0
# Longer than that a workflow need not run, only to wait.
_LONGEST_WAIT = 900.0
_PERMISSIONS = (
    "give the workflow's job `permissions: pull-requests: write`; on a fork's pull request the token may "
    "only read: use --summary there, without the token"
)
_ACTIONS_LOGIN = "github-actions[bot]"


class LostReplyError(PreviewError):
    """Whether GitHub did what it was asked is not known: it has to be looked up before it is asked again."""


class GoneError(PreviewError):
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


@dataclass(frozen=True, slots=True)
class Clock:
    """What waiting needs; tests have a faster one.

    Attributes:
        now: the seconds since 1970.
        sleep: waits for so many seconds.
    """

    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep


class GitHub:
    """A client for one repository."""

    def __init__(self, repository: str, token: str, *, api: str = API, clock: Clock | None = None) -> None:
        """Opens no connection yet.

        Args:
            repository: `OWNER/NAME`.
            token: sent to `api` and to nobody else.
            api: the API's address; GitHub Enterprise Server has `https://HOST/api/v3`.
            clock: what waiting needs.
        """
        self._api = api.rstrip("/")
        self._repository = repository
        self._clock = clock or Clock()
        self._login = ""
        self._client = httpx.Client(
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "User-Agent": "lamina-preview",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            timeout=30,
            # Of a repository that was renamed, GitHub says where it is now; another host gets no token.
            follow_redirects=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def comments(self, pull: int) -> Iterator[Comment]:
        """All comments of a pull request, the oldest first.

        Raises:
            PreviewError: they cannot be read.
        """
        address = f"{self._api}/repos/{self._repository}/issues/{pull}/comments?per_page={_PAGE}"
        for _ in range(_MOST_PAGES):
            answer = self._asked("GET", address)
            listed = _parsed(answer)
            yield from (_comment(each) for each in listed if isinstance(each, Mapping))
            following = answer.links.get("next", {}).get("url", "")
            if not following:
                return
            address = str(httpx.URL(address).join(following))
            if httpx.URL(address).netloc != httpx.URL(self._api).netloc:
                raise PreviewError("GitHub's list of comments goes on at another host, which gets no token")

    def create(self, pull: int, body: str) -> Comment:
        """Writes a comment.

        Raises:
            LostReplyError: it may be there, or not.
            PreviewError: it was refused.
        """
        address = f"{self._api}/repos/{self._repository}/issues/{pull}/comments"
        return _comment(_parsed(self._asked("POST", address, {"body": body})))

    def edit(self, comment: Comment, body: str) -> Comment:
        """Gives a comment another text.

        Raises:
            GoneError: somebody deleted it.
            PreviewError: it was refused.
        """
        return _comment(_parsed(self._asked("PATCH", self._place(comment), {"body": body})))

    def delete(self, comment: Comment) -> None:
        """Deletes a comment; one that is gone already is none to complain about.

        Raises:
            PreviewError: it was refused.
        """
        try:
            self._asked("DELETE", self._place(comment))
        except GoneError:
            return

    def own_login(self) -> str:
        """Whose token it is, as comments' authors are named: `octocat`, `github-actions[bot]`.

        The token of GitHub Actions may not ask `GET /user`, but GraphQL's `viewer` tells every kind of token.
        Where neither is answered, only what GitHub Actions wrote is taken for one's own.
        """
        self._login = self._login or self._viewer() or _ACTIONS_LOGIN
        return self._login

    def _viewer(self) -> str:
        root = self._api.removesuffix("/v3") if self._api.endswith("/api/v3") else self._api
        for method, address, query in (
            ("POST", f"{root}/graphql", {"query": "query { viewer { login } }"}),
            ("GET", f"{self._api}/user", None),
        ):
            try:
                found = _login(_parsed(self._asked(method, address, query)))
            except PreviewError:
                continue
            if found:
                return found
        return ""

    def _place(self, comment: Comment) -> str:
        return f"{self._api}/repos/{self._repository}/issues/comments/{comment.id}"

    def _asked(self, method: str, address: str, content: Any = None) -> httpx.Response:
        """The answer to a request, asked again as often and as late as GitHub wants it."""
        fault = ""
        waited = 0.0
        for attempt in range(_TRIES):
            try:
                answer = self._client.request(method, address, json=content)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                fault, wait = f"GitHub cannot be reached: {str(error) or type(error).__name__}", 2.0**attempt
            else:
                if answer.is_success:
                    return answer
                limited = self._wait_of(answer, attempt)
                if limited is None:
                    raise _refusal(answer, self._repository)
                fault, wait = f"GitHub answered {answer.status_code} ({_message(answer)})", limited
            if method == "POST" and not fault.startswith(("GitHub answered 403", "GitHub answered 429")):
                self._clock.sleep(wait)
                raise LostReplyError(fault)
            if attempt == _TRIES - 1 or waited + wait > _LONGEST_WAIT:
                break
            waited += wait
            self._clock.sleep(wait)
        raise PreviewError(f"{fault}; it was asked {attempt + 1} times: run it again later")

    def _wait_of(self, answer: httpx.Response, attempt: int) -> float | None:
        """The seconds after which a request may be repeated; None if it never helps.

        "Rate limits for the REST API", exceeding the rate limit: `retry-after` first, then the reset time
        where nothing remains, else a minute and twice as long each time.
        """
        if answer.status_code in {500, 502, 503, 504}:
            return _number(answer.headers.get("retry-after")) or 2.0**attempt
        if answer.status_code not in {403, 429}:
            return None
        after = _number(answer.headers.get("retry-after"))
        if after is not None:
            return after
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = _number(answer.headers.get("x-ratelimit-reset")) or 0.0
            # The clocks of two machines differ by a little.
            return max(reset - self._clock.now(), 0.0) + 1.0
        limited = "rate limit" in _message(answer).casefold() or answer.status_code == 429
        return _BLIND_WAIT * 2**attempt if limited else None


def _refusal(answer: httpx.Response, repository: str) -> PreviewError:
    """What to tell of an answer that will not change, and what to do about it."""
    said = _message(answer)
    told = f"GitHub answered {answer.status_code} ({said})"
    if answer.status_code == 401:
        return PreviewError(
            f"{told}: GITHUB_TOKEN is no valid token: pass `${{{{ github.token }}}}` to the step"
        )
    if answer.status_code == 403 and "locked" in said.casefold():
        return PreviewError(f"{told}: the conversation is locked, and takes comments of collaborators only")
    if answer.status_code == 403:
        return PreviewError(f"{told}: {_PERMISSIONS}")
    if answer.status_code in {404, 410}:
        return GoneError(
            f"{told}: there is no such pull request in {repository}, or the token may not see it: look at "
            "--repo and --pr, and at the job's permissions"
        )
    return PreviewError(told)


def _message(answer: httpx.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        found = None
    text = found.get("message") if isinstance(found, Mapping) else None
    return " ".join(str(text or answer.reason_phrase).split())[:200]


def _parsed(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise PreviewError(
            f"{answer.url} answered with something that is not JSON: look at GITHUB_API_URL"
        ) from None


def _comment(found: Any) -> Comment:
    if not isinstance(found, Mapping) or not isinstance(found.get("id"), int):
        raise PreviewError("GitHub answered with something that is no comment: look at GITHUB_API_URL")
    user = found.get("user")
    user = user if isinstance(user, Mapping) else {}
    return Comment(
        id=found["id"],
        body=str(found.get("body") or ""),
        login=str(user.get("login") or ""),
        url=str(found.get("html_url") or ""),
    )


def _login(found: Any) -> str:
    """The login in an answer of GraphQL's or of `GET /user`."""
    if not isinstance(found, Mapping):
        return ""
    data = found.get("data")
    viewer = data.get("viewer") if isinstance(data, Mapping) else found
    login = viewer.get("login") if isinstance(viewer, Mapping) else None
    return login if isinstance(login, str) else ""


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None
