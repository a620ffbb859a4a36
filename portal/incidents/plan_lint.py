"""What is wrong with a document of plans: each finding with its place and facts. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.incidents import news_rules, plan_bases
from portal.incidents.plan_data import PARTS, SCALES
from portal.incidents.plan_drafts import ALL, rows

CODE = re.compile(r"[a-z][a-z0-9_.]{0,39}")
TASK_KINDS = ("on_site", "remote", "material")
# what depends on people and numbers of the house, not on the words: seen, but it does not keep a draft back
WARNINGS = frozenset(("role_nobody", "no_deputy", "number_missing"))


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, at a row of a part (code empty: at the place as a whole)."""

    what: str
    part: str
    place: str
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> bool:
        """Whether it must be mended before the draft is handed in."""
        return self.what not in WARNINGS


def lint(data: Mapping[str, Any], held: Mapping[str, int]) -> list[Finding]:
    """All findings; `held` is how many active people hold each role of the portal."""
    found: list[Finding] = []
    for part in (*SCALES, *PARTS):
        found += _rows(data, part, ALL)
    found += _grades(data)
    found += _roles(data, held)
    found += [
        Finding("number_missing", "phone", ALL, row["code"]) for row in rows(data, "phone") if not row.get("number")
    ]
    for holder in data["class"]:
        for part in PARTS:
            found += _rows(data, part, holder["code"])
        found += _class(data, holder["code"])
    return found


def errors(found: list[Finding]) -> list[Finding]:
    """Those that keep a draft from being handed in."""
    return [one for one in found if one.error]


def _rows(data: Mapping[str, Any], part: str, place: str) -> Iterator[Finding]:
    """What every row needs: a code of its own, a name in both languages, where it comes from."""
    here = rows(data, part, place)
    for code, times in Counter(row["code"] for row in here).items():
        if times > 1 or not CODE.fullmatch(code):
            yield Finding("code_twice" if times > 1 else "code_bad", part, place, code)
    for row in here:
        if not (str(row.get("zh", "")).strip() and str(row.get("en", "")).strip()):
            yield Finding("name_missing", part, place, row["code"])
        for name in plan_bases.lacking(part, row):
            what = plan_bases.aspect(name)
            yield Finding("basis_missing" if what else "clause_missing", part, place, row["code"], {"basis": what})
        if part == "task":
            yield from _task(data, row, place)
        if part == "message":
            yield from _message(row, place)


def _task(data: Mapping[str, Any], row: Mapping[str, Any], place: str) -> Iterator[Finding]:
    """A step that nobody can reach: of a role that the plan has not, or only from a grade that there is not."""
    grades = [one["code"] for one in data["grade"]]
    if row.get("role") not in [one["code"] for one in data["role"]]:
        yield Finding("unreachable_role", "task", place, row["code"], {"role": row.get("role", "")})
    if row.get("from", grades[0]) not in grades:
        yield Finding("unreachable_grade", "task", place, row["code"], {"grade": row["from"]})
    if row.get("kind") not in TASK_KINDS:
        yield Finding("kind_unknown", "task", place, row["code"])
    if not _positive(row.get("minutes")):
        yield Finding("minutes_bad", "task", place, row["code"])
    if not (row.get("proof_zh") and row.get("proof_en")):
        yield Finding("proof_missing", "task", place, row["code"])


def _message(row: Mapping[str, Any], place: str) -> Iterator[Finding]:
    texts = (str(row.get("text_zh", "")), str(row.get("text_en", "")))
    if not all(text.strip() for text in texts):
        yield Finding("text_missing", "message", place, row["code"])
    known = {f"{{{name}}}" for pair in news_rules.PLACES.items() for name in pair}
    wrong = [name for name in news_rules.gaps(*texts) if name not in known]
    if wrong:
        yield Finding("place_unknown", "message", place, row["code"], {"names": " ".join(wrong)})


def _grades(data: Mapping[str, Any]) -> Iterator[Finding]:
    for row in data["grade"]:
        if not all(_positive(row.get(name)) for name in ("report_minutes", "answer_minutes", "answers")):
            yield Finding("cadence_bad", "grade", ALL, row["code"])


def _roles(data: Mapping[str, Any], held: Mapping[str, int]) -> Iterator[Finding]:
    """Who is called for a role: nobody, one person without a deputy, the same step twice (the second is never come to).

    The commander's deputy is whoever else may command.
    """
    for row in data["role"]:
        line = list(row.get("line", []))
        people = sum(held.get(role, 0) for role in dict.fromkeys(line))
        if not line:
            yield Finding("no_line", "role", ALL, row["code"])
        elif not people:
            yield Finding("role_nobody", "role", ALL, row["code"])
        elif people == 1:
            yield Finding("no_deputy", "role", ALL, row["code"])
        for role, times in Counter(line).items():
            if times > 1:
                yield Finding("unreachable_step", "role", ALL, row["code"], {"step": role})


def _class(data: Mapping[str, Any], kind: str) -> Iterator[Finding]:
    if not rows(data, "criterion", kind):
        yield Finding("no_exit_criterion", "criterion", kind)
    if not rows(data, "task", kind):
        yield Finding("no_checklist", "task", kind)
    if not rows(data, "message", kind) and not rows(data, "message"):
        yield Finding("no_message", "message", kind)


def _positive(value: Any) -> bool:
    return isinstance(value, int) and value > 0
