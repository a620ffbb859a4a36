"""What people of the demo keep for themselves: cases they follow, filters and searches they have saved."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from portal.archive import package_actions, saved
from portal.archive.forms import asked
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
SEARCHES = (
    ("一级二级断网", "断网 level:P1,P2"),
    ("退款不满意", "退款 satisfied:no"),
    ("宽带投诉未评价", "宽带 satisfied:none"),
)
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


def search(supervisor: Actor, quality: Actor, now: datetime) -> None:
    """Searches kept under names, and a package that waits for its second person. Call inside transaction()."""
    for name, query in SEARCHES:
        saved.keep(supervisor, now, asked(MultiDict({"q": query})), name)
    everything = asked(MultiDict({"q": "satisfied:no,yes"}))
    package_actions.ask(quality, now, everything, "年度质量抽查", "demo-package")


def _save(actor: Actor, now: datetime, unit: Unit, shared: set[int]) -> None:
    here = Department(unit.id, unit.code, unit.name, unit.name_en, unit.kind)
    for name, levels, segment, of_all in SAVED:
        view = View(unit.code, here, actor, segment=segment, levels=levels)
        if not may(actor, "queue.view", view) or (of_all and unit.id in shared):
            continue
        filters.save(actor, now, view, name=name, shared=of_all)
        if of_all:
            shared.add(unit.id)
