"""Sizes: what Lambda takes, and which packages have most of it."""

from __future__ import annotations

from collections.abc import Iterator

from ..console import size_of
from .findings import ERROR, NOTE, WARNING, Finding, Share
from .subject import Subject

# "Lambda quotas", AWS Lambda Developer Guide: a function and all its layers, unzipped; a zip that is uploaded
# directly (50 MB, which is 70 MB in base64); layers of a function.
MOST_UNZIPPED = 262_144_000
MOST_DIRECT = 50 * 1024 * 1024
MOST_LAYERS = 5
_NEAR = 0.85
_LARGEST = 10


def largest(subject: Subject) -> tuple[Share, ...]:
    """The largest packages, the largest first."""
    total = sum(subject.files.values()) or 1
    ordered = sorted(subject.distributions.values(), key=lambda each: (-each.size, each.name))
    return tuple(
        Share(each.name, each.size, round(100 * each.size / total, 1)) for each in ordered[:_LARGEST]
    )


def check_sizes(subject: Subject, beside: int = 0, layers: int = 1) -> Iterator[Finding]:
    """Finds what is too large.

    Args:
        subject: the layer.
        beside: what the function's code and its other layers have unzipped, in bytes.
        layers: how many the function will have.
    """
    total = sum(subject.files.values()) + beside
    with_others = f" with the {size_of(beside)} beside it" if beside else ""
    named = ", ".join(f"{each.package} {size_of(each.size)}" for each in largest(subject)[:3])
    advice = "leave something out (slim, exclude)" + (f": the largest are {named}" if named else "")
    if total > MOST_UNZIPPED:
        most = f"{size_of(MOST_UNZIPPED)} (250 MiB)"
        what = f"it has {size_of(total)} unzipped{with_others}; Lambda takes {most}"
        yield Finding(ERROR, "", "", f"{what} for a function and its layers", advice)
    elif total > _NEAR * MOST_UNZIPPED:
        left = size_of(MOST_UNZIPPED - total)
        rest = left if beside else f"{left} for the function's code"
        what = f"it has {size_of(total)} unzipped{with_others}, which leaves {rest}"
        yield Finding(WARNING, "", "", what, advice)
    zipped = subject.zip.stat().st_size
    if zipped > MOST_DIRECT:
        most = f"{size_of(MOST_DIRECT)} (50 MiB)"
        what = f"its zip has {size_of(zipped)}; more than {most} cannot be uploaded directly"
        yield Finding(NOTE, "", "", what, "publish it from a bucket, as the components do")
    if layers > MOST_LAYERS:
        what = f"the function would have {layers} layers, and may have {MOST_LAYERS}"
        yield Finding(ERROR, "", "", what, "put several locks into one layer")
