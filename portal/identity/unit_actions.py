"""A unit comes to its end: only once it holds no work, and its parent stands in for it (OR1)."""

from datetime import datetime

from portal.identity import leaving
from portal.identity.actions import TOPIC, write_down
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Refused

DISSOLVED = "dissolved"


def dissolve(actor: Actor, now: datetime, unit: Unit) -> None:
    """Ends a unit; what names it from then on goes to its parent. Raises Refused while it holds open work.

    The row is locked first, so that no work reaches the unit between the counting and its end.
    """
    allow(actor, "people.manage")
    locked = db.session.get_one(Unit, unit.id, with_for_update=True, populate_existing=True)
    if locked.kind == DISSOLVED or locked.parent_id is None:
        raise Refused("unit_stays", name=locked.name)
    held = leaving.open_work(locked.id)
    if held:
        raise Refused("unit_holds_work", name=locked.name, n=held)
    locked.kind = DISSOLVED
    write_down("UnitDissolved", {"unit": locked.id, "code": locked.code}, actor, now, actor.id)
    feed.touch(TOPIC, locked.id)
