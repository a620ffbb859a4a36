"""The plans in force as the emergency kit prints them: whom to call, what to say, what to do, when it is over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.backup import queries
from portal.incidents import in_line, news_rules
from portal.incidents.plan_data import Named, Plan
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale

CALLED = 3  # people a role
Pieces = list[tuple[str, bool]]


class Number(NamedTuple):
    """A telephone that does not hang on a person; an empty number is written in by hand."""

    name: str
    number: str


class Call(NamedTuple):
    """Who is called for a role, the first to be called first, each with an emergency number or none."""

    role: str
    people: list[tuple[str, str]]


class Message(NamedTuple):
    """A text for customers in both languages, cut at its places (True: to be filled in by hand)."""

    name: str
    zh: Pieces
    en: Pieces


class PlanPage(NamedTuple):
    """One class: tasks are (minutes after the beginning, role, words, from which grade on)."""

    name: str
    calls: list[Call]
    messages: list[Message]
    tasks: list[tuple[int, str, str, str]]
    criteria: list[str]


def numbers(plan: Plan) -> list[Number]:
    """The numbers to be called when nothing else works."""
    return [Number(row.word(locale()), str(row.facts.get("number") or "").strip()) for row in plan.phones]


def pages(plan: Plan, now: datetime) -> list[PlanPage]:
    """The plans of a version, one a class; tasks by due time."""
    calls = _calls(plan, now)
    return [
        PlanPage(
            row.word(locale()), calls, [_message(one) for one in plan.messages[code]], _tasks(plan, plan.tasks[code]),
            [one.word(locale()) for one in plan.criteria[code]],
        )
        for code, row in plan.classes.items()
    ]  # fmt: skip


def _calls(plan: Plan, now: datetime) -> list[Call]:
    phones = queries.phones()
    return [
        Call(plan.roles[code].word(locale()), [(one.name, phones.get(one.person_id, "")) for one in line[:CALLED]])
        for code, line in in_line.lines(plan, now).items()
    ]


def _message(row: Named) -> Message:
    facts: Mapping[str, Any] = row.facts
    return Message(
        row.word(locale()), *(news_rules.pieces(str(facts.get(f"text_{tongue}", ""))) for tongue in ("zh", "en"))
    )


def _tasks(plan: Plan, rows: list[Named]) -> list[tuple[int, str, str, str]]:
    found = []
    for row in sorted(rows, key=lambda task: int(task.facts["minutes"])):
        grade = plan.grades.get(row.facts.get("from", ""))
        since = _("from grade %(grade)s on", grade=grade.word(locale())) if grade else ""
        found.append((row.facts["minutes"], plan.roles[row.facts["role"]].word(locale()), row.word(locale()), since))
    return found
