"""One act on many cases (DK6): which acts there are, what fits which case, and the act on one of them (ADR 19)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField

from portal.cases import queries
from portal.cases.models import Case
from portal.cases.submissions import made_by, note_made
from portal.desk import case_deeds, merging
from portal.desk.case_forms import DeedForm
from portal.desk.deed import OPEN, Deed
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.identity.queries import unit_name
from portal.incidents import queries as incidents
from portal.incidents import telling
from portal.intake.forms import time_hint
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import gettext as _

MOST = 500


class LinkForm(DeedForm):
    """A running incident."""

    incident = SelectField(_l("To which incident"))


def _link(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    incident = incidents.incident_to_change(actor, form.incident.data)
    telling.link_cases(actor, now, incident, numbers=[case.no])


DEEDS: dict[str, Deed] = {
    **{name: case_deeds.DEEDS[name] for name in ("assign", "transfer", "chase", "tell", "close")},
    "link": Deed("incident.link", LinkForm, _link, OPEN, "", "link", lambda c: c.incident_id is None),
}


class Line(NamedTuple):
    """A chosen case and why the act does not fit it (a code, empty when it does)."""

    case: Case
    not_now: str


def deed_by_name(name: str) -> Deed:
    """The act of this name. Raises Invalid."""
    if name not in DEEDS:
        raise Invalid("unusable_input")
    return DEEDS[name]


def possible(actor: Actor) -> list[str]:
    """The acts this person may do at all."""
    return [name for name, deed in DEEDS.items() if may(actor, deed.verb)]


def chosen(actor: Actor, name: str, numbers: Iterable[str]) -> list[Line]:
    """The cases behind ticked numbers, in their order. Raises Invalid for none and for more than 500."""
    deed, wanted = deed_by_name(name), list(dict.fromkeys(numbers))
    if not wanted:
        raise Invalid("nothing_chosen")
    if len(wanted) > MOST:
        raise Invalid("too_many_chosen", most=MOST)
    found = {case.no: case for case in db.session.scalars(select(Case).where(Case.no.in_(wanted)))}
    seen = [found[no] for no in wanted if no in found and may(actor, "case.view", found[no])]
    if not seen:
        raise Invalid("nothing_chosen")
    return [Line(case, not_now(actor, deed, case)) for case in seen]


def not_now(actor: Actor, deed: Deed, case: Case) -> str:
    """Why the act does not fit this case, as a refusal's code; empty when it fits."""
    if not may(actor, deed.verb, None if deed.verb == "incident.link" else case):
        return "not_allowed"
    return "" if case.state in deed.states and deed.fits(case) else "bulk_not_now"


def filled(name: str, form: Any, lines: list[Line]) -> Any:
    """The act's form for all of the cases, its lists filled."""
    units = {line.case.unit_id for line in lines}
    if "unit" in form:
        here = set() if any(form.unit.raw_data or ()) else units  # sent again, the cases may stand there already
        form.unit.choices = [(u.id, unit_name(u)) for u in people.departments() if here != {u.id}]
        form.expected.description = time_hint()
    if "person" in form:
        members = {p.id: p.name for unit in sorted(units) for p in people.members(unit)}
        form.person.choices = list(members.items())
        form.reason.flags.required = True
    if "incident" in form:
        form.incident.choices = [(no, f"{no} {title}") for _id, no, title in incidents.running()]
    return form


def complete(name: str, form: Any) -> bool:
    """Whether the form may be used; handing out many cases needs its reason, which one case may go without."""
    valid = bool(form.validate_on_submit())
    if name == "assign" and not (form.reason.data or "").strip():
        form.reason.errors = [*form.reason.errors, _("Write this in a few words; it is kept in the record.")]
        return False
    return valid


def act(actor: Actor, now: datetime, name: str, no: str, form: Any, *, seen: int, key: str) -> bool:
    """Does the act on one case, all or nothing; False when this very form has done it already. In transaction().

    Raises what the act itself refuses, and Stale when the case has moved since the preview.
    """
    deed = deed_by_name(name)
    allow(actor, deed.verb)
    case = queries.case_to_change(actor, no)
    mine = f"{key[:40]}:{case.id}"
    if made_by(mine) is not None:
        return False
    if case.version != seen:
        news = [line.kind for line in stream.read(case.stream) if line.n > seen]
        if seen > case.version or merging.conflict(name, news):
            raise Stale("changed_meanwhile", no=no, seen=seen)
    code = not_now(actor, deed, case)
    if code:
        raise Refused(code, verb=deed.verb)
    deed.act(actor, now, case, form)
    note_made(mine, case.id, by=actor, at=now)
    return True
