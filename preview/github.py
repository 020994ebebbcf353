"""GitHub's REST API: comments of a pull request, with patience where GitHub asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import httpx

from .errors import PreviewError
from .replies import (
    Comment,
    GoneError,
    LostReplyError,
    RefusedError,
    comment_in,
    comments_in,
    login_in,
    message,
    parsed,
    refusal,
    wait_of,
)

API = "https://api.github.com"
# "REST API endpoints for issue comments": a pull request is an issue; so many comments are a page.
_PAGE = 100
_MOST_PAGES = 300
_TRIES = 6
# Longer than that in all a workflow need not run, only to wait.
_LONGEST_WAIT = 900.0
_ACTIONS_LOGIN = "github-actions[bot]"


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
        self._waited = 0.0
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
            yield from comments_in(parsed(answer))
            following = answer.links.get("next", {}).get("url", "")
            if not following:
                return
            address = self._followed(address, following)

    def create(self, pull: int, body: str) -> Comment:
        """Writes a comment.

        Raises:
            LostReplyError: it may be there, or not.
            PreviewError: it was refused.
        """
        address = f"{self._api}/repos/{self._repository}/issues/{pull}/comments"
        return comment_in(parsed(self._asked("POST", address, {"body": body})))

    def edit(self, comment: Comment, body: str) -> Comment:
        """Gives a comment another text.

        Raises:
            GoneError: somebody deleted it.
            PreviewError: it was refused.
        """
        return comment_in(parsed(self._asked("PATCH", self._place(comment), {"body": body})))

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
        Where both are refused, only what GitHub Actions wrote is taken for one's own.

        Raises:
            PreviewError: GitHub cannot answer now, or answers with neither a login nor a refusal.
        """
        self._login = self._login or self._viewer() or self._user() or _ACTIONS_LOGIN
        return self._login

    def wait(self, seconds: float) -> bool:
        """Waits, unless all that was waited so far would become more than 15 minutes.

        Returns:
            Whether it did.
        """
        if self._waited + seconds > _LONGEST_WAIT:
            return False
        self._waited += seconds
        self._clock.sleep(seconds)
        return True

    def _viewer(self) -> str:
        root = self._api.removesuffix("/v3") if self._api.endswith("/api/v3") else self._api
        query = {"query": "query { viewer { login } }"}
        try:
            return login_in(parsed(self._asked("POST", f"{root}/graphql", query, reads=True)))
        except RefusedError:
            return ""

    def _user(self) -> str:
        try:
            return login_in(parsed(self._asked("GET", f"{self._api}/user")))
        except RefusedError:
            return ""

    def _place(self, comment: Comment) -> str:
        return f"{self._api}/repos/{self._repository}/issues/comments/{comment.id}"

    def _followed(self, address: str, following: str) -> str:
        """Where a list goes on."""
        try:
            found, own = httpx.URL(address).join(following), httpx.URL(self._api)
        except (httpx.InvalidURL, ValueError):
            raise PreviewError(
                "GitHub's list of comments goes on at something that is no address: look at GITHUB_API_URL"
            ) from None
        if (found.scheme, found.netloc) != (own.scheme, own.netloc):
            raise PreviewError("GitHub's list of comments goes on at another host, which gets no token")
        return str(found)

    def _asked(
        self, method: str, address: str, content: Any = None, *, reads: bool = False
    ) -> httpx.Response:
        """The answer to a request, asked again as often and as late as GitHub wants it.

        A POST that may have been done is not repeated, unless it only reads.
        """
        for attempt in range(_TRIES):
            wait: float | None
            try:
                answer = self._client.request(method, address, json=content)
            except httpx.InvalidURL as error:
                raise PreviewError(f"{address} is no address ({error}): look at GITHUB_API_URL") from None
            except httpx.HTTPError as error:
                fault, wait = f"GitHub cannot be reached: {str(error) or type(error).__name__}", 2.0**attempt
                refused = False
            else:
                wait = wait_of(answer, attempt, self._clock.now())
                if wait is None:
                    return self._settled(answer)
                fault = f"GitHub answered {answer.status_code} ({message(answer)})"
                refused = answer.is_client_error
            if method == "POST" and not reads and not refused:
                raise LostReplyError(fault, wait)
            if attempt == _TRIES - 1 or not self.wait(wait):
                break
        raise PreviewError(f"{fault}; it was asked {times(attempt + 1)}: run it again later")

    def _settled(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        raise refusal(answer, self._repository)


def times(number: int) -> str:
    """How often, in words."""
    return "once" if number == 1 else f"{number} times"
