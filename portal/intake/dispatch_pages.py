"""The page of the dispatch rules: their order, a new one, one to change, who changed what, and a try-out."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from portal.cases.rules import CATEGORIES, CHANNELS, LEVELS
from portal.cases.telling import because_words
from portal.directory import lists
from portal.identity import queries as people
from portal.identity import skills
from portal.identity.policy import allow
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.intake import dispatch_actions as actions
from portal.intake import dispatch_queries as queries
from portal.intake import dispatch_trace
from portal.intake.models import DispatchRule
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import sentence
from portal.proposals import book as proposals

dispatch = Blueprint("dispatch", __name__, url_prefix="/dispatch")
LISTS: dict[str, tuple[str, ...]] = {"channel": CHANNELS, "type": (), "category": CATEGORIES, "level": LEVELS}


def _lists(rule: DispatchRule | None = None) -> dict[str, tuple[str, ...]]:
    """What can be ticked: the fixed lists, types and classes in use, and what the rule itself has ticked."""
    edited = {"type": "type", "customer_class": "class"}
    known = LISTS | {
        name: tuple(code for code, one in lists.items(its).items() if one.active) for name, its in edited.items()
    }
    own = rule.conditions if rule else {}
    return {name: tuple(dict.fromkeys((*codes, *own.get(name, ())))) for name, codes in known.items()}


@dispatch.get("")
def index() -> Any:
    """The rules in their order; with ?text= also what they would do with such a request, with ?edit= one to change."""
    allow(current_actor(), "dispatch.edit")
    asked = request.args.get("edit", "")
    rule = queries.rule(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    return _page(rule, typed=_typed(rule) if rule else None)


def _typed(rule: DispatchRule) -> MultiDict[str, str]:
    """A rule as its form would send it."""
    words = "，".join(rule.conditions.get("words", ()))
    to = str(rule.person_id or ("shift" if rule.on_shift else "least" if rule.least_loaded else "queue"))
    typed = {"name": rule.name, "words": words, "unit": str(rule.unit_id), "to": to, "skill": rule.skill}
    ticked = [(name, v) for name, values in rule.conditions.items() if name != "words" for v in values]
    return MultiDict([*typed.items(), *ticked])


def _page(
    rule: DispatchRule | None = None, *, typed: Any = None, refused: Refused | None = None, status: int = 200
) -> Response:
    allow(current_actor(), "dispatch.edit")
    units, names = {unit.id: unit_name(unit) for unit in people.departments()}, people.names()
    facts = [(one, queries.facts_of(one)) for one in queries.kept()]
    page = render_template(
        "intake/dispatch.html", units=units, lists=_lists(rule), editing=rule, seen=queries.mark(rule) if rule else "",
        rows=[(one, dispatch_trace.fits(its), dispatch_trace.goes_to(its, units, names)) for one, its in facts],
        wrong=sentence(refused) if refused else "", wrong_at=refused.facts.get("field", "") if refused else "",
        typed=request.form if typed is None else typed, names=names, trace=dispatch_trace.trace(),
        tried=_tried() if "text" in request.args else None, asked=request.args, skills=skills.known(),
        members={unit_id: people.members(unit_id) for unit_id in units},
    )  # fmt: skip
    return make_response(page, status)


def _tried() -> dict[str, Any]:
    """What would happen to a request with this text by this channel."""
    text = request.args.get("text", "")[:8000]
    proposal = proposals.propose(text)
    facts = {"channel": request.args.get("channel", ""), "type": proposal.request_type, "words": text,
             "category": proposal.category, "level": proposal.level,
             "customer_class": request.args.get("customer_class", "")}  # fmt: skip
    choice = queries.choose(facts, clock.now())
    return {"choice": choice, "because": because_words(choice.because) if choice else "", "facts": facts}


def _wanted(rule: DispatchRule | None = None) -> dict[str, Any]:
    """What the form says, as the actions take it."""
    form = request.form
    conditions = {name: [v for v in form.getlist(name) if v in known] for name, known in _lists(rule).items()}
    words = [word.strip()[:40] for word in form.get("words", "").replace("，", ",").split(",")][:20]
    conditions["words"] = [word for word in words if word]
    unit = form.get("unit", "")
    return {
        "name": form.get("name", ""), "conditions": {name: values for name, values in conditions.items() if values},
        "unit_id": int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else 0,
        "to": form.get("to", "queue"), "skill": form.get("skill", "").strip()[:20],
    }  # fmt: skip


@dispatch.post("")
def add() -> Any:
    """Adds a rule at the end of the order."""
    actor, now = current_actor(), clock.now()
    try:
        with transaction():
            actions.add(actor, now, **_wanted())
    except Invalid as refused:
        return _page(refused=refused, status=422)
    return redirect(url_for("dispatch.index"), 303)


@dispatch.post("/<int:rule_id>")
def change(rule_id: int) -> Any:
    """Changes a rule in its place; who typed into one that has changed meanwhile keeps what was typed."""
    actor, now = current_actor(), clock.now()
    allow(actor, "dispatch.edit")
    rule = queries.rule(rule_id)
    try:
        with transaction():
            actions.change(actor, now, rule_id, request.form.get("seen", ""), **_wanted(rule))
    except (Invalid, Stale) as refused:
        return _page(queries.rule(rule_id), refused=refused, status=refused.status)
    return redirect(url_for("dispatch.index"), 303)


@dispatch.post("/<int:rule_id>/remove")
def remove(rule_id: int) -> Any:
    """Takes a rule out."""
    actor, now = current_actor(), clock.now()
    with transaction():
        actions.remove(actor, now, rule_id)
    return redirect(url_for("dispatch.index"), 303)


@dispatch.post("/<int:rule_id>/earlier")
def earlier(rule_id: int) -> Any:
    """Asks a rule one place earlier."""
    actor, now = current_actor(), clock.now()
    with transaction():
        actions.earlier(actor, now, rule_id)
    return redirect(url_for("dispatch.index"), 303)
