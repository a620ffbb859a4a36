"""The page of promises: open, due today, broken, kept, by department and person, down to their cases (SL7)."""

from typing import Any

from flask import render_template, request, url_for

from portal.desk import case_view, promises
from portal.desk.caches import departments
from portal.desk.queue_pages import bp
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import locale, term
from portal.kernel.instants import epoch


@bp.get("/promises")
def promised() -> str:
    """What was promised to customers and has to be kept, the nearest first."""
    actor, now = current_actor(), clock.now()
    allow(actor, "case.view")
    want = _wanted()
    units = [(u.id, u.called(locale())) for u in departments()]
    counted = promises.counts(actor, want, now)
    return render_template(
        "desk/promises.html", lines=promises.lines(actor, want, now), want=want, units=units, names=case_view.names(),
        people=promises.people(actor, want, now), segments=_segments(want, counted), tile=_tile(epoch(now)),
        pages=-(-counted[want.state] // promises.PAGE), link=_link,
    )  # fmt: skip


def _wanted() -> promises.Wanted:
    """What the address asks for; what is no number or state counts as not asked."""
    args = request.args
    state = args.get("state", "open")
    numbers = [int(args[name]) if args.get(name, "").isdecimal() and len(args[name]) < 10 else 0
               for name in ("unit", "person", "page")]  # fmt: skip
    return promises.Wanted(state if state in promises.STATES else "open", numbers[0], numbers[1], numbers[2] or 1)


def _link(want: promises.Wanted, **other: Any) -> str:
    """The address of this list with something else asked for; from its first page unless said."""
    facts = want._replace(**({"page": 1} | other))._asdict()
    plain = {"state": "open", "unit": 0, "person": 0, "page": 1}
    return url_for("desk.promised", **{k: v for k, v in facts.items() if v != plain[k]})


def _segments(want: promises.Wanted, counted: dict[str, int]) -> list[dict[str, Any]]:
    looks = {"broken": "late", "today": "warn"}
    return [
        {
            "url": _link(want, state=name), "word": term("promise." + name), "count": counted[name],
            "look": looks.get(name, "") if counted[name] else "", "current": name == want.state,
        }
        for name in promises.STATES
    ]  # fmt: skip


def _tile(now: int) -> Any:
    return lambda row: case_view.tile(row, now, current=False)
