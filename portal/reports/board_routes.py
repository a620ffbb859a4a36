"""URLs of the dashboards: today, a department, the month, the hotline, management. All choices stand in the address."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, render_template, request
from markupsafe import Markup

from portal.identity.actor import Actor
from portal.identity.policy import allow, scope
from portal.identity.session import current_actor
from portal.kernel import clock, feed
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.kernel.i18n import local, locale, term
from portal.reports import boards, load, periods, quarterly, queries
from portal.reports.kpi_routes import asked_filters, asked_span, frame
from portal.reports.metrics import lines, source
from portal.reports.metrics.counting import Counts
from portal.reports.metrics.rollups import Stored
from portal.reports.quarterly import Chart
from portal.reports.rules import Span

bp = Blueprint("boards", __name__, url_prefix="/reports/boards")
MOST_DRAWN = 200
MOMENT = 10  # seconds
_moments: dict[tuple[Any, ...], tuple[Any, Any]] = {}
_drawn: dict[tuple[str, ...] | tuple[Any, ...], Markup] = {}
PERIODS = {"month": "month", "hotline": "month", "management": "quarter", "department": "month"}


def _span(board: str) -> Span:
    """The period asked for, else the running one of the board's kind."""
    if request.args.get("period"):
        return asked_span()
    here = local(clock.now())
    return periods.period(periods.code_of(PERIODS[board], here), clock.now(), here.tzinfo)  # type: ignore[arg-type]


def drawn(template: str, counts: Counts, board: Callable[[], Any], **facts: Any) -> Markup:
    """The figures of a board as they stand on the page; kept in this process while the worker's count stands."""
    if not isinstance(counts, Stored):
        return Markup(render_template(template, board=board(), **facts))
    key = (template, counts.span.code, counts.at, locale(), str(db.engine.url), repr(sorted(facts["key"].items())))
    found = _drawn.get(key)
    if found is None:
        if len(_drawn) >= MOST_DRAWN:
            _drawn.clear()
        found = _drawn[key] = Markup(render_template(template, board=board(), **facts))
    return found


def forget() -> None:
    """Empties the memory of this process (measurements)."""
    _drawn.clear()
    _moments.clear()
    source.forget()


def ways(actor: Actor) -> list[tuple[str, str]]:
    """The dashboards this person may see: endpoint and word."""
    held = [("today", "board.today"), ("department", "board.department"), ("month", "report.view"),
            ("hotline", "report.view"), ("management", "report.view")]  # fmt: skip
    return [(name, term(f"board.name.{name}")) for name, verb in held if scope(actor, verb) != frozenset()]


@bp.get("/today")
def today() -> str:
    """The supervisor's: load, what runs out in the next two hours, who is free."""
    actor, now = current_actor(), clock.now()
    allow(actor, "board.today")
    mine, at = scope(actor, "board.today"), int(now.timestamp())

    def draw() -> tuple[int, Markup]:
        parts, units = load.by_unit(at, mine), queries.unit_names()
        return at, Markup(
            render_template(
                "reports/_today_body.html", parts=parts, whole=load.whole(parts), ahead=load.ahead(at, mine),
                chart=_ahead(at, mine), staff=load.staff(now), voicemails=load.voicemails(), zip=zip, ways=ways(actor),
                units={key: quarterly.unit_name(units, key) for key in units},
            )
        )  # fmt: skip

    drawn_at, body = for_a_moment(("today", actor.roles), at, draw)
    return render_template("reports/today.html", body=body, at=drawn_at, day=periods.code_of("day", local(now)))


