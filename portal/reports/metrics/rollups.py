"""Counts of a period packed into documents by department, and read again; equal to a recount by construction.

Kept are the dimensions by which dashboards ask: kind, level, channel, department. A document holds cells without type
and the statistics of lengths by level and channel; lengths themselves are not kept.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from portal.kernel.db import read
from portal.reports.metrics import weekly
from portal.reports.metrics.counting import (
    CUBES,
    LENGTHS,
    MONTHLY,
    NOTHING,
    STOCKS,
    Cell,
    Counts,
    Lazily,
    Stats,
    count,
    stats_of,
)
from portal.reports.rules import Span

KEPT_KEYS: tuple[tuple[str, ...], ...] = ((), ("level",), ("channel",), ("channel", "level"), ("type",))
DOC = "SELECT doc FROM metric_rollup WHERE period = :period AND unit_id = :unit"


def packed(counts: Counts) -> dict[int, str]:
    """The documents of a period by department, 0 for all together; every relation is read for it."""
    units = {cell.unit for name in (*CUBES, *STOCKS) for cell in counts.cells[name]}
    units |= {row.unit for name in LENGTHS for row in counts.times[name]}
    by_relation = {name: counts.values(name, "unit") for name in CUBES}
    return {unit: _document(counts, unit, by_relation if not unit else {}) for unit in {0, *units}}


def _document(counts: Counts, unit: int, units: dict[str, list[int]]) -> str:
    own = {name: [cell for cell in counts.cells[name] if unit in (0, cell.unit)] for name in (*CUBES, *STOCKS)}
    cells = {name: _cells(rows) for name, rows in own.items()}
    types = {name: _by_type(rows, counts.first) for name, rows in own.items()} if not unit else {}
    months = {MONTHLY: counts.months[MONTHLY]} if counts.span.weeks and not unit else {}
    stats = [row for name in LENGTHS for row in _stats(counts, name, unit)]
    return json.dumps(
        {
            "cells": cells, "types": types, "stats": stats, "units": units, "months": months,
            "exercises": counts.exercises,
        }, separators=(",", ":"),
    )  # fmt: skip


def _cells(cells: Iterable[Cell]) -> list[list[Any]]:
    """Code, level, channel, bucket, rows, hits; types and departments summed up."""

    def key(cell: Cell) -> tuple[Any, ...]:
        return cell.code, cell.level, cell.channel, cell.bucket

    found = []
    for same, group in groupby(sorted(cells, key=key), key):
        rows = list(group)
        found.append([*same, sum(cell.n for cell in rows), sum(cell.hits for cell in rows)])
    return found


def _by_type(cells: Iterable[Cell], first: int) -> list[list[Any]]:
    """Code, type, whether before, rows, hits; everything else summed up."""
    found: dict[tuple[str, str, bool], tuple[int, int]] = {}
    for cell in cells:
        key = cell.code, cell.type, cell.bucket < first
        n, hits = found.get(key, (0, 0))
        found[key] = n + cell.n, hits + cell.hits
    return [[*key, *found[key]] for key in sorted(found)]


def _stats(counts: Counts, name: str, unit: int) -> list[list[Any]]:
    """Relation, whether before, keys, values, and what the lengths say."""
    groups: dict[tuple[bool, tuple[str, ...], tuple[Any, ...]], list[int]] = {}
    for row in counts.times[name]:
        if unit in (0, row.unit):
            for keys in KEPT_KEYS:
                values = tuple(getattr(row, key) for key in keys)
                groups.setdefault((row.bucket < counts.first, keys, values), []).append(row.seconds)
    return [[name, *key, *stats_of(lengths)] for key, lengths in sorted(groups.items(), key=lambda one: str(one[0]))]


@dataclass
class Stored(Counts):
    """Counts read from documents; a department's own is read when it is asked for."""

    parts: dict[int, Counts] = field(default_factory=dict)
    units: dict[str, list[int]] = field(default_factory=dict)
    types: dict[str, list[Cell]] = field(default_factory=dict)
    told: dict[str, dict[tuple[Any, ...], Stats]] = field(default_factory=dict)  # what lengths say, by relation

    def pair(
        self, relation: str, *, before: bool = False, buckets: range | None = None, **want: Any
    ) -> tuple[int, int]:
        """As of a count from rows; what a department had stands in its own document."""
        unit = want.pop("unit", None)
        if unit is not None:
            return self.part(unit).pair(relation, before=before, buckets=buckets, **want)
        if "type" in want and not want.keys() <= {"type", "code"}:
            raise KeyError(tuple(want))
        return super().pair(relation, before=before, buckets=buckets, **want)

    def _rows(self, relation: str, keys: tuple[str, ...]) -> list[Cell]:
        """Types were kept beside the other dimensions, for all departments together."""
        return self.types[relation] if "type" in keys else super()._rows(relation, keys)

    def lengths(self, relation: str, *, before: bool = False, **want: Any) -> Stats:
        """As of a count from rows, for the dimensions that were kept."""
        unit = want.pop("unit", None)
        if unit is not None:
            return self.part(unit).lengths(relation, before=before, **want)
        keys = tuple(sorted(want))
        if keys not in KEPT_KEYS:
            raise KeyError(keys)
        return self.told[relation].get((before, keys, tuple(want[key] for key in keys)), NOTHING)

    def values(self, relation: str, name: str) -> list[Any]:
        """What occurs, most frequent first."""
        return list(self.units.get(relation, [])) if name == "unit" else super().values(relation, name)

    def part(self, unit: int) -> Counts:
        """One department's counts; empty ones where it had nothing."""
        found = self.parts.get(unit)
        if found is None:
            rows = read(DOC, {"period": self.span.code, "unit": unit})
            found = self.parts[unit] = unpacked(rows[0][0] if rows else "{}", self.span, self.at)
        return found


def unpacked(text: str, span: Span, at: int) -> Stored:
    """The counts of a document; of each relation when it is first asked for."""
    doc = json.loads(text)
    whole, kinds, lengths = doc.get("cells", {}), doc.get("types", {}), doc.get("stats", [])
    cells = Lazily(
        lambda name: [
            Cell(code, level, channel, "", 0, bucket, n, hits)
            for code, level, channel, bucket, n, hits in whole.get(name, ())
        ]
    )
    told = Lazily(
        lambda name: {(row[1], tuple(row[2]), tuple(row[3])): Stats(*row[4:]) for row in lengths if row[0] == name}
    )
    types = Lazily(
        lambda name: [
            Cell(code, "", "", kind, 0, 0 if before else 1, n, hits)
            for code, kind, before, n, hits in kinds.get(name, ())
        ]
    )
    months = {name: [(n, hits) for n, hits in rows] for name, rows in doc.get("months", {}).items()}
    return Stored(
        span, cells, {}, doc.get("exercises", 0), 1, at, months, units=doc.get("units", {}), types=types, told=told
    )


def recounted(span: Span) -> dict[int, str]:
    """The documents of a period, counted anew from all rows; of a quarter that of its weeks too."""
    return packed(count(span)) | ({weekly.UNIT: weekly.document(span)} if span.weeks else {})
