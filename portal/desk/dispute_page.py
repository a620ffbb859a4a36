"""The consultation on a disputed level as a page: countdown, what each department says, the verdict."""

from typing import Any

from flask import render_template, url_for

from portal.cases import queries
from portal.cases.models import Case
from portal.clocks.kept import clocks_of
from portal.desk import case_deeds, case_view
from portal.desk.case_page import cases_bp
from portal.identity.session import current_actor
from portal.journal import stream
from portal.kernel import clock
from portal.kernel.instants import epoch


@cases_bp.get("/<no>/dispute")
def consultation(no: str) -> Any:
    """The running consultation and those before it, each with what the departments said and its verdict."""
    actor, now = current_actor(), clock.now()
    case = queries.case_by_no(actor, no)
    rounds = consultations(case)
    row = next((c for c in reversed(clocks_of(case.id)) if c.kind == "dispute"), None)
    deeds = [name for name in ("dispute", "vote", "absence", "settle") if name in case_deeds.possible(actor, case)]
    concerned = [(unit_id, case_view.units().get(unit_id, "")) for unit_id in sorted(case.unit_ids)]
    tile = case_view.tile(row, epoch(now), current=True) if row else None
    return render_template(
        "desk/dispute.html", case=case, rounds=rounds, tile=tile, deeds=deeds, concerned=concerned,
        names=case_view.names(), late=row is not None and now > row.due_at,
        back=url_for("cases.page", no=case.no),
    )  # fmt: skip


def consultations(case: Case) -> list[dict[str, Any]]:
    """Each consultation of the case, newest first: its opening, the last word of each department, its verdict."""
    found: list[dict[str, Any]] = []
    for line in stream.read(case.stream):
        if line.kind == "Disputed":
            found.append({"opened": line, "votes": {}, "verdict": None})
        elif line.kind == "Voted" and found:
            found[-1]["votes"][line.facts["unit_id"]] = line
        elif line.kind == "DisputeSettled" and found:
            found[-1]["verdict"] = line
    return found[::-1]
