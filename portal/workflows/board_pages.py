"""URLs of the board: the page, the check for changes, the bottlenecks."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from portal.directory.rules import masked_name
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import gettext as _
from portal.workflows import board, bottlenecks, queries, used, versions
from portal.workflows.definition import Definition
from portal.workflows.ledger_view import knowing
from portal.workflows.limits import seconds
from portal.workflows.order_forms import called
from portal.workflows.order_view import length, name_of

bp = Blueprint("board", __name__, url_prefix="/orders/board")
WIDTH, MOST = 100, 5  # of the small bar; parts that it shows


def _body() -> dict[str, Any]:
    """What the board's body needs, and which page it is."""
    actor, now = current_actor(), seconds(clock.now())
    allow(actor, "order.view")
    wanted, flows = board.asked(actor, request.args, clock.now()), _flows()
    tag, counted = wanted.tag, board.counts(wanted, flows, now)
    if not wanted.flow:
        wanted = replace(wanted, flow=next((flow for flow in flows if counted[flow][0]), next(iter(flows))))
    lines, after = board.page(wanted, now)
    names, known = queries.unit_names() | {used.ELSEWHERE: _("Outside the portal")}, knowing(actor)
    return {"rows": [_row(line, names, known) for line in lines], "after": after, "counts": counted, "now": now,
            "wanted": wanted, "tag": tag, "flows": flows, "counted": board.COUNTED}  # fmt: skip


def _flows() -> dict[str, str]:
    return {one.flow: called(one.name) for one in versions.all_newest(clock.now())}


def _row(line: board.Line, names: dict[int, str], known: Any) -> tuple[Any, ...]:
    """One row made ready for the template's loop."""
    one = line.order
    definition = versions.definition(one.flow, one.flow_version)
    shown = known(frozenset((one.raising_unit_id, one.customer_unit_id, *(s.unit_id for s in line.open))))
    steps = " / ".join(name_of(definition, s) for s in line.open)
    who = " / ".join(dict.fromkeys(s.person or s.party or names.get(s.unit_id, "") for s in line.open))
    turn = max((s.round for s in line.open), default=1)
    times = sorted(line.spent.items(), key=lambda item: -item[1])
    said = " · ".join(f"{names.get(unit, '')} {length(spent)}" for unit, spent in times[:MOST])
    return (
        one.id, one.no, one.title, one.customer if shown else masked_name(one.customer), steps, who, turn, bar(times),
        said, line.next_due, one.due, one.paused, line.late,
    )  # fmt: skip


def bar(times: list[tuple[int, int]]) -> Markup:
    """A small bar of the time used, a part for each unit, the largest first; the figures stand beside it."""
    whole, x, parts = sum(spent for _unit, spent in times) or 1, 0, []
    for place, (_unit, spent) in enumerate(times[:MOST]):
        wide = max(1, round(WIDTH * spent / whole))
        parts.append(f'<rect class="u{place}" x="{x}" width="{wide}" height="8"/>')
        x += wide
    return Markup(f'<svg class="used" viewBox="0 0 {WIDTH} 8" aria-hidden="true">{"".join(parts)}</svg>')


@bp.get("")
def index() -> Any:
    """All running orders of a flow; the page keeps itself up to date."""
    facts = _body()
    address = request.query_string.decode("ascii", "ignore")[:300]
    return render_template("workflows/board.html", address=address, **facts)


@bp.get("/changes")
def changes() -> Response:
    """Has the board changed? 204 from memory, or its body anew."""
    actor = current_actor()
    allow(actor, "order.view")
    tag = board.asked(actor, request.args, clock.now()).tag
    same = request.headers.get("HX-PTag") == tag
    answer = make_response(
        "" if same else render_template("workflows/_board_new.html", **_body()), 204 if same else 200
    )
    answer.headers["HX-PTag"] = tag
    return answer


def _step(definition: Definition, code: str) -> str:
    """A step's name, or its code where the newest version has it no more."""
    found = definition.by_code.get(code)
    return called(found.name) if found else code


@bp.get("/bottlenecks")
def slow() -> Any:
    """Which step waits longest now, which took longest in the last ninety days."""
    actor, now = current_actor(), clock.now()
    allow(actor, "order.view")
    defined = {one.flow: one for one in versions.all_newest(now)}
    rows = [
        (called(defined[row.flow].name), _step(defined[row.flow], row.code), row)
        for row in bottlenecks.found(actor, now)
        if row.flow in defined
    ]
    return render_template("workflows/bottlenecks.html", rows=rows, length=length, days=bottlenecks.DAYS)
