"""Agreement of labels, and precision and coverage of proposals against labels. Pure but for reading the files."""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from portal.proposals.rules import FIELDS, Proposal

DATA = Path(__file__).parents[1] / "data"
Row = dict[str, str]


class Figures(NamedTuple):
    """Shares of 1: spoken for, right of those, right of all with the defaults."""

    coverage: float
    precision: float
    right: float


def labels(name: str) -> list[Row]:
    """A file of labels in tests/data."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def agreement(one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    """(share that agree, Cohen's kappa) of two labellings of the same rows."""
    n = len(one)
    same = sum(a == b for a, b in zip(one, other, strict=True)) / n
    left, right = Counter(one), Counter(other)
    chance = sum(left[value] * right[value] for value in left) / n**2
    return same, (same - chance) / (1 - chance)


def measured(rows: Sequence[Row], propose: Callable[[Row], Proposal]) -> dict[str, Figures]:
    """By field how proposals fare on labelled rows."""
    made = [propose(row) for row in rows]
    found = {}
    for name in FIELDS:
        spoken = [p.fields[name].by != "none" for p in made]
        right = [p.fields[name].value == row[name] for p, row in zip(made, rows, strict=True)]
        hits = sum(s and r for s, r in zip(spoken, right, strict=True))
        found[name] = Figures(sum(spoken) / len(rows), hits / max(1, sum(spoken)), sum(right) / len(rows))
    return found
