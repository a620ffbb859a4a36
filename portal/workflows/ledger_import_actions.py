"""Brings rows of an old ledger in, each once for ever."""

from datetime import UTC, datetime

from portal.cases.submissions import note_made
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.workflows import queries
from portal.workflows.definition import Definition
from portal.workflows.import_events import Imported
from portal.workflows.ledger_import import Old
from portal.workflows.ledger_import_queries import there
from portal.workflows.models import WorkOrder
from portal.workflows.record import record


def bring_in(actor: Actor, now: datetime, rows: list[Old], definition: Definition, unit_id: int) -> tuple[int, int]:
    """Brings rows in that were not there yet: (added, there already). Call inside transaction()."""
    allow(actor, "order.import")
    known = there([row.key for row in rows])
    calendars = {code: one.version for code, one in queries.calendars_now(definition, now).items()}
    fresh = [row for row in rows if row.key not in known]
    for row in fresh:
        order = WorkOrder()
        event = Imported(
            no=queries.next_number(datetime.fromtimestamp(row.started, UTC)), flow=definition.flow,
            flow_version=definition.version, title=row.title, customer_name=row.customer, unit_id=unit_id,
            by=actor.name, calendar=definition.calendar, calendars=calendars, started=row.started, due=row.due,
            ended=row.ended, result=row.result, facts=row.facts, assumed=row.assumed,
        )  # fmt: skip
        record(order, event, by=actor, at=now)
        note_made(row.key, order.id, by=actor, at=now)
    return len(fresh), len(rows) - len(fresh)
