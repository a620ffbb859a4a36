"""Looks at customer data outside the archive: pages and their parts, written down before they are sent (AR4).

One entry covers what the same person sees of the same case, customer or list within ten minutes, so that a page kept
open and checked every two seconds costs nothing more.
"""

from typing import NamedTuple

from flask import Response, request

from portal.archive import access
from portal.identity import session
from portal.identity.actor import Actor
from portal.kernel import clock, feed

COVERS = 600  # seconds
MOST = 50_000


class Way(NamedTuple):
    """What an address shows: how it is called in the log, and which argument names its subject."""

    what: str
    by: str = "no"


ROOMS = {  # every page and part of these rooms that was answered shows one case, customer or order
    "cases": Way("view"), "customers": Way("view", "customer_id"), "corporate": Way("view", "owner_id"),
    "orders": Way("view"), "order_live": Way("view"), "incidents": Way("view"), "force_majeure": Way("view"),
    "files": Way("file"),
}  # fmt: skip
LISTS = {
    "desk.queue": "queue", "desk.mine": "queue", "desk.following": "queue", "desk.judging": "queue",
    "desk.rows": "queue", "desk.changes": "queue", "customers.index": "customers", "reports.cases": "report",
    "behind.index": "report",
    "board.index": "orders", "board.changes": "orders", "orders.index": "orders", "ledger.index": "orders",
    "timeliness.behind": "orders", "corporate.index": "customers", "raising.customers": "customers",
    "projects.index": "customers", "projects.page": "project", "projects.ask": "project",
    # the person's own pages, and what shows several cases
    "desk.home": "desk", "desk.notices": "notices", "desk.promised": "promises", "tasks.index": "tasks",
    "tasks.page": "task", "handover.index": "handover", "handover.one": "handover", "summaries.daily": "summary",
    "summaries.grooming": "summary", "backup.index": "backup", "backup.entry": "backup",
    "voicemails.index": "voicemail", "voicemails.recording": "voicemail", "imports.one": "import",
    "imports.refused_rows": "import", "repeats.near": "similar", "group_imports.one": "import",
    "group_imports.refused": "import", "order_imports.one": "import", "order_imports.refused": "import",
    "own.index": "figures", "boards.today": "board", "boards.department": "board",
}  # fmt: skip
ASKED_BY_POST = ("repeats.near",)  # what a form asks while it is filled in
_seen: dict[tuple[str, int, str, str, str], int] = {}


def look(answer: Response) -> Response:
    """Writes down what this answer shows, unless it was a moment ago."""
    if (request.method != "GET" and request.endpoint not in ASKED_BY_POST) or answer.status_code != 200:
        return answer
    listed = LISTS.get(request.endpoint or "")
    way = None if listed else ROOMS.get(request.blueprint or "")
    if not listed and way is None:
        return answer
    here = session.present()
    if here is not None:
        no = "" if way is None else _subject(way)
        if listed or no:
            note(here.actor, "list" if way is None else way.what, no, f"{listed} {_which()}" if listed else "")
    return answer


def _subject(way: Way) -> str:
    """The number under which the look is found again; empty for a page that shows none."""
    value = (request.view_args or {}).get(way.by)
    if value is None:
        return ""
    return f"KH{value:06d}" if isinstance(value, int) else str(value).strip().upper()


def _which() -> str:
    """Which list: its code or number, or what was searched for."""
    named = str(next(iter((request.view_args or {}).values()), ""))[:20]
    return named or request.args.get("q", "") or (request.endpoint or "").partition(".")[2]


def note(actor: Actor, what: str, no: str, query: str) -> None:
    """One entry for ten minutes; the memory is each process's own, so a few may stand twice, never none."""
    now = clock.now()
    at, key = int(now.timestamp()), (feed.feed.epoch, actor.id, what, no, query)
    if at - COVERS < _seen.get(key, 0) <= at:
        return
    access.note(actor, now, what, no=no, query=query)
    if len(_seen) > MOST:
        _seen.clear()
    _seen[key] = at


def forget() -> None:
    """Empties the memory (tests)."""
    _seen.clear()
