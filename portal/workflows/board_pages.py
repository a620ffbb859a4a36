"""URLs of the board: the page, the check for changes, the bottlenecks."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup, escape

from portal import shell
from portal.directory.rules import masked_name
from portal.identity import actions as persons
from portal.identity.policy import allow
from portal.identity.queries import unit_names
from portal.identity.session import current_actor
from portal.kernel import clock, feed
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, locale
from portal.kernel.instants import epoch
from portal.workflows import board, bottlenecks, used, versions
from portal.workflows.definition import Definition
from portal.workflows.ledger_view import knowing
from portal.workflows.order_forms import called
from portal.workflows.order_view import length

bp = Blueprint("board", __name__, url_prefix="/orders/board")
WIDTH, MOST, SAID = 100, 5, 3  # of the small bar; its parts; those also in figures
QUARTER = 900  # seconds
MARKS = re.compile("[&<>\"']").search


def _body(*, times: bool) -> dict[str, Any]:
    """What the board's body needs, and which page it is; the time used costs most and comes with the first check."""
    actor, now = current_actor(), epoch(clock.now())
    allow(actor, "order.view")
    flows = _flows()
    wanted = board.asked(actor, request.args, flows)
    tag, counted = wanted.tag, board.counts(wanted, flows, now)
    if not wanted.flow:
        wanted = replace(wanted, flow=next((flow for flow in flows if counted[flow][0]), next(iter(flows), "")))
    lines, after = board.page(wanted, now, times=times)
    names, known, today = _names(), knowing(actor), f"{local(now):%Y-%m-%d}"
    called_so = {key: _called(*key) for key in {(one.order.flow, one.order.flow_version) for one in lines}}
    rows = [_row(line, called_so, names, known, today) for line in lines]
    return {"rows": rows, "after": after, "counts": counted, "now": now, "wanted": wanted, "tag": tag,
            "flows": flows, "counted": board.COUNTED}  # fmt: skip


def _flows() -> dict[str, str]:
    """The flows in the reader's language; read again when versions move, or a minute has passed."""
    now = clock.now()
    stamp = (feed.version(versions.TOPIC), epoch(now) // 60)
    return shell.kept(  # type: ignore[no-any-return]
        f"board.flows {locale()}", stamp, lambda: {one.flow: called(one.name) for one in versions.all_newest(now)}
    )


def _names() -> dict[int, str]:
    """The departments, ready for a page that escapes nothing; read again when people or units change."""

    def read() -> dict[int, str]:
        found = unit_names() | {used.ELSEWHERE: _("Outside the portal")}
        return {unit: _safe(name) for unit, name in found.items()}

    return shell.kept(f"board.names {locale()}", feed.version(persons.TOPIC), read)  # type: ignore[no-any-return]


def _called(flow: str, number: int) -> dict[str, str]:
    """What the steps of a version are called, ready for a page that escapes nothing."""

    def read() -> dict[str, str]:
        return {step.code: _safe(called(step.name)) for step in versions.definition(flow, number).steps}

    return shell.kept(f"board.steps {flow} {number} {locale()}", feed.version(versions.TOPIC), read)  # type: ignore[no-any-return]


def _safe(text: str) -> str:
    """A text for a page that escapes nothing; most hold nothing to escape."""
    return str(escape(text)) if MARKS(text) else text


@lru_cache(maxsize=8_192)
def _quarter(number: int) -> tuple[str, str, int]:
    """A quarter of an hour of the epoch here: day, `11-24 09:`, its first minute; zones differ by whole quarters."""
    here = local(number * QUARTER)
    return f"{here:%Y-%m-%d}", f"{here:%m-%d %H:}", here.minute


def _when(instant: int, today: str) -> str:
    day, hour, minute = _quarter(instant // QUARTER)
    return f"{hour[6:] if day == today else hour}{minute + instant % QUARTER // 60:02}"


def _row(
    line: board.Line, called_so: dict[Any, dict[str, str]], names: dict[int, str], known: Any, today: str
) -> tuple[Any, ...]:
    """One row made ready and escaped for the template's loop, which escapes nothing (as the queues' rows)."""
    one, here = line.order, line.open
    steps = called_so[one.flow, one.flow_version]
    shown = known(frozenset((one.raising_unit_id, one.customer_unit_id, *(s.unit_id for s in here))))
    whose = [_safe(s.person or s.party) or names.get(s.unit_id, "") for s in here]
    alone = here[0] if len(here) == 1 else None  # as most orders are: one step open
    times = sorted(line.spent.items(), key=lambda item: -item[1]) if line.spent else []
    said = " · ".join(f"{names.get(unit, '')} {length(spent)}" for unit, spent in times[:SAID]) if times else ""
    return (
        one.id, one.no, _safe(one.title), _safe(one.customer if shown else masked_name(one.customer)),
        steps.get(alone.code, alone.code) if alone else " / ".join(steps.get(s.code, s.code) for s in here),
        whose[0] if alone else " / ".join(dict.fromkeys(whose)), max((s.round for s in here), default=1),
        bar(times) if times else "", said, _when(line.next_due, today), _when(one.due, today), one.due, one.paused,
        line.late,
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
    facts = _body(times="times" in request.args)
    address = request.query_string.decode("ascii", "ignore")[:300]
    return render_template("workflows/board.html", address=address, **facts)


@bp.get("/changes")
def changes() -> Response:
    """Has the board changed? 204 from memory, or its body anew."""
    actor = current_actor()
    allow(actor, "order.view")
    tag = board.asked(actor, request.args, _flows()).tag
    same = request.headers.get("HX-PTag") == tag
    answer = make_response(
        "" if same else render_template("workflows/_board_new.html", **_body(times=True)), 204 if same else 200
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
