"""What the report form brings beside its fields: cases linked with it, and what is filled in from one sentence."""

from datetime import datetime
from typing import Any

from flask import request

from portal import shell
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.incidents import actions, grading_rules, plans, queries, telling
from portal.incidents.models import Incident


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


def new_report(actor: Actor, now: datetime, form: Any, key: str) -> Incident:
    """The report, with the cases that were ticked beside it linked."""
    facts = {f.name: f.data for f in form.shown() if f.name not in ("hours", "cases")}
    hours, cases = form.hours.data, form.cases.data if form.cases else None
    facts |= {"cause": form.cause.data or "", "lasts": None if hours is None else hours * 60}
    words = " ".join(x for x in (form.title.data, form.scope.data, form.cause.data) if x)
    facts["kind"] = form.kind.data or grading_rules.likely_class(plans.latest(), words)
    facts["place"] = form.place.data or shell.home_unit(actor) or actor.name
    facts["scope"] = form.scope.data or form.title.data
    made = actions.report(actor, now, key=key, **facts)
    still = queries.linkable(cases or ())  # what was linked elsewhere meanwhile stays there
    if still:
        telling.link_cases(actor, now, made, numbers=still)
    return made
