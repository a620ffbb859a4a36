"""Which cases a queue page shows: whose queue, which filters, from where on, how many."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from zlib import crc32

from werkzeug.datastructures import MultiDict

from portal.cases.rules import LEVELS, STATES
from portal.collaboration import following
from portal.desk import picks, staleness
from portal.desk.caches import Department, departments, units
from portal.desk.picks import Picks
from portal.directory.sight import blind
from portal.identity.actor import Actor
from portal.identity.policy import allow, scope
from portal.kernel.errors import Forbidden, Missing

PAGE = 50
MOST = 500
SEGMENTS = ("all", "late", "soon", "unclaimed", "waiting", "told", "stale", "gaps", "mine")
PERSONAL = ("mine", "following")
OWNERS = ("me", "none")
CLAIMABLE = ("registered", "to_accept", "in_work", "waiting")
STOPPED = 5_000_000_000  # the keeper sorts cases whose clocks stand still behind this instant

LACKING = "CAST(incomplete AS TEXT) NOT IN ('[]', 'null')"
FOLLOWED = "id IN (SELECT case_id FROM follower WHERE person_id = :me)"


@dataclass(frozen=True)
class View:
    """A queue page: code is a unit's code, all, mine, following or judging; after is (press, id) of the row before."""

    code: str
    unit: Department | None
    actor: Actor
    segment: str = "all"
    levels: tuple[str, ...] = ()
    state: str = ""
    owner: str = ""
    show: int = PAGE
    after: tuple[int, int] | None = None
    picks: Picks = ()

    @property
    def units(self) -> list[Department]:
        """The departments whose changes concern this page."""
        return [self.unit] if self.unit else departments()

    @cached_property
    def topics(self) -> list[str]:
        """The feed's topics of those departments, and of what else the page hangs on."""
        found = [*(f"unit:{unit.id}" for unit in self.units), *picks.topics(self.picks)]
        return [*found, following.topic(self.actor)] if self.code == "following" else found

    @property
    def unit_ids(self) -> frozenset[int]:
        """The departments as the subject of a permission."""
        return frozenset(unit.id for unit in self.units)

    @cached_property
    def key(self) -> str:
        """What tells this page from others: whose queue, which filters, and what its rows allow this person."""
        rights = scope(self.actor, "case.claim")
        personal = self.code in PERSONAL or self.segment == "mine" or self.owner == "me"
        whose = self.actor.id if personal else 0
        facts = (self.code, self.address, whose, rights if rights is None else sorted(rights), blind(self.actor))
        return f"{crc32(repr(facts).encode()):08x}"

    @property
    def moving(self) -> bool:
        """Whether time alone changes what is on the page."""
        return self.segment in ("late", "soon", "stale") or picks.moving(self.picks)

    @cached_property
    def address(self) -> str:
        """The page's query string."""
        return self.query()

    @cached_property
    def segments(self) -> dict[str, str]:
        """The addresses of the queue's segments, from the first page of each."""
        rest = self.query(segment="", show=PAGE, after="")
        begin = f"/queues/{self.code}{rest}"
        joint = "&" if rest else "?"
        return {name: begin if name == "all" else f"{begin}{joint}segment={name}" for name in SEGMENTS}

    def query(self, **changes: Any) -> str:
        """The page's query string with some parts changed; empty parts are left out."""
        parts: dict[str, Any] = {
            "segment": self.segment, "level": self.levels, "state": self.state, "owner": self.owner,
            "show": self.show, "after": "%2C".join(map(str, self.after or ())), **dict(self.picks),
        }  # fmt: skip
        parts |= changes
        if parts["segment"] == "all":
            parts["segment"] = ""
        if parts["show"] == PAGE:
            parts["show"] = ""
        levels = [f"level={level}" for level in parts.pop("level")]  # all parts are codes of closed lists or numbers
        text = "&".join([f"{name}={value}" for name, value in parts.items() if value] + levels)
        return f"?{text}" if text else ""


def view_for(actor: Actor, code: str, arguments: MultiDict[str, str]) -> View:
    """The page this person asks for. Raises Forbidden for another department's, Missing for unknown ones."""
    unit = allowed_unit(actor, code)
    segment, state, owner = (arguments.get(name, "") for name in ("segment", "state", "owner"))
    return View(
        code=code,
        unit=unit,
        actor=actor,
        segment=segment if segment in SEGMENTS else "all",
        levels=tuple(level for level in LEVELS if level in arguments.getlist("level")),
        state=state if state in STATES else "",
        owner=owner if owner in OWNERS or _is_number(owner) else "",
        show=_number(arguments.get("show", "")),
        after=cursor(arguments.get("after", "")),
        picks=picks.asked(actor, arguments),
    )


