"""Whole pages kept for the browser they were drawn for, while nothing that stands on them has moved."""

from collections.abc import Callable, Hashable
from typing import Any

from flask import g, request, session

from portal import shell
from portal.desk.caches import MOST_PAGES, caches
from portal.identity.actor import Actor
from portal.identity.session import kept_of_request
from portal.kernel import i18n


def drawn(actor: Actor, content: Hashable, draw: Callable[[], str]) -> bytes:
    """The page from memory with the present time in it, or drawn anew. `content` names what its main part shows.

    A page is kept for one session and its CSRF secret alone, for a minute at most; one with a message is never kept.
    """
    secret, stamp = session.get("csrf_token"), str(g.now_ms)
    if not secret or "_flashes" in session:
        return draw().encode()
    key = _standing(actor, secret, content)
    found = caches().pages.get(key)
    if found is None:
        before, mark, after = draw().partition(f'name="server-now" content="{stamp}')
        found = ((before + mark.removesuffix(stamp)).encode(), after.encode())
        if len(caches().pages) >= MOST_PAGES:
            caches().pages.clear()
        caches().pages[key] = found
    return stamp.encode().join(found)


def _standing(actor: Actor, secret: str, content: Hashable) -> tuple[Any, ...]:
    """Everything the frame of a page depends on."""
    state, age = shell.watch()
    return (
        content, kept_of_request().session_id, secret, actor, request.full_path, i18n.choose(), shell.news(),
        tuple(shell.running_incidents()), shell.counts(), state, age // 60 if state == "stopped" else 0,
        g.now_ms // 60_000, shell.is_demo(), shell.plain_http(), shell.clock_off(),
    )  # fmt: skip
