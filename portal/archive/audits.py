"""Reading the auditor's papers: what a sample is drawn from, samples with their sheets, findings one may see."""

from datetime import datetime

from sqlalchemy import select

from portal.archive.audit_models import Finding, Sample, SampleItem
from portal.archive.models import Archived
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.kernel.db import db, read
from portal.kernel.engines import holds
from portal.kernel.errors import Missing

NUMBERS = "SELECT no FROM archived WHERE {} AND readers IS NULL AND archived_at >= :since AND archived_at < :until"


def numbers(since: datetime, until: datetime) -> list[str]:
    """The numbers of present records archived between two instants; restricted cases are drawn by nobody."""
    asked = {"since": int(since.timestamp()), "until": int(until.timestamp())}
    return [row[0] for row in read(NUMBERS.format(holds("current")), asked)]


def finding(actor: Actor, finding_id: int) -> Finding:
    """A finding, if this person may see it. Raises Missing."""
    found = db.session.get(Finding, finding_id)
    if found is None or not (may(actor, "audit.view") or may(actor, "audit.answer", found)):
        raise Missing("not_found")
    return found


def findings(actor: Actor) -> list[Finding]:
    """Findings this person may see, open ones first, the newest first."""
    query = select(Finding).order_by(Finding.state == "closed", Finding.id.desc()).limit(200)
    whole = may(actor, "audit.view")
    return [one for one in db.session.scalars(query) if whole or may(actor, "audit.answer", one)]


def samples(actor: Actor) -> list[Sample]:
    """The samples, newest first."""
    allow(actor, "audit.view")
    return list(db.session.scalars(select(Sample).order_by(Sample.id.desc()).limit(50)))


def sample(actor: Actor, sample_id: int) -> tuple[Sample, list[SampleItem], dict[str, Archived]]:
    """A sample with its sheets and its records by number. Raises Missing."""
    allow(actor, "audit.view")
    found = db.session.get(Sample, sample_id)
    if found is None:
        raise Missing("not_found")
    items = list(
        db.session.scalars(select(SampleItem).where(SampleItem.sample_id == sample_id).order_by(SampleItem.place))
    )
    rows = select(Archived).where(Archived.no.in_([item.no for item in items]), Archived.current)
    return found, items, {row.no: row for row in db.session.scalars(rows) if may(actor, "archive.view", row)}
