"""The list of words that carry no content (IN3), as somebody edited it; until then the one the portal came with."""

from portal.directory import lists
from portal.intake.rules import FIRST, Words


def in_force() -> Words:
    """The filler words and the stock phrases that count now."""
    return Words(*(_either(lists.words(name), first) for name, first in zip(Words._fields, FIRST, strict=True)))


def _either(kept: tuple[str, ...] | None, first: tuple[str, ...]) -> tuple[str, ...]:
    return first if kept is None else kept
