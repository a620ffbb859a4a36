"""A small flow with everything in it, and orders led along it in memory: no store, only rules and events."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from portal.clocks.seed import seeded_calendars
from portal.kernel.instants import epoch
from portal.workflows import course, limits, reservation_rules, rules, sheet_rules
from portal.workflows import events as e
from portal.workflows.apply import apply
from portal.workflows.definition import Definition, from_data
from portal.workflows.limits import Way
from portal.workflows.models import WorkOrder
from tests.builders import NINE

CALENDARS = seeded_calendars()
CODES = ("hq", "service", "tech", "business", "improvement", "netops", "construction", "purchasing", "logistics",
         "enterprise", "upper")  # fmt: skip
UNITS = {code: n for n, code in enumerate(CODES, start=1)}


def name(text: str) -> dict[str, str]:
    """A name, in both languages alike."""
    return {"zh": text, "en": text}


def choices(*codes: str, **ways: list[str]) -> list[dict[str, Any]]:
    """Choices by code; with `ways`, where each leads."""
    return [{"code": c, "name": name(c)} for c in codes] + [
        {"code": c, "name": name(c), "next": follow} for c, follow in ways.items()
    ]


SMALL: dict[str, Any] = {
    "flow": "small", "name": name("试"), "limit": "10wd", "calendar": "cn-business", "first": ["ask"],
    "classes": {"vip": "5wd"},
    "fields": [
        {"code": "site", "name": name("site")},
        {"code": "area", "name": name("area"), "kind": "choice", "choices": choices("in", "out"), "required": False},
    ],
    "steps": [
        {"code": "ask", "name": name("ask"), "holder": "@raiser", "limit": {"share": 10}, "next": ["fits"],
         "evidence": [{"code": "need", "name": name("need")}]},
        {"code": "fits", "name": name("fits"), "kind": "decision", "holder": "service", "limit": {"fixed": "4h"},
         "outcomes": choices(yes=["verify"], no=["declined"])},
        {"code": "verify", "name": name("verify"), "kind": "sheets", "holder": "tech", "limit": {"share": 30},
         "units": ["business", "improvement", "@outside"], "next": ["branch"], "sheet": name("sheet")},
        {"code": "branch", "name": name("branch"), "kind": "decision", "decided_by": "area", "holder": "service",
         "outcomes": choices(**{"in": ["data", "build"], "out": ["data", "build", "far"]})},
        {"code": "data", "name": name("data"), "holder": "tech", "limit": {"share": 20}, "next": ["review"],
         "evidence": [{"code": "vlan", "name": name("vlan"), "kind": "number"}]},
        {"code": "build", "name": name("build"), "holder": "business", "limit": {"share": 20}, "next": ["review"],
         "sheet": name("construction")},
        {"code": "far", "name": name("far"), "holder": "@outside", "limit": {"fixed": "2wd"}, "next": []},
        {"code": "review", "name": name("review"), "holder": "service", "limit": {"share": 10}, "next": ["done"],
         "waits_for": ["data", "build"],
         "evidence": [{"code": "ok", "name": name("ok"), "kind": "check"}],
         "returns": [{"to": "data", "reasons": choices("wrong")}, {"to": "verify", "reasons": choices("unclear")}]},
        {"code": "done", "name": name("done"), "kind": "end", "result": "completed"},
        {"code": "declined", "name": name("declined"), "kind": "end", "result": "declined"},
    ],
}  # fmt: skip


def small() -> Definition:
    """The small flow."""
    return from_data(SMALL)


class Walk:
    """One order, led in memory; `said` is its journal."""

    def __init__(self, definition: Definition, *, now: datetime = NINE, customer_class: str = "", **facts: Any) -> None:
        self.way = Way(definition, CALENDARS, UNITS)
        self.now, self.order = now, WorkOrder(id=1)
        self.said: list[tuple[Any, datetime]] = []
        whole = limits.whole(definition, self.way.calendars, customer_class, epoch(now))
        self.say(
            e.Raised(
                "WO2611-0001", definition.flow, definition.version, "专线", "海天公司", 2, 2, "李敏", whole.amount,
                whole.unit, whole.calendar, {}, whole.due, whole.warn, whole.head, facts=facts,
            )
        )  # fmt: skip
        self.onward(None)

    def say(self, event: Any) -> None:
        """One event happens."""
        apply(self.order, event, self.now, 7)
        self.said.append((event, self.now))

    def onward(self, done: Any) -> None:
        """All that follows from a finished step."""
        for event in course.onward(self.order, self.way, epoch(self.now), done):
            self.say(event)

    def later(self, **delta: int) -> "Walk":
        """Time passes."""
        self.now += timedelta(**delta)
        return self

    def at(self, code: str) -> Any:
        """The last round of a step."""
        return course.rounds(self.order, code)[-1]

    def do(self, code: str, **given: Any) -> None:
        """A task is completed."""
        event = rules.complete(self.order, self.at(code).n, self.way, self.now, given=given, chosen=UNITS["tech"])
        self.say(event)
        self.onward(self.at(code))

    def prepare(self, code: str) -> None:
        """Documents, reservations and the party that a step needs are there."""
        step = self.at(code)
        for one in self.way.definition.step(code).evidence:
            if one.kind == "document" and one.required:
                self.say(e.DocumentAdded(step.n, one.code, "a.pdf", 9, "application/pdf", "0" * 64))
            if one.kind == "reservation" and not self.order.reservations:
                until = self.now + timedelta(days=300)
                self.say(reservation_rules.reserve(self.order, step.n, self.way, self.now, what="2 芯", until=until))
        if step.outside and not step.party:
            self.say(rules.name_party(self.order, step.n, party="省公司", contact="张工", outside_no="8"))

    def decide(self, code: str, outcome: str, **given: Any) -> None:
        """A decision is taken."""
        n = self.at(code).n
        chosen = UNITS["tech"]
        self.say(rules.decide(self.order, n, self.way, self.now, outcome=outcome, given=given, chosen=chosen))
        self.onward(self.at(code))

    def back(self, code: str, to: str, reason: str) -> None:
        """The work goes back."""
        self.say(rules.send_back(self.order, self.at(code).n, self.way, self.now, to=to, reason=reason))
        self.say(course.begin(self.order, self.way, to, epoch(self.now), None, back=True))

    def send(self, code: str, *units: str) -> list[int]:
        """Sheets go out; their numbers."""
        for unit in units:
            to = sheet_rules.Addressee(0, unit, "010-1") if unit not in UNITS else sheet_rules.Addressee(UNITS[unit])
            self.say(sheet_rules.send(self.order, self.at(code).n, self.way, self.now, to, "请核查"))
        return [s.n for s in rules.sheets_of(self.order, self.at(code).n)]

    def answer(self, n: int) -> None:
        """A unit feeds back."""
        self.say(sheet_rules.answer(self.order, n, self.way, self.now, words="有资源", outside_no="X-1"))

    @property
    def open(self) -> list[str]:
        """Codes of the open steps, sheets apart."""
        return [s.code for s in self.order.steps if s.state == "open" and s.kind != "sheet"]


def replayed(said: Iterable[tuple[Any, datetime]]) -> WorkOrder:
    """The order as its journal gives it, every event through JSON."""
    order = WorkOrder(id=1)
    for event, at in said:
        apply(order, event, at, 7)
    return order


def picture(order: Any) -> Any:
    """All that an order and its parts hold, to be compared."""

    def plain(row: Any) -> dict[str, Any]:
        columns = [c.key for c in row.__table__.columns if c.key not in ("id", "order_id", "version")]
        return {key: getattr(row, key) for key in columns}

    parts = SimpleNamespace(order=plain(order))
    parts.steps = [plain(s) for s in order.steps]
    parts.reservations = [plain(r) for r in order.reservations]
    parts.files = [plain(f) for f in order.files]
    return parts
