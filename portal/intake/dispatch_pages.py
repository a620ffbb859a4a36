"""The page of the dispatch rules: their order, a new one, and a try-out that writes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

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
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Invalid
from portal.kernel.i18n import sentence
from portal.proposals import book as proposals

dispatch = Blueprint("dispatch", __name__, url_prefix="/dispatch")
LISTS = {"channel": CHANNELS, "type": (), "category": CATEGORIES, "level": LEVELS}


def _lists() -> Mapping[str, Sequence[str]]:
    """What can be ticked: the fixed lists, and the types and classes of customers that are in use."""
    edited = {"type": "type", "customer_class": "class"}
    return LISTS | {
        name: tuple(code for code, one in lists.items(its).items() if one.active) for name, its in edited.items()
    }


@dispatch.get("")
def index() -> Any:
    """The rules in their order; with ?text= also what they would do with such a request."""
    return _page()


def _page(wrong: str = "", status: int = 200) -> Response:
    allow(current_actor(), "dispatch.edit")
    units = {unit.id: unit_name(unit) for unit in people.departments()}
    rows = [
        (rule, [[because_words([f"{name}:{value}"]) for value in values] for name, values in rule.conditions.items()])
        for rule in queries.kept()
    ]
    page = render_template(
        "intake/dispatch.html", rows=rows, units=units, names=people.names(), lists=_lists(), wrong=wrong,
        typed=request.form, tried=_tried() if "text" in request.args else None, asked=request.args,
        skills=skills.known(),
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


@dispatch.post("")
def add() -> Any:
    """Adds a rule at the end of the order."""
    actor, now, form = current_actor(), clock.now(), request.form
    conditions = {name: [v for v in form.getlist(name) if v in known] for name, known in _lists().items()}
    conditions["words"] = [word.strip()[:40] for word in form.get("words", "").replace("，", ",").split(",")][:20]
    wanted = {name: [v for v in values if v] for name, values in conditions.items()}
    unit = form.get("unit", "")
    try:
        with transaction():
            actions.add(
                actor, now, name=form.get("name", ""), conditions={n: v for n, v in wanted.items() if v},
                unit_id=int(unit) if unit.isdigit() else 0, to=form.get("to", "queue"),
                skill=form.get("skill", "").strip()[:20],
            )  # fmt: skip
    except Invalid as refused:
        return _page(sentence(refused), 422)
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
