"""What is force majeure (SL4): which incidents are a ground, and whose clocks they may stop. Pure."""

from typing import Any

from portal.cases import rules as case_rules
from portal.incidents import plans
from portal.kernel.errors import Invalid, Refused

REASON = "force_majeure"


def grounds(incident: Any) -> bool:
    """Whether this incident is a ground: declared, not ended, of a class that the plan counts as force majeure."""
    kinds = plans.of(incident.plan_version).classes
    return incident.state == "active" and bool(kinds[incident.kind].facts.get(REASON))


def ground(incident: Any) -> None:
    """Raises Invalid at the reason unless the incident is a ground for force majeure."""
    if not grounds(incident):
        raise Invalid("no_force_majeure", field="reason", no=incident.no)


def why_not(incident: Any, case: Any) -> Refused | None:
    """Why the clocks of this case cannot be stopped, or None."""
    if case.incident_id != incident.id:
        return Refused("not_linked", no=case.no)
    try:
        case_rules.pause(case, reason=REASON, words="--")
    except Refused as refused:
        return refused
    return None
