"""A case as its journal says it was at a closing; the row in the queue's table is not asked."""

from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.journal.stream import Line


def closing(lines: list[Line], cycle: int) -> int:
    """How many entries of a journal lead up to the closing of a cycle, the closing included."""
    ends = [place + 1 for place, line in enumerate(lines) if line.kind in ("Closed", "TakenOver")]
    return ends[min(cycle, len(ends)) - 1] if ends else len(lines)


def rebuilt(lines: list[Line], case_id: int) -> Case:
    """The case as its journal says it was; the row in the queue's table is not asked."""
    case = Case(id=case_id)
    for line in lines:
        if line.facts:
            apply(case, from_facts(line.kind, line.facts), line.at, line.by_id)
    return case
