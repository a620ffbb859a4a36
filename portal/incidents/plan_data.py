"""Classes, grades, roles, checklists, texts and end criteria as plain data: read, laid over each other. Pure."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

EXTENTS = ("part", "many", "mass")
ATTENTION = ("none", "asked", "media")  # public attention: nobody asks, people ask publicly, the media report
SCALES = ("grade", "problem", "role", "class", "phone")
PARTS = ("task", "criterion", "message")  # of a class, or of the whole for every class
Data = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """A code of a scale with its word in both languages and the further facts of its row."""

    code: str
    zh: str
    en: str
    facts: dict[str, Any]

    def word(self, locale: str) -> str:
        """The word in the reader's language."""
        return self.en if locale == "en" else self.zh

    def group(self, locale: str) -> str:
        """The name of the group that a role leads."""
        return str(self.facts["group_en" if locale == "en" else "group_zh"])


@dataclass(frozen=True)
class Plan:
    """One version of all scales and plans; grades go upwards."""

    number: int
    grades: dict[str, Named]
    problems: dict[str, Named]
    roles: dict[str, Named]
    classes: dict[str, Named]
    tasks: dict[str, list[Named]]
    criteria: dict[str, list[Named]]
    messages: dict[str, list[Named]]
    phones: list[Named]
    facts: dict[str, Any]

    def label(self, code: str, locale: str) -> str:
        """The words of a task or criterion of the plan; empty for an unknown code."""
        for rows in (*self.tasks.values(), *self.criteria.values()):
            for row in rows:
                if row.code == code:
                    return row.word(locale)
        return ""

    def tasks_from(self, kind: str, grade: str, above: str = "") -> list[Named]:
        """The checklist of a class at a grade; with `above` only what comes in addition to that lower grade."""
        order = list(self.grades)
        here, before = order.index(grade), order.index(above) if above else -1
        return [row for row in self.tasks[kind] if before < order.index(row.facts.get("from", order[0])) <= here]


def _named(row: Mapping[str, Any]) -> Named:
    rest = {k: v for k, v in row.items() if k not in ("code", "zh", "en", *PARTS)}
    return Named(row["code"], row["zh"], row["en"], rest)


def _scale(rows: Iterable[Mapping[str, Any]]) -> dict[str, Named]:
    return {row["code"]: _named(row) for row in rows}


def plan(row: Mapping[str, Any]) -> Plan:
    """The plan that a document says. Raises KeyError for a document that lacks a part."""

    def both(what: str) -> dict[str, list[Named]]:
        shared = row.get(what, [])
        return {c["code"]: [_named(r) for r in [*c.get(what, []), *shared]] for c in row["class"]}

    return Plan(
        number=row["number"], grades=_scale(row["grade"]), problems=_scale(row["problem"]),
        roles=_scale(row["role"]), classes=_scale(row["class"]), tasks=both("task"), criteria=both("criterion"),
        messages=both("message"), phones=[_named(r) for r in row.get("phone", [])],
        facts={k: v for k, v in row.items() if k not in (*SCALES, *PARTS)},
    )  # fmt: skip


def laid_over(base: Mapping[str, Any], more: Mapping[str, Any]) -> Data:
    """A document with another laid over it: rows of the same code are completed, others come behind."""
    made = deepcopy(dict(base))
    for name, value in more.items():
        rows = name in (*SCALES, *PARTS) and isinstance(value, list)  # a task's `role` is a word
        made[name] = _rows(made.get(name, []), value) if rows else value
    return made


def _rows(old: list[Data], new: list[Data]) -> list[Data]:
    rows = {row["code"]: row for row in old}
    for row in new:
        rows[row["code"]] = laid_over(rows[row["code"]], row) if row["code"] in rows else deepcopy(row)
    return list(rows.values())
