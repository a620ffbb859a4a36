"""Definitions as pages show them: names in the reader's language, findings as sentences, rows of steps, pictures."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from portal.clocks import policy_view
from portal.clocks.book import calendar_name
from portal.clocks.deadlines import parse_limit
from portal.identity import queries as people
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext, listed, locale, sentence, term
from portal.workflows import flow_drafts, versions, yaml_text
from portal.workflows.definition import Definition, Evidence, Limit, Name, Step, from_data
from portal.workflows.lint import HOLDERS, Finding, errors, lint
from portal.workflows.picture import drawn

STEP_FACTS = ("to", "from", "one", "other", "left")


class Said(NamedTuple):
    """A finding in words: where, what, and whether it must be mended."""

    step: str
    name: str
    text: str
    error: bool


class Row(NamedTuple):
    """One step of the table: every cell in words."""

    code: str
    name: str
    kind: str
    holder: str
    limit: str
    clause: str
    then: list[str]
    waits: str
    evidence: list[str]
    returns: list[str]
    tells: str
    sheet: str
    findings: list[Said]


def said(name: Name | None) -> str:
    """A name in the reader's language, in the other one where it lacks."""
    if name is None:
        return ""
    return (name.en or name.zh) if locale() == "en" else (name.zh or name.en)


def unit_names() -> dict[str, str]:
    """Words of units and holders by their codes."""
    english = locale() == "en"
    found = {unit.code: (unit.name_en if english and unit.name_en else unit.name) for unit in people.units()}
    return found | {code: term(f"holder.{code}") for code in HOLDERS}


def unreadable(error: Exception) -> Invalid:
    """The refusal of a text that is no YAML."""
    return Invalid("flow_unreadable", field="text", line=getattr(error, "line", 0))


def findings(definition: Definition, found: Iterable[Finding]) -> list[Said]:
    """The linter's findings as sentences; steps and departments by their names."""
    steps = {step.code: said(step.name) or step.code for step in definition.steps}
    units = unit_names()
    told = []
    for one in found:
        facts = {name: _fact(name, value, steps, units) for name, value in one.facts.items()}
        told.append(Said(one.step, steps.get(one.step, ""), sentence(Invalid(f"flow_{one.code}", **facts)), one.error))
    return told


def _fact(name: str, value: Any, steps: Mapping[str, str], units: Mapping[str, str]) -> Any:
    if name in STEP_FACTS:
        return steps.get(value, value)
    return units.get(value, value) if name == "unit" else value


def limit_words(limit: Limit) -> str:
    """A step's limit in words: a share of the whole, or a length."""
    return f"{limit.share} %" if limit.share else length_words(limit.fixed)


def length_words(limit: str) -> str:
    """A length in words; as it was typed where it cannot be read."""
    try:
        return policy_view.limit_words(*parse_limit(limit))
    except ValueError:
        return limit


def evidence_words(one: Evidence) -> str:
    """One piece of evidence: its name, what it is, whether it may be left out."""
    kind = term(f"proof.{one.kind}")
    more = "" if one.required else gettext(", may be left out")
    return f"{said(one.name)} ({kind}{more})" if locale() == "en" else f"{said(one.name)}（{kind}{more}）"


def rows(definition: Definition, told: Iterable[Said]) -> list[Row]:
    """The table of steps beside the picture: it says all that the picture shows, and more."""
    names, units, by_step = {s.code: said(s.name) for s in definition.steps}, unit_names(), list(told)
    return [_row(step, names, units, [one for one in by_step if one.step == step.code]) for step in definition.steps]


def _row(step: Step, names: Mapping[str, str], units: Mapping[str, str], told: list[Said]) -> Row:
    def called(codes: Iterable[str]) -> str:
        return listed([names.get(code, code) for code in codes])

    holder = units.get(step.holder, step.holder) + (f" · {term(f'role.{step.role}')}" if step.role else "")
    then = [f"{said(way.name)} → {called(way.next)}" for way in step.outcomes] or [called(step.next)]
    if step.kind == "end":
        then = [term(f"flowresult.{step.result}")]
    return Row(
        code=step.code, name=said(step.name), kind=term(f"flowkind.{step.kind}"), holder=holder,
        limit=limit_words(step.limit), clause=step.limit.clause, then=then, waits=called(step.waits_for),
        evidence=[evidence_words(one) for one in step.evidence],
        returns=[f"{names.get(r.to, r.to)}: {listed([said(why.name) for why in r.reasons])}" for r in step.returns],
        tells=listed([units.get(code, code) for code in step.tells]), sheet=said(step.sheet), findings=told,
    )  # fmt: skip


def pictures(definition: Definition, states: Mapping[str, str] | None = None, name: str = "flow") -> list[Markup]:
    """Two drawings of one flow: from left to right for wide screens, from top to bottom for phones."""
    units = unit_names()
    lang: Any = "en" if locale() == "en" else "zh"
    about = gettext("The table of steps says what this picture shows.")
    return [
        drawn(definition, states or {}, lang, names=units, down=down, name=f"{name}-{'tall' if down else 'wide'}",
              about=about)
        for down in (False, True)
    ]  # fmt: skip


class Line(NamedTuple):
    """One flow of the list: its newest name, the version in force, the open draft, what is wrong with it."""

    flow: str
    name: str
    held: Any
    draft: Any
    steps: int
    wrong: int


def line(versions_: list[Any], now: datetime) -> Line:
    """One flow of the list; its versions come the newest first."""
    held = next((row for row in versions_ if row.state == "effective" and row.effective_from <= now), None)
    draft = next((row for row in versions_ if row.state in versions.OPEN), None)
    shown = from_data((held or draft or versions_[0]).data)
    wrong = 0
    if draft is not None:
        wrong = len(errors(lint(from_data(draft.data), versions.known(now))))
    return Line(versions_[0].flow, said(shown.name), held, draft, len(shown.steps), wrong)


def whole(definition: Definition) -> list[tuple[str, str]]:
    """What concerns the whole flow, as pairs for a list."""
    limits = [f"{term(f'customer_class.{code}')}: {length_words(limit)}" for code, limit in definition.classes.items()]
    return [
        (
            gettext("Limit of the whole"),
            " · ".join(one for one in (length_words(definition.limit), definition.clause) if one),
        ),
        (gettext("Other limits by customer class"), listed(limits)),
        (gettext("Calendar"), calendar_name(definition.calendar)),
        (gettext("Begins with"), listed([said(s.name) for s in definition.steps if s.code in definition.first])),
        (gettext("Fields of the order"), listed([evidence_words(one) for one in definition.fields])),
    ]


class Change(NamedTuple):
    """One difference of two versions, in words."""

    where: str
    what: str
    old: str
    new: str


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What two versions say differently."""
    lang = "en" if locale() == "en" else "zh"
    names = {step["code"]: step["name"][lang] for data in (old, new) for step in data["steps"]}
    return [
        Change(names.get(one.step, "") or one.step, term(f"flowpart.{one.what}"), _shown(one.old), _shown(one.new))
        for one in flow_drafts.differences(dict(old), dict(new))
    ]


def _shown(value: Any) -> str:
    """A value of the data as a line of YAML, as it stands in an exported file."""
    return "–" if value is None else yaml_text.write({"": value}).removeprefix("'':").strip()
