"""Plans as pages show them: sections of rows in words, findings and differences as sentences."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.incidents import grading_words, plan_bases, plan_data, plan_drafts, plan_queries, plans
from portal.incidents.plan_data import Named, Plan
from portal.incidents.plan_drafts import ALL
from portal.incidents.plan_lint import Finding
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, listed, locale, span, term

PARTS_ALL = ("phone", "role", "class", "grade", "problem", "task", "criterion", "message")
PARTS_CLASS = ("task", "criterion", "message")


class Basis(NamedTuple):
    """Where something of a row comes from: what (empty = the row), what it cites, whether a house rule."""

    what: str
    clause: str
    house: bool


class Row(NamedTuple):
    """One row in words: where it can be edited, its name, what it says, where all of it comes from."""

    part: str
    place: str
    code: str
    name: str
    says: str
    bases: list[Basis]
    findings: list[str]


class Section(NamedTuple):
    """Rows of one part."""

    part: str
    place: str
    title: str
    rows: list[Row]


class Said(NamedTuple):
    """A finding in words; `where` names the row, `at` the row's place in the page."""

    where: str
    text: str
    error: bool
    part: str
    place: str
    code: str


class Line(NamedTuple):
    """A plan in the list: its class, how much it holds, what came of incidents, when it is looked at again."""

    code: str
    name: str
    tasks: int
    criteria: int
    measures: int
    evaluated: plan_queries.Evaluated
    overdue: bool


def word(row: Mapping[str, Any]) -> str:
    """A raw row's name in the reader's language."""
    return str(row.get("en" if locale() == "en" else "zh") or row["code"])


def place_word(data: Mapping[str, Any], place: str) -> str:
    """For which class a row holds."""
    if place == ALL:
        return _("every class")
    return next((word(one) for one in data["class"] if one["code"] == place), place)


def lines(plan: Plan, since: datetime, now: datetime) -> list[Line]:
    """All plans for the list."""
    measures, found = plan_queries.open_measures(), []
    for code, row in plan.classes.items():
        looked = plan_queries.evaluated(code, since)
        found.append(
            Line(
                code,
                row.word(locale()),
                len(plan.tasks[code]),
                len(plan.criteria[code]),
                measures.get(code, 0),
                looked,
                looked.due <= now,
            )
        )
    return found


def sections(data: Mapping[str, Any], places: Iterable[tuple[str, str]], told: Iterable[Said] = ()) -> list[Section]:
    """The rows at these (part, place), each with what the linter says of it."""
    about: dict[tuple[str, str, str], list[str]] = {}
    for one in told:
        about.setdefault((one.part, one.place, one.code), []).append(one.text)
    plan = plan_data.plan(data)
    return [
        Section(part, place, title(data, part, place), [
            _row(plan, part, place, raw, about.get((part, place, raw["code"]), []))
            for raw in plan_drafts.rows(data, part, place)
        ])
        for part, place in places
    ]  # fmt: skip


def title(data: Mapping[str, Any], part: str, place: str) -> str:
    """The heading of a section."""
    name = term(f"plan_part.{part}")
    return name if part in plan_data.SCALES else f"{name} · {place_word(data, place)}"


def _row(plan: Plan, part: str, place: str, raw: Mapping[str, Any], told: list[str]) -> Row:
    return Row(part, place, raw["code"], word(raw), _says(plan, part, raw), list(bases(part, raw)), told)


def bases(part: str, raw: Mapping[str, Any]) -> Iterator[Basis]:
    """Every basis that a row of a part names."""
    for name in plan_bases.names(part):
        what, said = plan_bases.aspect(name), str(raw.get(name) or "").strip()
        if said:
            cited = said.replace(plan_bases.HOUSE, "").strip()
            yield Basis(term(f"plan_basis.{what}") if what else "", cited, plan_bases.HOUSE in said)


def _says(plan: Plan, part: str, raw: Mapping[str, Any]) -> str:
    english = locale() == "en"
    match part:
        case "task":
            return _task(plan, raw)
        case "criterion":
            says = [_("not before %(span)s", span=span(raw["minutes"] * 60))] if raw.get("minutes") else []
            says += [_("with a published text")] if raw.get("published") else []
            return " · ".join(says)
        case "message":
            return str(raw.get("text_en" if english else "text_zh", ""))
        case "phone":
            return str(raw.get("number") or _("no number written yet"))
        case "role":
            return _(
                "called in this order: %(roles)s", roles=listed(term(f"role.{one}") for one in raw.get("line", []))
            )
        case "class":
            return " · ".join(filter(None, (listed(raw.get("keywords", [])), *_signs(raw))))
    row = Named(raw["code"], raw["zh"], raw["en"], dict(raw))
    return _grade(row) if part == "grade" else _problem(plan, row)


