"""Classes, grades, roles, first checklists and end criteria: versioned data, read once from plans.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portal.kernel.errors import Invalid

FILE = Path(__file__).parent / "data" / "plans.toml"
EXTENTS = ("part", "many", "mass")


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

    def label(self, code: str, locale: str) -> str:
        """The words of a task or criterion of the plan; empty for an unknown code."""
        for rows in (*self.tasks.values(), *self.criteria.values()):
            for row in rows:
                if row.code == code:
                    return row.word(locale)
        return ""


def _named(row: dict[str, Any]) -> Named:
    rest = {k: v for k, v in row.items() if k not in ("code", "zh", "en", "task", "criterion")}
    return Named(row["code"], row["zh"], row["en"], rest)


def _scale(rows: list[dict[str, Any]]) -> dict[str, Named]:
    return {row["code"]: _named(row) for row in rows}


def _plan(row: dict[str, Any]) -> Plan:
    def both(what: str) -> dict[str, list[Named]]:
        shared = row.get(what, [])
        return {c["code"]: [_named(r) for r in c.get(what, []) + shared] for c in row["class"]}

    return Plan(
        number=row["number"], grades=_scale(row["grade"]), problems=_scale(row["problem"]),
        roles=_scale(row["role"]), classes=_scale(row["class"]), tasks=both("task"),
        criteria=both("criterion"),
    )  # fmt: skip


@cache
def _all() -> dict[int, Plan]:
    with FILE.open("rb") as file:
        return {row["number"]: _plan(row) for row in tomllib.load(file)["version"]}


def latest() -> Plan:
    """The plans in force."""
    return _all()[max(_all())]


def of(version: int) -> Plan:
    """The plans of a version. Raises Invalid for a version that does not exist."""
    if version not in _all():
        raise Invalid("no_such_plan", version=version)
    return _all()[version]


def words(version: int, code: str, given: str, locale: str) -> str:
    """The words of a task or criterion in the reader's language; what was typed where it is not the plan's."""
    return (code and of(version).label(code, locale)) or given
