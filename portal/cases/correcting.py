"""Corrections with trace (QU7): what may be corrected, and what the supervisor decides first. Pure."""

from datetime import datetime
from typing import Any

from portal.cases import matter_events as m
from portal.cases.back_entry import is_back_entry
from portal.cases.rules import CATEGORIES, CHANNELS, require
from portal.kernel.errors import Invalid, Refused

CODED = {"channel": CHANNELS, "request_type": (), "category": CATEGORIES, "complexity": ("simple", "complex")}
FIELDS = ("customer", "order_no", "received", *CODED)
# these could change a verdict: the supervisor approves first
JUDGING = ("received", "channel", "request_type", "complexity")


def value_of(case: Any, field: str) -> str:
    """What stands there now, as a correction writes it."""
    if field == "received":
        return str(int(case.received_at.timestamp()))
    return str(case.contact if field == "customer" else getattr(case, field))


def ask(case: Any, *, field: str, new: str, received: datetime | None, reason: str) -> m.CorrectionAsked:
    """What is to be corrected, checked; the time received lies before we took the request down."""
    if case.state in ("void", "merged"):
        raise Refused("case_ended", no=case.no, state=f"term:state.{case.state}")
    if field not in FIELDS:
        raise Invalid("choose_field", field="what")
    if case.correction:
        raise Refused("correction_waits", no=case.no)
    new = _received(case, received) if field == "received" else _worded(field, new)
    if new == value_of(case, field):
        raise Invalid("same_value", field=_place(field))
    return m.CorrectionAsked(field, value_of(case, field), new, require(reason, "reason"))


def _received(case: Any, received: datetime | None) -> str:
    if received is None:
        raise Invalid("time_missing", field="received")
    if received > min(case.recorded_at, case.responded_at or case.recorded_at):
        raise Invalid("received_after_answer", field="received")
    return str(int(received.timestamp()))


def _place(field: str) -> str:
    """Where the form asks for the new value."""
    return field if field == "received" or field in CODED else "value"


def _worded(field: str, new: str) -> str:
    if CODED.get(field) and new not in CODED[field]:
        raise Invalid("choose_value", field=field)
    return require(new, _place(field))


def decide(case: Any, *, by: int, approved: bool, words: str) -> m.FactCorrected | m.CorrectionRefused:
    """The supervisor's word; nobody decides about the correction they asked for."""
    if not case.correction:
        raise Refused("no_correction_waits", no=case.no)
    asked = case.correction
    if asked["by"] == by:
        raise Refused("correct_by_others", no=case.no)
    if not approved:
        return m.CorrectionRefused(asked["field"], asked["new"], require(words, "words"))
    facts = {name: asked[name] for name in ("field", "old", "new", "reason")}
    return m.FactCorrected(**facts, back=is_back_entry(case.source))