def _signs(raw: Mapping[str, Any]) -> Iterator[str]:
    """The signs by which a request is proposed to be led as an incident of this class."""
    for code in ("harm", "public"):
        if raw.get(f"signs_{code}"):
            yield f"{term(f'major_sign.{code}')}: {listed(raw[f'signs_{code}'])}"
    for code in ("alike", "amount", "reopened"):
        if raw.get(f"signs_{code}"):
            yield term(f"major_sign.{code}") % {"n": raw[f"signs_{code}"]}


def _task(plan: Plan, raw: Mapping[str, Any]) -> str:
    role = plan.roles.get(raw.get("role", ""))
    says = [
        "T+" + span(raw.get("minutes", 0) * 60),
        role.word(locale()) if role else str(raw.get("role", "")),
        term(f"task_kind.{raw.get('kind', '')}"),
    ]
    if raw.get("from"):
        grade = plan.grades.get(raw["from"])
        says.append(_("from grade %(grade)s on", grade=grade.word(locale()) if grade else raw["from"]))
    proof = raw.get("proof_en" if locale() == "en" else "proof_zh")
    return " · ".join([*says, *([_("proof: %(what)s", what=proof)] if proof else [])])


def _grade(row: Named) -> str:
    facts = row.facts
    return _(
        "%(from)s; report every %(report)s minutes, answer within %(answer)s minutes, %(n)s answers needed",
        report=facts.get("report_minutes", "–"), answer=facts.get("answer_minutes", "–"), n=facts.get("answers", "–"),
        **{"from": grading_words.conditions(row)},
    )  # fmt: skip


def _problem(plan: Plan, row: Named) -> str:
    grade = plan.grades.get(row.facts.get("grade", ""))
    says = [grading_words.conditions(row), grading_words.handled(row)]
    says += [_("corresponds to grade %(grade)s", grade=grade.word(locale()))] if grade else []
    return " · ".join(one for one in says if one)


def findings(data: Mapping[str, Any], found: Iterable[Finding]) -> list[Said]:
    """The linter's findings as sentences, those that must be mended first."""
    told = []
    for one in found:
        raw = plan_drafts.row_of(data, one.part, one.place, one.code)
        name = word(raw) if raw else title(data, one.part, one.place)
        facts = {
            name: term(f"plan_basis.{said}") if name == "basis" and said else said for name, said in one.facts.items()
        }
        text = term(f"plan_lint.{one.what}") % facts
        told.append(Said(name, text, one.error, one.part, one.place, one.code))
    return sorted(told, key=lambda said: not said.error)


def _cited(part: str, raw: Mapping[str, Any]) -> str:
    """Everything that a row cites, in one line."""
    house = {True: _("house rule"), False: ""}
    found = (" ".join(filter(None, (one.what, one.clause, house[one.house]))) for one in bases(part, raw))
    return " · ".join(found) or _("Nothing yet")


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """What a draft says differently: where, which row, before, after."""
    before, after = plan_data.plan(old), plan_data.plan(new)
    found = []
    for one in plan_drafts.differences(old, new):
        raw = one.new or one.old or {}
        was = _says(before, one.part, one.old) if one.old else _("not there")
        now = _says(after, one.part, one.new) if one.new else _("taken out")
        if was == now and one.old and one.new:
            was, now = word(one.old), word(one.new)
        if was == now and one.old and one.new:
            was, now = (_cited(one.part, raw) for raw in (one.old, one.new))
        found.append((title(new, one.part, one.place), word(raw), was, now))
    return found


def since(plan: Plan) -> datetime:
    """Since when a plan is in force: of a shipped one the day on which it was written."""
    if plan.number in plans.shipped():
        return datetime.fromisoformat(f"{plan.facts['since']}T00:00:00+08:00")
    row = plan_queries.one(plan.number)
    return row.effective_from or row.at


def origin(plan: Plan) -> str:
    """Which version this is and since when it holds."""
    return _("Version %(n)s, in force since %(at)s", n=plan.number, at=instant(since(plan)))