def claimable(view: View) -> View:
    """The selection of a page without what says whose a case is, from its first row on: of it one may claim."""
    personal = view.segment in ("mine", "unclaimed")
    return replace(view, segment="all" if personal else view.segment, owner="", show=PAGE, after=None)


def allowed_unit(actor: Actor, code: str) -> Department | None:
    """The department behind a code, None for queues over all of them; refuses what is not the actor's."""
    allow(actor, "case.judge" if code == "judging" else "queue.view")
    if code in ("mine", "following", "judging"):
        return None
    mine = scope(actor, "queue.view")
    if code == "all":
        if mine is not None:
            raise Forbidden("not_allowed", verb="queue.view")
        return None
    unit = units().get(code)
    if unit is None or unit.kind != "department":
        raise Missing("no_such_queue", queue=code)
    if mine is not None and unit.id not in mine:
        raise Forbidden("not_allowed", verb="queue.view")
    return unit


def _is_number(text: str) -> bool:
    """Whether an owner is somebody by id."""
    return text.isascii() and text.isdigit() and len(text) < 10


def _number(text: str) -> int:
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else PAGE
    return min(MOST, max(PAGE, -(-wanted // PAGE) * PAGE))


def cursor(text: str) -> tuple[int, int] | None:
    """`press,id` as typed by a link, or None."""
    press, _, number = text.partition(",")
    if press.isascii() and number.isascii() and press.isdigit() and number.isdigit() and len(text) < 40:
        return int(press), int(number)
    return None


def conditions(view: View, now: int, *, filtered: bool = True) -> tuple[list[str], dict[str, Any]]:
    """The WHERE terms of a page and their values; without `filtered` those of the whole queue."""
    terms, values = _whose(view)
    if filtered:
        terms += _segment(view.segment) + _picked(view)
        if view.segment in ("late", "soon"):
            values["now"] = now
        if view.segment == "stale":
            more, cuts = staleness.condition(now)
            terms += more
            values |= cuts
        if view.code in PERSONAL or view.segment == "mine" or view.owner == "me":
            values["me"] = view.actor.id
        if _is_number(view.owner):
            values["owner"] = int(view.owner)
        more, picked = picks.conditions(view.picks, now)
        terms += more
        values |= picked
        if view.state:
            values["state"] = view.state
        if view.after:
            terms.append("(press > :press OR (press = :press AND id > :id))")
            terms.append("press >= :press")
            values |= {"press": view.after[0], "id": view.after[1]}
    return terms, values


def _whose(view: View) -> tuple[list[str], dict[str, Any]]:
    if view.unit:
        return ["unit_id = :unit"], {"unit": view.unit.id}
    if view.code == "mine":
        told = "agent_id = :me AND state IN ('result_in_hand', 'told')"
        return [f"(owner_id = :me OR ({told}))"], {"me": view.actor.id}
    if view.code == "following":
        units = scope(view.actor, "case.view")
        seen = "" if units is None else ", ".join(map(str, sorted(units))) or "0"
        theirs = [f"(unit_id IN ({seen}) OR intake_unit_id IN ({seen}))"] if seen else []
        return [FOLLOWED, *theirs], {"me": view.actor.id}
    if view.code == "judging":
        return ["state = 'registered'"], {}
    return [], {}


def _segment(name: str) -> list[str]:
    return {
        "late": ["press < :now"],
        "soon": ["press >= :now", f"press < {STOPPED}", "clock_warn <= :now"],
        "unclaimed": ["owner_id IS NULL"],
        "waiting": ["state = 'waiting'"],
        "told": ["state = 'told'"],
        "gaps": [LACKING],
        "mine": ["owner_id = :me"],
    }.get(name, [])


def _picked(view: View) -> list[str]:
    """Terms of the filters; levels come from a closed list and may stand in the text."""
    terms = []
    if view.levels:
        wanted = ", ".join(f"'{level}'" for level in view.levels)
        terms.append(f"coalesce(nullif(level, ''), proposed_level) IN ({wanted})")
    if view.state:
        terms.append("state = :state")
    if view.owner:
        terms.append({"me": "owner_id = :me", "none": "owner_id IS NULL"}.get(view.owner, "owner_id = :owner"))
    return terms
