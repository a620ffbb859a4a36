"""Saved filters: a selection of a queue under a name, for oneself or for the department."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from portal.desk.models import SavedFilter
from portal.desk.views import View
from portal.identity.actor import Actor
from portal.identity.policy import allow, may
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing

MOST = 50  # of one list


class Unit:
    """A department as the subject of a permission."""

    def __init__(self, unit_id: int) -> None:
        self.unit_ids = frozenset((unit_id,))


def own(actor: Actor) -> str:
    """The name of a person's own list."""
    return f"p{actor.id}"


def of_unit(unit_id: int) -> str:
    """The name of a department's list."""
    return f"u{unit_id}"


def shares_with(actor: Actor, view: View) -> int | None:
    """The department with which a selection of this queue is shared: the queue's, else the person's own."""
    return view.unit.id if view.unit else actor.unit_id


def save(actor: Actor, now: datetime, view: View, *, name: str, shared: bool) -> SavedFilter:
    """Keeps the page's selection. The same once more is one; another under a name that is taken is refused there."""
    allow(actor, "queue.view", view)
    unit = shares_with(actor, view) if shared else None
    if unit:
        allow(actor, "queue.view", Unit(unit))
    owner, query = of_unit(unit) if unit else own(actor), view.query(show=0, after="")
    name = " ".join(name.split())
    known = db.session.scalars(select(SavedFilter).where(SavedFilter.owner == owner)).all()
    same = next((one for one in known if one.name.casefold() == name.casefold()), None)
    if same and (same.queue, same.query) == (view.code, query):
        return same
    if same:
        raise Invalid("filter_name_taken", field="name", name=same.name)
    if len(known) >= MOST:
        raise Invalid("too_many_filters", field="name", most=MOST)
    made = SavedFilter(owner=owner, person_id=actor.id, name=name, queue=view.code, query=query, made_at=now)
    db.session.add(made)
    db.session.flush()
    return made


def remove(actor: Actor, number: int) -> SavedFilter:
    """Takes a saved filter away: one's own, or a shared one made by oneself or by those one leads. Raises Missing."""
    allow(actor, "queue.view")
    found = db.session.get(SavedFilter, number)
    if found is None or not removable(actor, found):
        raise Missing("not_found")
    db.session.delete(found)
    return found


def removable(actor: Actor, saved: SavedFilter) -> bool:
    """Whether this person may take it away."""
    if saved.person_id == actor.id:
        return True
    return saved.owner.startswith("u") and may(actor, "case.assign", Unit(int(saved.owner[1:])))


def saved_for(actor: Actor, view: View) -> list[SavedFilter]:
    """The person's own filters, then those shared in the departments concerned."""
    units: Iterable[int | None] = {actor.unit_id, view.unit.id if view.unit else None} - {None}
    owners = [own(actor), *(of_unit(unit) for unit in units if unit)]
    query = select(SavedFilter).where(SavedFilter.owner.in_(owners)).order_by(SavedFilter.owner, SavedFilter.name)
    return list(db.session.scalars(query))
