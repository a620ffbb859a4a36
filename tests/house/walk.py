"""A small world with something of everything in it, and every address of the portal with arguments that lead there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.cases.models import Case
from portal.corporate.models import GroupFile
from portal.corporate.project_pages import ROOM as PROJECT_ROOM
from portal.corporate.routes import ROOM as GROUP_ROOM
from portal.desk import case_deeds
from portal.desk.customer_pages import DEEDS as FILE_DEEDS
from portal.identity.actor import Actor
from portal.identity.queries import unit_by_code
from portal.incidents import deeds as incident_deeds
from portal.incidents.models import Incident
from portal.kernel.db import db, transaction
from tests import conftest, stores
from tests.builders import closed_case, judged_case, make_case
from tests.corporate.builders import make_group, make_project
from tests.incidents.builders import declared

UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_phones = count(82_600_001)  # the world may be made twice
# each draws a PDF
SLOW = frozenset(
    ("reports.download", "archive.paper", "kpi.paper", "backup.kit", "backup.sheets", "incident_past.on_paper")
)


@dataclass
class World:
    """What the addresses lead to: `tech` is led by technical support, `own` by customer service."""

    new: str = ""
    tech: str = ""
    business: str = ""
    closed: str = ""
    incident: str = ""
    group: int = 0
    units: dict[str, int] = field(default_factory=dict)

    @property
    def cases(self) -> list[str]:
        """All case numbers."""
        return [self.new, self.tech, self.business, self.closed]


def make_world(staff: dict[str, Actor]) -> None:
    """Cases in several states and departments, one of them closed, and a running incident."""
    with transaction():
        make_case(staff["agent"])
        for unit in ("tech", "business"):
            judged_case(staff["agent"], staff["supervisor"], unit=unit)
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
        declared(staff)
        make_project(staff["head"], make_group(staff["head"], phone=f"0571-{next(_phones)}"))


def values(rule: Rule, world: World, *, thin: bool = False) -> dict[str, list[Any]]:
    """Arguments that lead somewhere, for each variable part of an address; `thin` takes one case alone."""
    room = rule.endpoint.split(".")[0]
    known: dict[str, list[Any]] = {
        "deed": list(case_deeds.DEEDS),
        "name": list(incident_deeds.DEEDS),
        "code": ["tech", "all", "mine"],
        "quarter": ["2026Q4"],
        "section": ["proposals"],
        "clock_id": [1],
        "key": ["no-such-key"],
        "slug": ["greeting"],
        "row_id": ["complaint"],
        "filename": ["tokens.css"],
    }
    numbers = {
        "incidents": [world.incident],
        "force_majeure": [world.incident],
        "incident_past": [world.incident],
        "archive": [world.closed],
    }.get(room, [world.tech] if thin else world.cases)
    own = {
        "customers": {"name": list(FILE_DEEDS), "what": ["merge"]},
        "lists": {"name": ["type", "class", "report"]},
        "flows": {
            "flow": ["fault"], "version": [1], "code": ["report", "new"], "how": ["up"],
            "deed": ["hand_in", "send_back", "discard", "approve"],
        },
        "plans": {
            "kind": ["hotline"], "version": [3], "part": ["task"], "place": ["hotline"],
            "code": ["hotline.backup", "new"], "deed": ["hand_in", "send_back", "discard", "approve"],
        },
        "corporate": {"name": list(GROUP_ROOM.deeds), "owner_id": [world.group]},
        "projects": {"name": list(PROJECT_ROOM.deeds)},
    }  # fmt: skip
    known |= own.get(room, {})
    fixed = {name: [value] for name, value in (rule.defaults or {}).items()}
    return {name: numbers if name == "no" else known.get(name, ["1"]) for name in rule.arguments} | fixed


def ways(app: Flask, world: World, methods: frozenset[str], *, thin: bool = False) -> Iterator[tuple[Rule, str, str]]:
    """(rule, method, address) of every route with one of these methods and each of its sample arguments."""
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint)):
        samples = values(rule, world, thin=thin)
        for method in sorted(methods & (rule.methods or set())):
            for chosen in product(*samples.values()):
                facts = dict(zip(samples, chosen, strict=True))
                yield rule, method, adapter.build(rule.endpoint, facts, method=method)


def settle(folder: Path, template: Path) -> Path:
    """A store in `folder` that holds the staff and the world, to be copied for each test."""
    return stores.further(folder, template, conftest.settle_staff, lambda: make_world(conftest.find_staff()))


def find_world() -> World:
    """The world of a store that was settled before."""
    new, tech, business, closed = db.session.scalars(select(Case.no).order_by(Case.id))
    units = {code: unit_by_code(code).id for code in ("service", "tech", "business")}
    incident, group = (
        db.session.scalars(select(Incident.no)).one(),
        db.session.scalars(select(GroupFile.customer_id)).one(),
    )
    return World(new, tech, business, closed, incident, group, units)