def for_a_moment(key: tuple[Any, ...], at: int, draw: Callable[[], Any]) -> Any:
    """What was drawn within the last ten seconds, while no case has moved since."""
    feed.version("")
    moved = tuple(sorted(one for one in feed.feed.versions.items() if one[0].startswith("unit:")))
    kept = _moments.get((*key, locale(), str(db.engine.url)))
    if kept is not None and kept[0] == (at // MOMENT, moved):
        return kept[1]
    if len(_moments) >= MOST_DRAWN:
        _moments.clear()
    found = draw()
    _moments[(*key, locale(), str(db.engine.url))] = (at // MOMENT, moved), found
    return found


def _ahead(at: int, units: frozenset[int] | None) -> Chart:
    found = load.steps(at, units)
    title = term("board.ahead") % {"n": sum(count for _, count in found)}
    labels = [f"{local(begin):%H:%M}" for begin, _ in found]
    return Chart("chart-ahead", "bars", title, labels, [float(count) for _, count in found])


@bp.get("/department")
def department() -> str:
    """A department's own queue, how much of its limits is used, how old its backlog is, and its figures."""
    actor, now = current_actor(), clock.now()
    allow(actor, "board.department")
    at, names, narrowed = int(now.timestamp()), queries.unit_names(), asked_filters("level", "channel")
    counts = source.counts(_span("department"), narrowed | {"unit": 0})
    mine = _units(actor, names)
    busy = _busy(mine, at, counts)
    unit = _unit(actor, mine, busy)
    want = narrowed | {"unit": unit}
    shared = frame(counts.span, want)
    body = drawn(
        "reports/_department_figures.html", counts, lambda: boards.department(counts, want), key=want, unit=unit,
        limits_of=lines.limits, shown_value=quarterly.shown, zip=zip, **shared,
    )  # fmt: skip
    return render_template(
        "reports/department.html", name="department", body=body,
        now_body=for_a_moment(("department", unit), at, lambda: _now(unit, at)),
        unit=unit,
        shown_value=quarterly.shown, zip=zip, ways=ways(actor), code=queries.unit_code(unit),
        called=quarterly.unit_name(names, unit), empty=unit not in busy,
        instead_of=quarterly.unit_name(names, actor.unit_id or 0) if not request.args.get("unit") and
        unit != actor.unit_id and actor.unit_id in names else "", busy=busy,
        mine=[(key, quarterly.unit_name(names, key)) for key in mine],
        **shared,
    )  # fmt: skip


def _now(unit: int, at: int) -> Markup:
    """A department's queue as it is."""
    age = load.ages(at, [unit])
    (held,) = load.by_unit(at, [unit]) or [load.Held(unit, 0, 0, 0, 0, 0)]
    return Markup(
        render_template(
            "reports/_department_now.html", held=held, ages=age, used=_used(load.used(at, [unit])), aged=_aged(age),
            states=load.by_state([unit]), zip=zip, shown=lines.shown,
        )
    )  # fmt: skip


def _units(actor: Actor, names: Iterable[int]) -> list[int]:
    """Of these departments those whose board this person may see."""
    mine = scope(actor, "board.department")
    return [key for key in names if mine is None or key in mine]


def _busy(mine: list[int], at: int, counts: Counts) -> list[int]:
    """Of these departments those that hold a case or had something to do in the period."""
    there = {unit for name in boards.BUSY for unit in counts.values(name, "unit")}
    there |= for_a_moment(("held",), at, lambda: {held.key for held in load.by_unit(at)})
    return [key for key in mine if key in there]


def _unit(actor: Actor, mine: list[int], busy: list[int]) -> int:
    """The department asked for, else one's own where it has figures, else the first that has; one's own where none has.

    Raises Missing for one that is not theirs to see.
    """
    asked = request.args.get("unit", "")
    own = [actor.unit_id] if actor.unit_id is not None else []
    offered = [key for key in (*own, *busy) if key in busy] or [*own, *mine]
    unit = queries.number_of(asked) if asked else next((key for key in offered if key in mine), 0)
    if unit not in mine:
        raise Missing("not_found")
    return int(unit or 0)


def _used(counts: list[int]) -> Chart:
    labels = [f"≤ {bound} %" for bound in load.SHARES] + [f"> {load.SHARES[-1]} %"]
    title = term("board.used") % {"n": counts[-1], "of": sum(counts)}
    return Chart("chart-used", "bars", title, labels, [float(n) for n in counts])


def _aged(ages: load.Ages) -> Chart:
    day = term("board.days")
    labels = [f"≤ {bound} {day}" for bound in load.AGES] + [f"> {load.AGES[-1]} {day}"]
    title = term("board.aged") % {"n": ages.buckets[-1] + ages.buckets[-2], "of": sum(ages.buckets)}
    return Chart("chart-aged", "bars", title, labels, [float(n) for n in ages.buckets])


def _figures(name: str, build: Any) -> str:
    allow(current_actor(), "report.view")
    want = asked_filters()
    counts = source.counts(_span(name), want)
    shared, offered = frame(counts.span, want), ways(current_actor())
    body = drawn(
        "reports/_board_body.html", counts, lambda: build(counts, want), key=want | {"name": name, "ways": offered},
        name=name, shown_value=quarterly.shown, zip=zip, ways=offered, **shared,
    )  # fmt: skip
    return render_template("reports/board.html", name=name, body=body, **shared)


@bp.get("/month")
def month() -> str:
    """The quality manager's month: volumes, attainment, rates, departments, beside the month before."""
    return _figures("month", boards.month)


@bp.get("/hotline")
def hotline() -> str:
    """The hotline's requests and calls."""
    return _figures("hotline", boards.hotline)


@bp.get("/management")
def management() -> str:
    """What was reached and what was not, for the management; no customer, no person."""
    return _figures("management", boards.management)
