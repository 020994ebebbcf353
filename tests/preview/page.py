"""`python -m tests.preview.page PREVIEW`: the comment as a page, about as GitHub shows it."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from markdown_it import MarkdownIt

from preview.document import as_markdown
from preview.manifests import read_manifests
from preview.reading import read_preview
from preview.report import report_on

_ALERT = re.compile(r"<blockquote>\s*<p>\[!(CAUTION|WARNING|NOTE)\]</p>(.*?)</blockquote>", re.DOTALL)
_DIFF = re.compile(r'<code class="language-diff">(.*?)</code>', re.DOTALL)
# Not every machine has a font with coloured pictures.
_ICONS = {
    "✅": '<span class="icon good">✔</span>',
    "❌": '<span class="icon bad">✖</span>',
    "🛑": '<span class="icon bad">⬣</span>',
    "⚠️": '<span class="icon odd">⚠</span>',
}
_CLASSES = {"+": "add", "-": "remove", "!": "change"}


def rendered(markdown: str) -> str:
    """A comment as HTML: CommonMark with GitHub's tables, alerts and coloured diffs."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    for icon, stand_in in _ICONS.items():
        body = body.replace(icon, stand_in)
    body = _ALERT.sub(r'<div class="alert \1"><strong>\1</strong>\2</div>', body)
    return _DIFF.sub(lambda found: f"<code>{_coloured(found[1])}</code>", body)


def page(markdown: str, opened: int = 0) -> str:
    """A comment as a page that needs nothing else.

    Args:
        markdown: the comment.
        opened: which of its folds is open, counted from 1; none for 0.
    """
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    head = f'<!doctype html><meta charset="utf-8"><title>preview</title><style>{style}</style>'
    author = "<header><b>github-actions</b> bot commented now</header>"
    first, *folds = rendered(markdown).split("<details>")
    opens = ("<details open>" if number == opened else "<details>" for number in range(1, len(folds) + 1))
    body = first + "".join(f"{tag}{fold}" for tag, fold in zip(opens, folds, strict=True))
    return f"{head}<article>{author}<main>{body}</main></article>\n"


def _coloured(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(f'<span class="{_CLASSES.get(line[:1], "")}">{line}</span>' for line in lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.preview.page")
    parser.add_argument("preview", type=Path)
    parser.add_argument("--base", type=Path, nargs="*", default=[])
    parser.add_argument("--head", type=Path, nargs="*", default=[])
    parser.add_argument("--open", type=int, default=0, help="which fold is open")
    given = parser.parse_args()
    told = report_on(
        read_preview(given.preview.read_text("utf-8")),
        base=read_manifests(given.base),
        head=read_manifests(given.head),
    )
    sys.stdout.write(page(as_markdown(told), given.open))
