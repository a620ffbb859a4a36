"""Drawing queues: rows kept by version, bodies kept by the feed's versions, the tag of what a screen has."""

import re
from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from flask import current_app

from portal.desk import reading
from portal.desk.caches import MOST_BODIES, MOST_ROWS, Caches, already, caches, remember, vocabulary
from portal.desk.rows import ASKED, FIELDS, Said, masked, said, shape_of, shown, today_of
from portal.desk.staleness import NEVER, limits, stale_from
from portal.desk.views import View
from portal.directory.sight import blind
from portal.identity.policy import scope
from portal.kernel import feed, i18n

MARK, ENDS = "\ue010", "\ue011"  # private-use characters that no text of ours holds stand around a field's name
MOVES_EVERY = 30  # seconds: how often time alone refreshes the late and soon segments
COUNTS_LAST = 15  # seconds: how long counts that depend on the time are believed


class Tag(NamedTuple):
    """Which state of which page a screen shows."""

    epoch: str
    versions: tuple[int, ...]
    locale: str
    key: str

    def __str__(self) -> str:
        return f"{self.epoch}.{'-'.join(map(str, self.versions))}.{self.locale}.{self.key}"


class Body(NamedTuple):
    """The inside of a queue as sent: rows by id in order, cursor of the next page, until when it holds."""

    html: bytes
    rows: dict[int, bytes]
    tag: str
    last: tuple[int, int] | None
    holds: int


class Pattern(NamedTuple):
    """How rows of one shape are written: fixed text as sent, and at each odd place a value of the row."""

    pieces: list[bytes]
    values: Callable[[tuple[Any, ...]], tuple[str, ...]]


def tag_of(view: View, now: int) -> Tag:
    """The tag of a page as it stands; costs no query."""
    feed.version("")
    return standing(view, now, i18n.choose())


def standing(view: View, now: int, locale: str) -> Tag:
    """The same by what the feed holds now, for whoever knows that it is awake."""
    key = f"{view.key}{now // MOVES_EVERY:x}" if view.moving else view.key
    return Tag(feed.feed.epoch, tuple(reading.versions(view.topics)), locale, key)


def body_of(view: View, tag: Tag, now: int) -> Body:
    """The inside of the queue, from memory while its versions stand and no mark in it has come of age."""
    found = body_known(caches(), tag, now)
    if found is None:
        found = _draw(view, tag, now)
        if len(caches().bodies) >= MOST_BODIES:
            caches().bodies.clear()
        caches().bodies[tag] = found
    return found


def body_known(store: Caches, tag: Tag, now: int) -> Body | None:
    """The same where memory holds it, for whoever has no request; else None."""
    found: Body | None = store.bodies.get(tag)
    return found if found and now < found.holds else None


def _draw(view: View, tag: Tag, now: int) -> Body:
    rows = reading.page(view, now, view.show + 1)
    more = len(rows) > view.show
    rows = rows[: view.show]
    drawn, holds = drawn_rows(view, rows, tag.locale, now)
    order = crc32(repr([r.id for r in rows]).encode())
    last = (rows[-1].press, rows[-1].id) if more else None
    around = _plain("desk/_body.html", view=view, rows=MARK if rows else "", last=last)
    html = b"".join(drawn.values()).join(around.encode().split(MARK.encode(), 1))
    return Body(html, drawn, f"{tag}-{order:08x}", last, holds)


def drawn_rows(view: View, rows: list[Any], locale: str, now: int) -> tuple[dict[int, bytes], int]:
    """The rows as they are sent in their order, and until when they hold; new ones are drawn in one go."""
    known, rights, unseen = caches().rows, scope(view.actor, "case.claim"), blind(view.actor)
    day, midnight = _day(now)
    keys, missing = [], []
    for row in rows:
        ours = rights is None or row.unit_id in rights or row.intake_unit_id in rights
        key = (row.id, row.version, locale, day, ours, view.unit is None, unseen)
        found = known.get(key)
        keys.append(key)
        if found is None or now >= found[1]:
            missing.append((key, row))
    if missing:
        if len(known) > MOST_ROWS:
            known.clear()
        _remember(view, missing, locale, now)
    found_rows = [known[key] for key in keys]
    holds = min((until for _, until in found_rows), default=NEVER)
    return {row.id: html for row, (html, _) in zip(rows, found_rows, strict=True)}, min(holds, midnight)


def _remember(view: View, missing: list[tuple[Any, Any]], locale: str, now: int) -> None:
    """Draws rows in one go and keeps them."""
    names = {u.id: u.called(locale) for u in view.units} if view.unit is None else {}
    t, words, today, silence = said(locale), vocabulary(locale), today_of(now), limits(now)
    forgotten = [stale_from(row, now, silence) for _, row in missing]
    values = [
        shown(masked(row) if key[6] else row, t, words, then <= now, today, key[4], names.get(row.unit_id, ""))
        for (key, row), then in zip(missing, forgotten, strict=True)
    ]
    held = caches()
    patterns = held.patterns.setdefault((locale, view.unit is None), {})
    for (key, _), row, then in zip(missing, values, forgotten, strict=True):
        shape = shape_of(row)
        pattern = patterns.get(shape)
        if pattern is None:
            pattern = patterns[shape] = _pattern(row, t, view.unit is None)
        pieces = pattern.pieces.copy()
        pieces[1::2] = map(str.encode, pattern.values(row))
        held.rows[key] = (b"".join(pieces), then if then > now else NEVER)


def _pattern(row: tuple[Any, ...], t: Said, departments: bool) -> Pattern:
    """How rows of this row's shape are written: drawn once by the template, then cut where the values go."""
    given = zip(FIELDS, row, strict=True)
    marks = {name: f"{MARK}{name}{ENDS}" if value or name not in ASKED else "" for name, value in given}
    marks["timer"] = row[FIELDS.index("timer")]
    html = _plain("desk/_row.html", **marks, t=t, departments=departments)
    pieces = re.split(f"{MARK}(\\w+){ENDS}", html)
    return Pattern([piece.encode() for piece in pieces], itemgetter(*map(FIELDS.index, pieces[1::2])))


def _plain(name: str, **values: Any) -> str:
    """A piece drawn with these values alone, without what a whole page's templates may ask for."""
    return current_app.jinja_env.get_template(name).render(values)


def _day(now: int) -> tuple[int, int]:
    here = i18n.local(now)
    tomorrow = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    return here.toordinal(), int(tomorrow.timestamp())


def counts_of(view: View, tag: Tag, now: int) -> reading.Counts:
    """The segments' counts, at most fifteen seconds old and never older than the last change."""
    counted = counts_known(caches(), view, tag, now)
    if counted is None:
        fresh = reading.counts(view, now), now
        counted = remember(caches().kept, _counts_name(view), tag.versions, fresh)[0]
    return counted


def counts_known(store: Caches, view: View, tag: Tag, now: int) -> reading.Counts | None:
    """The same where memory holds them, for whoever has no request; else None."""
    counted, then = already(store.kept, _counts_name(view), tag.versions) or (None, 0)
    return counted if now - then < COUNTS_LAST else None


def _counts_name(view: View) -> tuple[str, str, int]:
    return "counts", view.code, view.actor.id
