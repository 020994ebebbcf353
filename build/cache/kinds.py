"""The kinds of entries, and the format of each: an entry of another format is as if it were not there."""

from __future__ import annotations

from ..wheel.facts import FORMAT as FACTS_FORMAT

WHEELS = "wheels"
FACTS = "facts"
INSPECTIONS = "inspections"
# Of one wheel, by whose SHA-256 they are kept.
OF_WHEELS = frozenset({WHEELS, FACTS, INSPECTIONS})
INCOMING = "incoming"
# Answers to whole commands; they are written and checked by `unchanged`, which loads nothing of this.
NOTES = "notes"
PLANS = "plans"
OUTCOMES = "outcomes"
SELECTIONS = "selections"
PINS = "pins"
SBOMS = "sboms"
FINDINGS = "findings"

# What is raised whenever the same key could get another content. A kind that is not listed has format 1.
_FORMATS = {FACTS: FACTS_FORMAT, PLANS: 4, SELECTIONS: 4, PINS: 2, INSPECTIONS: 5, FINDINGS: 7}


def format_of(kind: str) -> int:
    """The format in which this version writes a kind, and the only one that it reads."""
    return _FORMATS.get(kind, 1)
