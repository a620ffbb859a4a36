"""@name or @login in a note: who is meant, as far as they may see the case (DK5). Unknown names stay text."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.cases.models import Case
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Person
from portal.identity.policy import may
from portal.kernel.collation import name_key
from portal.kernel.db import db
from portal.notices.tell import tell

AT = re.compile(r"(?<![A-Za-z0-9._-])[@＠](?=([^\s@＠][^\n@＠]{0,39}))")
ENDS = re.compile(r"[A-Za-z0-9_-]|\.[A-Za-z0-9]")
MOST = 20  # mentions of one note
OFFERED = 8  # people offered while somebody types


def after_at(text: str) -> list[str]:
    """What stands behind each @ of a text (not inside a mail address), up to forty characters of its line."""
    return list(dict.fromkeys(found[1] for found in AT.finditer(text)))[:MOST]


def meant(behind: str, known: Iterable[str]) -> str:
    """The longest known name or login with which the text begins; "" when there is none.

    Chinese names may be followed by anything; one that ends with a Latin letter or digit has to end there.
    """
    low = behind.lower()
    fits = [n for n in known if low.startswith(n.lower()) and not (n[-1:].isascii() and ENDS.match(behind[len(n) :]))]
    return max(fits, key=len, default="")


def mentionable(actor: Actor, case: Case, beginning: str) -> list[Actor]:
    """Whom a note may name so far as is typed, not the writer; those of the case's department first."""
    low = beginning.lower()
    found = [
        one
        for one in people.everybody()
        if one.id != actor.id
        and (one.name.lower().startswith(low) or one.login.startswith(low))
        and may(one, "case.view", case)
    ]
    return sorted(found, key=lambda one: (one.unit_id != case.unit_id, name_key(one.name)))[:OFFERED]


def tell_mentioned(actor: Actor, now: datetime, case: Case, text: str) -> None:
    """Tells those whom a note names and who may see the case; the writer is not told."""
    pieces = after_at(text)
    if not pieces:
        return
    found = _people({piece[:n] for piece in pieces for n in range(1, len(piece) + 1)})
    known = {name for person in found for name in (person.name, person.login)}
    names = {meant(piece, known) for piece in pieces} - {""}
    told = [
        person.id
        for person in found
        if names & {person.name, person.login}
        and person.id != actor.id
        and may(people.actor_of(person), "case.view", case)
    ]
    facts = {"no": case.no, "title": case.title, "level": case.level_now}
    tell(told, "mentioned", subject=case.stream, key=f"mentioned:{case.id}:{case.version}", facts=facts, now=now)


def _people(beginnings: set[str]) -> list[Person]:
    """Active people whose whole name or login is one of these."""
    named = Person.name.in_(beginnings) | Person.login.in_({text.lower() for text in beginnings})
    return list(db.session.scalars(select(Person).where(Person.active, named)))
