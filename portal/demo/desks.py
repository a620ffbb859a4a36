"""What people of the demo keep for themselves: cases they follow, filters they have saved."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.cases.models import Case
from portal.collaboration import following
from portal.desk import filters
from portal.desk.caches import Department
from portal.desk.views import View
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.models import Unit
from portal.identity.policy import may
from portal.kernel.db import db

FOLLOWED = 4  # cases a person
SAVED = (("紧急待接收", ("P1", "P2"), "unclaimed", True), ("我的待客户", (), "waiting", False))


def furnish(staff: Iterable[Actor], now: datetime) -> None:
    """Follows the most pressing cases of each department and saves two filters a person. Call inside transaction()."""
    units = {unit.id: unit for unit in people.departments()}
    pressing = {
        unit: list(db.session.scalars(select(Case).where(Case.open, Case.unit_id == unit).order_by(Case.press, Case.id)
                                      .limit(FOLLOWED))) for unit in units
    }  # fmt: skip
    shared: set[int] = set()
    for actor in staff:
        if actor.unit_id not in units:
            continue
        for case in pressing[actor.unit_id]:
            if may(actor, "case.follow", case):
                following.follow(actor, now, case)
        _save(actor, now, units[actor.unit_id], shared)


def _save(actor: Actor, now: datetime, unit: Unit, shared: set[int]) -> None:
    here = Department(unit.id, unit.code, unit.name, unit.name_en, unit.kind)
    for name, levels, segment, of_all in SAVED:
        view = View(unit.code, here, actor, segment=segment, levels=levels)
        if not may(actor, "queue.view", view) or (of_all and unit.id in shared):
            continue
        filters.save(actor, now, view, name=name, shared=of_all)
        if of_all:
            shared.add(unit.id)
