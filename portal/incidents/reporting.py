"""What the report form brings beside its fields: cases linked with it, and what is filled in from one sentence."""

from datetime import datetime
from typing import Any

from flask import request

from portal import shell
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import actions, grading_rules, grading_words, plans, queries, telling
from portal.incidents.models import Incident
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale


def offer_cases(actor: Actor, form: Any) -> None:
    """Cases named in the address (?cases=CS1,CS2), ticked; none to those who may not link."""
    named = form.cases.data if form.is_submitted() else request.args.get("cases", "").split(",")
    found = queries.linkable(named or ()) if may(actor, "incident.link") else []
    if not found:
        del form.cases
        return
    form.offer(cases=[(no, no) for no in found])
    if not form.is_submitted():
        form.cases.data = found


def assumed_place(actor: Actor) -> str:
    """Where it is, when nobody writes it: the department of who reports it."""
    return shell.home_unit(actor) or actor.name


def explain(actor: Actor, form: Any) -> None:
    """From when each grade is proposed, and which place is assumed."""
    grades = plans.latest().grades.values()
    form.thresholds = [(row.word(locale()), each) for row in grades if (each := grading_words.each_condition(row))]
    form.place.description = _("Left empty, %(place)s is assumed.", place=assumed_place(actor))


def new_report(actor: Actor, now: datetime, form: Any, key: str) -> Incident:
    """The report, with the cases that were ticked beside it linked."""
    facts = {f.name: f.data for f in form.shown() if f.name not in ("hours", "cases")}
    hours, cases = form.hours.data, form.cases.data if form.cases else None
    facts |= {"cause": form.cause.data or "", "lasts": None if hours is None else hours * 60}
    words = " ".join(x for x in (form.title.data, form.scope.data, form.cause.data) if x)
    facts["kind"] = form.kind.data or grading_rules.likely_class(plans.latest(), words)
    facts["place"] = form.place.data or assumed_place(actor)
    facts["scope"] = form.scope.data or form.title.data
    made = actions.report(actor, now, key=key, **facts)
    still = queries.linkable(cases or ())  # what was linked elsewhere meanwhile stays there
    if still:
        telling.link_cases(actor, now, made, numbers=still)
    return made
