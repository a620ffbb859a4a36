"""What an open queue lacks: its changed rows, else its whole body, and its figures where they moved.

Many screens of a department go the same step together: each piece is drawn once for all of them. A screen that comes
after another one is answered from memory, without a query and without Flask (`desk/checks.py`).
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from zlib import crc32

from flask import render_template
from markupsafe import Markup

from portal.desk import body as bodies
from portal.desk import reading
from portal.desk.caches import Caches, already, kept
from portal.desk.segments import segments
from portal.desk.views import View

MOST_PARTIALS = 15


class Step(NamedTuple):
    """From what a screen shows to what stands: the HTML it lacks, and the tag it then has."""

    html: bytes
    tag: str


# gives a piece by name and version, or draws it; None where it may not be drawn
Keep = Callable[[Any, Any, Callable[[], bytes]], bytes | None]


def step(view: View, seen: str, tag: bodies.Tag, now: int) -> Step:
    """The step of a screen that shows `seen`, drawn where nobody went it before."""
    body, counts = bodies.body_of(view, tag, now), bodies.counts_of(view, tag, now)
    found = _joined(view, seen, tag, body, counts, kept)
    assert found is not None
    return found


def known(store: Caches, view: View, seen: str, tag: bodies.Tag, now: int) -> Step | None:
    """The same where memory holds every piece as it stands, for whoever has no request; else None."""
    body, counts = bodies.body_known(store, tag, now), bodies.counts_known(store, view, tag, now)
    if body is None or counts is None:
        return None
    return _joined(view, seen, tag, body, counts, lambda name, version, _draw: already(store.kept, name, version))


def _joined(
    view: View, seen: str, tag: bodies.Tag, body: bodies.Body, counts: reading.Counts, keep: Keep
) -> Step | None:
    """The figures where they are not those the screen shows, and its rows; each kept by what it depends on."""
    before, _, figures = seen.rpartition(".")
    page = view.key, tag.locale
    more: bytes | None = b""
    if figures != figures_of(counts):
        more = keep(("figures", *page, view.actor.id), counts, lambda: _figures(view, counts))
    rows = keep(("step", *page), (before, body.tag, body.holds), lambda: _rows(view, before, tag, body))
    return None if more is None or rows is None else Step(more + rows, shown(body, counts))


def shown(body: bodies.Body, counts: reading.Counts) -> str:
    """The tag of a screen: which body it shows, and which figures."""
    return f"{body.tag}.{figures_of(counts)}"


def figures_of(counts: reading.Counts) -> str:
    """What tells figures from others."""
    return f"{crc32(repr(tuple(counts)).encode()):08x}"


def _rows(view: View, before: str, tag: bodies.Tag, body: bodies.Body) -> bytes:
    changed = _rows_changed(view, before, tag, body)
    rows = [(n, Markup(body.rows[n].decode())) for n in changed or ()]
    whole = Markup(body.html.decode()) if changed is None else None
    return render_template("desk/_changes.html", segments=None, changed=rows, body=whole).encode()


def _figures(view: View, counts: reading.Counts) -> bytes:
    return render_template("desk/_changes.html", segments=segments(view, counts), changed=(), body=None).encode()


def _rows_changed(view: View, seen: str, tag: bodies.Tag, body: bodies.Body) -> list[int] | None:
    """Ids of the changed rows of a page whose order stands; None where the whole body is needed."""
    parts = seen.split(".")
    if len(parts) != 4 or parts[0] != tag.epoch or parts[2] != tag.locale:
        return None
    order, before = parts[3][-9:], parts[1].split("-")
    if order != body.tag[-9:] or len(before) != len(tag.versions) or not all(v.isdigit() for v in before):
        return None
    if parts[3][:-9] != tag.key and not view.moving:
        return None
    names = view.topics
    since = dict(zip(names, map(int, before), strict=True))
    moved = reading.changed(since, dict(zip(names, tag.versions, strict=True)))
    if moved is None or any(since[n] > v for n, v in zip(names, tag.versions, strict=True)):
        return None
    ours = [n for n in body.rows if n in moved]
    return ours if len(ours) <= MOST_PARTIALS else None
