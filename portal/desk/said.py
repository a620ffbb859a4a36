"""What is said to the customer while something is done to a case: wording with the case's values, and its count."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.cases.guard import whole
from portal.cases.models import Case
from portal.clocks.models import Clock
from portal.desk import caches
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.kernel.db import db
from portal.kernel.i18n import instant, locale, span, term
from portal.knowledge import actions
from portal.knowledge.offers import Offer, offers, references
from portal.knowledge.rules import leads_nowhere

# deed -> the steps whose wording fits, and the field it goes into when none is in use
SAID = {
    "contact": (("acknowledgement", "progress", "promise", "delay", "apology", "greeting", "unreachable"), "words"),
    "tell": (("result", "apology", "closing"), "words"),
    "extend": (("extension", "apology"), "told"),
    "pause": (("waiting",), "words"),
    "transfer": (("transfer",), "told"),
    "plan": (("scheduled", "progress"), "words"),
    "rate": (("closing",), "comment"),
    "close": (("closing", "unreachable"), "reason"),
    "solve": (("result", "closing"), "text"),
}  # fmt: skip
NEW_TIME = frozenset(("extend", "pause"))  # the deed itself moves the time: the present one is not promised here


def offered(actor: Actor, now: datetime, case: Case, deed: str) -> tuple[list[Offer], str]:
    """The wording for a deed, and the field it goes into; nothing where nothing is said."""
    if deed not in SAID or not may(actor, "wording.view"):
        return [], ""
    steps, into = SAID[deed]
    values = values_of(actor, now, case)
    if deed in NEW_TIME:
        values |= {"promised": "", "progress": ""}
    found = offers(now, steps, case.channel, values)
    if deed == "tell":  # a text of an installation's own may still lead up to the result without its place
        found = [o._replace(text=o.text + values["result"]) if leads_nowhere(o.text) else o for o in found]
    return found, f"{deed}-{into}"


def values_of(actor: Actor, now: datetime, case: Case) -> dict[str, str]:
    """What a text may say of this case; empty where it is not known or may not be said."""
    known = may(actor, "customer.contact", case)
    return {
        "number": case.no, "customer": whole(case).customer_name if known else "", "agent": actor.name,
        "level": f"{case.level_now} {term(f'level.{case.level_now}')}", "department": _unit_name(case.unit_id),
        "next": term(f"tell_next.{case.state}"), "promised": due(case, "result", now),
        "progress": due(case, "progress", now), "overdue": overdue(case, now), "result": case.result or "",
    }  # fmt: skip


def _unit_name(unit_id: int) -> str:
    return next((one.called(locale()) for one in caches.units().values() if one.id == unit_id), "")


def due(case: Case, kind: str, now: datetime) -> str:
    """The policy's own instant of a running clock, to the minute it lies in: never later, never earlier.

    Empty when it has passed, while a pause moves it, and without such a clock. A new time that waits for approval is
    not promised before it is approved.
    """
    row = _running(case, kind)
    if row is None or row.paused_at is not None:
        return ""
    ends = min(row.due_at, row.effective_due) if case.extension else row.effective_due
    return instant(ends) if ends > now else ""


def overdue(case: Case, now: datetime) -> str:
    """For how long the result has been due, in words; empty while there is time."""
    row = _running(case, "result")
    late = now - row.effective_due if row is not None and row.paused_at is None else timedelta(0)
    return span(late) if late > timedelta(0) else ""


def _running(case: Case, kind: str) -> Clock | None:
    query = select(Clock).where(Clock.case_id == case.id, Clock.kind == kind, Clock.outcome == "running")
    return db.session.scalar(query.order_by(Clock.id.desc()))


def count(actor: Actor, now: datetime, case: Case, deed: str, refs: Sequence[str]) -> None:
    """Counts the wording that a deed's form says was used, with the entry of the journal it was used in."""
    found = references(refs)
    if found:
        actions.count_use(actor, now, "wording", found, case_id=case.id, entry=case.version, deed=deed)
