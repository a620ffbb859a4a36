"""Whether what was just done on a case may still be taken back (DK5)."""

from portal.cases import queries, undo_rules
from portal.identity.session import current_actor
from portal.journal import stream
from portal.kernel import clock
from portal.kernel.errors import Refused

OFFERED = ("claim", "assign", "contact")


def offered(deed: str, no: str) -> bool:
    """Whether the page offers to take a deed back: within ten seconds, one's own, nothing else since."""
    if deed not in OFFERED:
        return False
    actor = current_actor()
    case = queries.case_by_no(actor, no)
    try:
        undo_rules.undo(case, stream.read(case.stream), actor.id, clock.now())
    except Refused:
        return False
    return True
