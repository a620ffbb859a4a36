"""Parts of a board that many viewers see alike are drawn once and kept for a moment (EM3: fifty viewers of one board).

Whoever has a role, task, call, draft or measure of the incident, or commands it, gets parts of their own: what may be
done differs. All others with the same roles see the same.
"""

from collections.abc import Callable, Hashable
from typing import Any

from portal.identity.actor import Actor
from portal.incidents.models import Incident
from portal.kernel import clock
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale

FRESH = 2.0  # seconds, so that counts of what is late stay right
MOST = 200
_drawn: dict[Hashable, tuple[float, str]] = {}
_involved: dict[Hashable, frozenset[int]] = {}


def involved(incident: Incident) -> frozenset[int]:
    """Ids of all people for whom the board is not as for everybody."""
    found = {incident.commander_id, incident.review_owner_id, (incident.offered or {}).get("person_id")}
    found |= {row.person_id for row in incident.held.values()} | {task.owner_id for task in incident.tasks}
    found |= {call.person_id for call in incident.calls}
    found |= {who for measure in incident.measures for who in (measure.owner_id, measure.done_by)}
    found |= {text.get("drafted_by") for text in incident.announcements}
    return frozenset(one for one in found if one is not None)


def _kept(store: dict[Hashable, Any], key: Hashable, value: Any) -> Any:
    if len(store) >= MOST:
        store.clear()
    store[key] = value
    return value


def drawn(actor: Actor, incident: Incident, template: str, draw: Callable[[], str]) -> str:
    """The parts for this person, drawn anew where nobody alike has asked for them a moment ago."""
    state = (feed.epoch, incident.id, version(incident.stream))
    concerned = _involved.get(state)
    if concerned is None:
        concerned = _kept(_involved, state, involved(incident))
    own = actor.id if actor.id in concerned else 0
    key = (*state, template, locale(), actor.roles, own)
    found = _drawn.get(key)
    now = clock.monotonic()
    if found is None or now - found[0] > FRESH:
        found = _kept(_drawn, key, (now, draw()))
    return found[1]
