"""Drawing by a seed, and what an auditor ticks. Pure."""

import hashlib
import heapq
from collections.abc import Iterable
from typing import Any

from portal.kernel.errors import Invalid, Refused

SIZE, MOST = 30, 200
CHECKS = ("request", "process", "verdict", "answer", "proof")
MARKS = ("yes", "no", "na")
LONGEST_SEED = 40


def rank(seed: str, no: str) -> bytes:
    """The place of a case in the order of a seed."""
    return hashlib.sha256(f"{seed}\n{no}".encode()).digest()


def draw(seed: str, numbers: Iterable[str], size: int) -> list[str]:
    """So many of the numbers, whatever order they come in: those that stand first in the seed's order."""
    return heapq.nsmallest(size, numbers, key=lambda no: rank(seed, no))


def seed_of(text: str) -> str:
    """A seed as typed. Raises Invalid without one."""
    found = text.strip()
    if not found or len(found) > LONGEST_SEED:
        raise Invalid("seed_missing", field="seed")
    return found


def size_of(text: str) -> int:
    """How many to draw. Raises Invalid."""
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= found <= MOST:
        raise Invalid("sample_size", field="size", most=MOST)
    return found


def ticks_of(given: dict[str, str]) -> dict[str, str]:
    """The sheet as ticked. Raises Invalid while a point is left open."""
    found = {name: given.get(name, "") for name in CHECKS}
    if any(mark not in MARKS for mark in found.values()):
        raise Invalid("sheet_open", field="ticks")
    return found


def said(text: str, field: str) -> str:
    """Words. Raises Invalid without them."""
    if len(text.strip()) < 4:
        raise Invalid("text_missing", field=field)
    return text.strip()


def answerable(finding: Any) -> None:
    """Raises Refused for a finding that is over."""
    if finding.state == "closed":
        raise Refused("finding_closed")


def closable(finding: Any) -> None:
    """Raises Refused for one that has no answer yet, or is over."""
    if finding.state != "answered":
        raise Refused("finding_unanswered")
