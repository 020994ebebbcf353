"""The one comment of a stack on a pull request: found again, edited, and never stacked up."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PreviewError
from .github import GitHub, times
from .replies import Comment, GoneError, LostReplyError

_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Put:
    """What became of the comment.

    Attributes:
        done: `created`, `edited` or `unchanged`.
        comment: as it is now.
        removed: how many duplicates were deleted.
        foreign: how many comments with the same marker are somebody else's, and were left alone.
    """

    done: str
    comment: Comment
    removed: int = 0
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The comments with a marker.

    Attributes:
        own: those of the token's own account, the oldest first.
        foreign: how many are of others.
    """

    own: tuple[Comment, ...]
    foreign: int


def put(github: GitHub, pull: int, marker: str, body: str) -> Put:
    """Sees to it that a pull request has one comment with a marker, and that it says this.

    Two runs at once may both find none and both write one: after writing, it is looked again. The oldest of
    one's own is kept, whoever wrote it, and the others are deleted; so all runs agree on which one stays.

    Args:
        github: the repository.
        pull: the pull request's number.
        marker: the body's first line.
        body: with the marker.

    Raises:
        PreviewError: GitHub refused it, or could not be reached.
    """
    for number in range(_ROUNDS):
        lost: PreviewError
        try:
            return _put(github, pull, marker, body)
        except LostReplyError as error:
            # It may have been written all the same: the next round finds it then.
            lost, wait = error, max(error.wait, 2.0**number)
        except GoneError as error:
            # Somebody deleted it between two calls; or the pull request itself is not there, as looking again
            # says.
            lost, wait = error, 0.0
            find(github, pull, marker)
        if number == _ROUNDS - 1 or not github.wait(wait):
            break
    raise PreviewError(f"{lost}; it was tried {times(number + 1)}: run it again later")


def find(github: GitHub, pull: int, marker: str) -> Found:
    """The comments that begin with a marker, one's own and how many others.

    Whoever may write to a repository may edit everybody's comments, so GitHub's refusal is no guard: a
    comment is one's own if the token's account is its author.

    Raises:
        PreviewError: they cannot be read.
    """
    marked = [each for each in github.comments(pull) if each.body.lstrip("\ufeff").startswith(marker)]
    if not marked:
        return Found((), 0)
    login = github.own_login()
    own = sorted((each for each in marked if is_by(each, login)), key=lambda each: each.id)
    return Found(tuple(own), len(marked) - len(own))


def is_by(comment: Comment, login: str) -> bool:
    """Whether a comment is of an account; only apps' names end in `[bot]`, so no person is taken for one."""
    return comment.login.casefold() == login.casefold() != ""


def _put(github: GitHub, pull: int, marker: str, body: str) -> Put:
    found = find(github, pull, marker)
    if not found.own:
        made = github.create(pull, body)
        # Another run may have done the same meanwhile.
        found = find(github, pull, marker)
        if not found.own or found.own[0].id == made.id:
            return Put("created", made, _removed(github, found.own[1:]), found.foreign)
    first, *others = found.own
    removed = _removed(github, others)
    if _same(first.body, body):
        return Put("unchanged", first, removed, found.foreign)
    return Put("edited", github.edit(first, body), removed, found.foreign)


def _removed(github: GitHub, comments: tuple[Comment, ...] | list[Comment]) -> int:
    for each in comments:
        github.delete(each)
    return len(comments)


def _same(one: str, other: str) -> bool:
    """Whether two bodies are the same to GitHub, which keeps neither a last newline nor how lines end."""
    return one.replace("\r\n", "\n").strip() == other.strip()
