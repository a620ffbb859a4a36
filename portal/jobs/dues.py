"""What is due of group customers and projects: called to mind some working days ahead, and told once it is overdue."""

from datetime import datetime
from typing import Any, NamedTuple

from portal.identity import queries as people
from portal.kernel.db import read, transaction, write
from portal.kernel.instants import epoch
from portal.notices.tell import tell

BATCH = 200
# the condition is that of the index ix_corporate_due_notice, to the letter
NEAR = (
    "SELECT d.id, d.customer_id, d.project_id, d.kind, d.title, d.period, d.due_at, d.owner_id,"
    " COALESCE(g.manager_id, p.leader_id), COALESCE(g.unit_id, p.unit_id)"
    " FROM corporate_due d LEFT JOIN group_file g ON g.customer_id = d.customer_id"
    " LEFT JOIN support_project p ON p.id = d.project_id"
    " WHERE d.state = 'open' AND d.notice_at IS NOT NULL AND d.notice_at <= :now ORDER BY d.notice_at, d.id LIMIT :most"
)
TOLD = "UPDATE corporate_due SET notice_at = :next WHERE id = :id AND state = 'open' AND due_at = :due"


class Near(NamedTuple):
    """Something whose notice is due; `due` in epoch seconds, `lead` the account manager or the project's leader."""

    id: int
    customer_id: int | None
    project_id: int | None
    kind: str
    title: str
    period: str
    due: int
    owner_id: int
    lead: int
    unit_id: int

    @property
    def subject(self) -> str:
        """What the notice leads to."""
        return f"project:{self.project_id}" if self.project_id else f"corporate:{self.customer_id}"

    @property
    def facts(self) -> dict[str, Any]:
        """What the notice says."""
        no = f"ZC{self.project_id:05d}" if self.project_id else f"KH{self.customer_id or 0:06d}"
        return {"no": no, "title": " ".join(filter(None, (self.title, self.period))), "due": self.due}


def remind(now: datetime) -> int:
    """Tells of what is near or overdue, each person once for each; returns how many were told.

    One indexed query; nothing is written where nothing is near. What is overdue is told to the heads as well. A worker
    that was away tells of what fell due meanwhile once, as overdue.
    """
    found = [Near._make(row) for row in read(NEAR, {"now": epoch(now), "most": BATCH})]
    if not found:
        return 0
    with transaction():
        return sum(_tell(one, now) for one in found)


def _tell(one: Near, now: datetime) -> int:
    late = epoch(now) > one.due
    write(TOLD, {"next": None if late else one.due + 1, "id": one.id, "due": one.due})
    heads = people.holders("head", {one.unit_id})
    who = next(([person] for person in (one.owner_id, one.lead) if person and people.person(person).active), heads)
    kind = "corporate_late" if late else "corporate_due"
    return tell(
        [*who, *(heads if late else ())], kind, subject=one.subject, key=f"{kind}:{one.id}:{one.due}",
        facts=one.facts, now=now, late_seconds=max(0, epoch(now) - one.due - 1) if late else 0,
    )  # fmt: skip
