"""The URL by which what was just done on a case is taken back (DK5)."""

from typing import Any

from portal.cases import queries, undo_actions
from portal.desk.case_page import cases_bp, done
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction


@cases_bp.post("/<no>/undo")
def undo(no: str) -> Any:
    """Takes the reader's last entry back, where it is not ten seconds old and nothing has happened since."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.view", queries.case_by_no(actor, no))
    with transaction():
        case = queries.case_to_change(actor, no)
        undo_actions.undo(actor, now, case)
    return done(case, "undo")
