"""The shipped flows in the store: in force where everything they name is there, else as drafts to be completed."""

from datetime import datetime

from sqlalchemy import select

from portal.kernel import feed
from portal.kernel.db import db
from portal.workflows import versions
from portal.workflows.definition import to_data
from portal.workflows.flow_models import FlowVersion
from portal.workflows.lint import errors, lint
from portal.workflows.shipped import FLOWS, shipped


def lacking() -> list[str]:
    """Shipped flows that the store does not know yet."""
    known = set(db.session.scalars(select(FlowVersion.flow)))
    return [flow for flow in FLOWS if flow not in known]


def seed(since: datetime, now: datetime) -> None:
    """Puts in the shipped flows that are lacking: in force from `since` if sound here. Call inside transaction()."""
    known = versions.known(now)
    for flow in lacking():
        sound = not errors(lint(shipped(flow), known))
        db.session.add(
            FlowVersion(
                flow=flow, version=1, state="effective" if sound else "draft", effective_from=since, hands=[],
                data=to_data(shipped(flow)), note="",
            )
        )  # fmt: skip
        feed.touch(versions.TOPIC, 0)
    db.session.flush()


def take_up(since: datetime, now: datetime) -> list[str]:
    """Puts shipped drafts that nobody has touched into force once all they name is there; their codes."""
    query = select(FlowVersion).where(FlowVersion.state == "draft", FlowVersion.version == 1)
    known, taken = versions.known(now), []
    for row in db.session.scalars(query):
        ours = row.flow in FLOWS and not row.hands and row.data == to_data(shipped(row.flow))
        if ours and not errors(lint(shipped(row.flow), known)):
            row.state, row.effective_from = "effective", since
            taken.append(row.flow)
            feed.touch(versions.TOPIC, 0)
    db.session.flush()
    return taken
