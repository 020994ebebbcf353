"""`python -m tests.preview.page PREVIEW [BASE HEAD]`: the comment as a page, about as GitHub shows it."""

from __future__ import annotations

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


def page(markdown: str) -> str:
    """A comment as a page that needs nothing else."""
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    head = f'<!doctype html><meta charset="utf-8"><title>preview</title><style>{style}</style>'
    author = "<header><b>github-actions</b> bot commented now</header>"
    return f"{head}<article>{author}<main>{rendered(markdown)}</main></article>\n"


def _coloured(text: str) -> str:
    lines = text.splitlines()
    return "\n".join(f'<span class="{_CLASSES.get(line[:1], "")}">{line}</span>' for line in lines)


if __name__ == "__main__":
    file, *manifests = map(Path, sys.argv[1:])
    layers = read_manifests(manifests)
    report = report_on(read_preview(file.read_text("utf-8")), base=layers[:1], head=layers[1:])
    sys.stdout.write(page(as_markdown(report)))
