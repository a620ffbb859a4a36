"""Whole pages kept for the browser they were drawn for, while nothing that stands on them has moved."""

from collections.abc import Callable, Hashable
from typing import Any

from flask import g, request, session

from portal import shell
from portal.desk.caches import MOST_PAGES, caches
from portal.identity.actor import Actor
from portal.identity.session import kept_of_request
from portal.kernel import i18n

INSIDE = "\ue012"  # a private-use character that no text of ours holds


def drawn(actor: Actor, content: Hashable, draw: Callable[[str], str], inside: bytes) -> bytes:
    """The page from memory with the present time in it, or drawn anew. `content` names what its main part shows.

    `draw` gets a mark to put where `inside` belongs, which is not kept a second time with each page. A page is kept for
    one session and its CSRF secret alone, for a minute at most; one with a message is never kept.
    """
    secret, stamp = session.get("csrf_token"), str(g.now_ms)
    if not secret or "_flashes" in session:
        return inside.join(draw(INSIDE).encode().split(INSIDE.encode(), 1))
    key = _standing(actor, secret, content)
    found = caches().pages.get(key)
    if found is None:
        before, mark, after = draw(INSIDE).partition(f'name="server-now" content="{stamp}')
        until, _, rest = after.encode().partition(INSIDE.encode())
        found = ((before + mark.removesuffix(stamp)).encode(), until, rest)
        if len(caches().pages) >= MOST_PAGES:
            caches().pages.clear()
        caches().pages[key] = found
    head, until, rest = found
    return b"".join((head, stamp.encode(), until, inside, rest))


def _standing(actor: Actor, secret: str, content: Hashable) -> tuple[Any, ...]:
    """Everything the frame of a page depends on."""
    state, age = shell.watch()
    return (
        content, kept_of_request().session_id, secret, actor, request.full_path, i18n.choose(), shell.news(),
        tuple(shell.running_incidents()), shell.counts(), state, age // 60 if state == "stopped" else 0,
        g.now_ms // 60_000, shell.is_demo(), shell.plain_http(), shell.clock_off(),
    )  # fmt: skip
