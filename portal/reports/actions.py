"""Writing into a quarterly report."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Stale
from portal.reports.models import ReportText
from portal.reports.rules import Span, section_number, section_text


@dataclass(frozen=True)
class TextWritten:
    """正文: the text of a section was written."""

    section: int
    text: str


def write_text(
    actor: Actor, now: datetime, span: Span, *, section: str | int, text: str, seen: int | None = None
) -> ReportText:
    """Keeps a section's text; an empty text takes it out. Raises Stale when somebody wrote since it was read."""
    allow(actor, "report.write")
    event = TextWritten(section_number(section), section_text(text))
    where = (ReportText.quarter == span.code) & (ReportText.section == event.section)
    row = db.session.scalar(select(ReportText).where(where).with_for_update())
    if seen is not None and seen != (row.version if row else 0):
        raise Stale("changed_meanwhile")
    if row is None:
        row = ReportText(quarter=span.code, section=event.section, version=0)
        db.session.add(row)
    row.text, row.by_id, row.by_name, row.at = event.text, actor.id, actor.name, now
    row.version += 1
    db.session.flush()
    stream.append(f"report:{span.code}", "TextWritten", asdict(event), by_id=actor.id, at=now)
    return row
