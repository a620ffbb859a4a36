"""What staff do between a case and its customer: linking a contact, checking the identity, disclosing data."""

from collections.abc import Iterable
from datetime import datetime

from portal.cases import rules
from portal.cases.customer_events import ContactLinked, Disclosed, IdentityChecked
from portal.cases.models import Case
from portal.cases.record import record
from portal.cases.submissions import note_made
from portal.directory import lists
from portal.directory.list_rules import FACTS
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.kernel.errors import Invalid, Refused
from portal.kernel.instants import epoch


def link_contact(
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    channel: str,
    words: str,
    contact: str,
    received: datetime,
    key: str = "",
) -> None:
    """A repeat contact belongs to this case (IN8): it keeps its channel; what was written starts the next reply."""
    allow(actor, "case.contact", case)
    rules.still_open(case)
    if channel not in rules.CHANNELS:
        raise Invalid("choose_means", field="channel")
    if received > now:
        raise Invalid("received_ahead", field="received")
    if received < case.received_at.replace(second=0, microsecond=0):  # a time that is typed has no seconds
        raise Invalid("contact_before_case", field="received", at=epoch(case.received_at))
    said = rules.require(words, "description")
    event = ContactLinked(channel, said, contact.strip(), epoch(received), counts=True)
    record(case, event, by=actor, at=now, occurred_at=received)
    note_made(key, case.id, by=actor, at=now)


def check_identity(
    actor: Actor, now: datetime, case: Case, *, right: Iterable[str], wrong: Iterable[str] = (), words: str = ""
) -> None:
    """核身: which facts were asked, which were right; with a wrong one, or too few, the identity is not confirmed."""
    allow(actor, "case.verify", case)
    rules.still_open(case)
    asked = lists.item("type", case.request_type)
    facts = asked.verify or FACTS
    known, failed = tuple(c for c in facts if c in set(right)), tuple(c for c in facts if c in set(wrong))
    if not known and not failed:
        raise Invalid("tick_facts", field="right")
    if set(known) & set(failed):
        raise Invalid("fact_twice", field="wrong")
    record(case, IdentityChecked(known, failed, max(1, asked.least), words.strip()), by=actor, at=now)


def disclose(actor: Actor, now: datetime, case: Case, *, what: str, means: str, to: str) -> None:
    """Data of the customer is told; refused before the identity check that the request type needs (IN14)."""
    allow(actor, "case.disclose", case)
    rules.still_open(case)
    least = lists.item("type", case.request_type).least
    if least and len(case.checked or ()) < least:
        raise Refused("check_identity_first", type=f"term:type.{case.request_type}", least=least)
    if means not in rules.MEANS:
        raise Invalid("choose_means", field="means")
    facts = tuple(case.checked or ())
    event = Disclosed(rules.require(what, "what"), means, rules.require(to, "to"), facts)
    record(case, event, by=actor, at=now)
