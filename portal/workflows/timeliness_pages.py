"""URLs of the figures of orders: on time by flow and department, the cycle, and the orders behind each figure."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request

from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local
from portal.workflows import ledger, timeliness, used, versions
from portal.workflows.opening import doors
from portal.workflows.order_forms import called
from portal.workflows.order_view import length
from portal.workflows.sheet_print import hidden

bp = Blueprint("timeliness", __name__, url_prefix="/orders/timeliness")
MOST = 500  # rows behind one figure


def _asked() -> tuple[timeliness.Period, date, date]:
    """The days asked for, both included; else the running quarter so far. First whether this person may see figures."""
    allow(current_actor(), "order.figures")
    now = clock.now()
    today = local(now).date()
    start = ledger.day_of(request.args.get("from", "")) or date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    end = max(start, ledger.day_of(request.args.get("to", "")) or today)
    span = ledger.midnight(start), ledger.midnight(end + timedelta(days=1))
    return timeliness.Period(*span, int(now.timestamp())), start, end


def _names() -> tuple[dict[str, str], dict[int, str]]:
    flows = {one.flow: called(one.name) for one in versions.all_newest(clock.now())}
    return flows, unit_names() | {used.ELSEWHERE: _("Outside the portal")}


@bp.get("")
def index() -> Any:
    """How many were on time, and how long provisioning took; each figure leads to its orders."""
    period, start, end = _asked()
    flows, units = _names()
    by_flow = {one.key: one for one in timeliness.shares(timeliness.orders(period), "flow")}
    by_unit = sorted(timeliness.shares(timeliness.steps(period), "unit_id"), key=lambda one: one.rate or 0)
    return render_template(
        "workflows/timeliness.html", start=start, end=end, kinds=timeliness.KINDS, by_flow=by_flow, by_unit=by_unit,
        cycle=timeliness.cycle(period), flows=flows, units=units, length=length,
    )  # fmt: skip


@bp.get("/behind")
def behind() -> Any:
    """The orders or steps behind one figure."""
    period, start, end = _asked()
    flows, units = _names()
    rows: list[tuple[Any, ...]]
    if request.args.get("of") == "cycle":
        rows = [(no, hidden(title), "", "", None, None, length(spent)) for no, title, spent in _cycles(period)]
    else:
        rows = [_row(item, flows, units) for item in _items(period)]
    shown = rows[:MOST]
    ways = doors(current_actor(), [row[0] for row in shown])
    return render_template("workflows/behind.html", rows=shown, ways=ways, count=len(rows), start=start, end=end)


def _cycles(period: timeliness.Period) -> list[tuple[str, str, int]]:
    return sorted(timeliness.cycles(period), key=lambda row: -row[2])


def _row(item: timeliness.Item, flows: dict[str, str], units: dict[int, str]) -> tuple[Any, ...]:
    said = _("On time in the period") if item.met else _("Late in the period")
    flow, unit = flows.get(item.flow, item.flow), units.get(item.unit_id, "")
    return item.no, hidden(item.title), flow, unit, item.due, item.done, said


def _items(period: timeliness.Period) -> list[timeliness.Item]:
    """The items behind the figure that the address names, in the order in which they counted."""
    of, flow, unit, met = (request.args.get(name, "") for name in ("of", "flow", "unit", "met"))
    found = timeliness.steps(period) if of == "steps" else timeliness.orders(period)
    return sorted(
        (i for i in found if flow in ("", i.flow) and unit in ("", str(i.unit_id)) and met in ("", str(int(i.met)))),
        key=lambda i: i.at,
    )
