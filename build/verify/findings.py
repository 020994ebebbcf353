"""What verification finds: each with what is wrong, with what, and what to do."""

from __future__ import annotations

from typing import Any, NamedTuple

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)


class Finding(NamedTuple):
    """One thing that was found.

    Attributes:
        level: `error` for what will not work, `warning` for what may not, `note` for what is good to know.
        package: whose it is; an empty string where it is the whole layer's.
        file: its path in the layer; an empty string where it is no file's.
        what: what is wrong, without a final full stop.
        todo: what to do about it; an empty string where there is nothing to do.
    """

    level: str
    package: str
    file: str
    what: str
    todo: str

    @property
    def rank(self) -> int:
        """Its place among the levels: the worst have 0."""
        return LEVELS.index(self.level)

    def __str__(self) -> str:
        where = " ".join(each for each in (self.package, self.file) if each)
        head = f"{where}: {self.what}" if where else self.what
        return f"{head}; {self.todo}" if self.todo else head

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON has it."""
        return self._asdict()


class Share(NamedTuple):
    """One of the largest packages.

    Attributes:
        package: its name.
        size: of its files in the layer, in bytes.
        share: of the layer's, in percent.
    """

    package: str
    size: int
    share: float
