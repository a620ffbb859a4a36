"""Reading wording and articles: what holds now (kept in memory), versions of one, how often each was used."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.identity import queries as people
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Missing
from portal.knowledge import fitting
from portal.knowledge.models import KnowledgeUse, KnowledgeVersion
from portal.knowledge.rules import OPEN

TOPIC = "knowledge"
_kept: dict[str, tuple[Any, Any]] = {}


class Held(NamedTuple):
    """A version that was approved: what it says and from when."""

    code: str
    version: int
    since: datetime
    data: dict[str, Any]


def held(kind: str, now: datetime, *, fresh: bool = False) -> dict[str, Held]:
    """What holds at an instant, by code; what is no longer offered is left out. `fresh`: inside a transaction."""
    found: dict[str, Held] = {}
    for one in approved(kind, fresh=fresh):
        if one.since <= now:
            found[one.code] = one
    return {code: one for code, one in found.items() if not one.data.get("off")}


def approved(kind: str, *, fresh: bool = False) -> list[Held]:
    """Every approved version in the order in which they hold, kept until something is approved.

    `fresh` reads the store: inside a transaction, where what is not committed must not be kept.
    """
    return _read_approved(kind) if fresh else list(_keep(f"approved:{kind}", (), lambda: _read_approved(kind)))


def _read_approved(kind: str) -> list[Held]:
    query = select(KnowledgeVersion).where(KnowledgeVersion.kind == kind, KnowledgeVersion.state == "effective")
    rows = db.session.scalars(query.order_by(KnowledgeVersion.effective_from, KnowledgeVersion.version))
    return [Held(row.code, row.version, row.effective_from, row.data) for row in rows]


def approved_numbers(kind: str, codes: list[str]) -> set[tuple[str, int]]:
    """(code, number) of the approved versions of these."""
    query = select(KnowledgeVersion.code, KnowledgeVersion.version).where(
        KnowledgeVersion.kind == kind, KnowledgeVersion.code.in_(codes), KnowledgeVersion.state == "effective"
    )
    return {(row[0], row[1]) for row in db.session.execute(query)}


def _keep(name: str, more: Any, read: Any) -> Any:
    stamp = (feed.version(TOPIC), feed.feed.epoch, str(db.engine.url), more)
    found = _kept.get(name)
    if found is None or found[0] != stamp:
        found = _kept[name] = (stamp, read())
    return found[1]


def fitting_articles(text: str, now: datetime, most: int = fitting.MOST) -> list[Held]:
    """The articles that fit a text, the best first."""
    articles = held("article", now)
    names = tuple((one.code, one.version) for one in articles.values())
    made = _keep("index", names, lambda: fitting.index({code: one.data for code, one in articles.items()}))
    return [articles[code] for code in fitting.fitting(made, text, most)]


def article(code: str, now: datetime) -> Held | None:
    """The article that holds under this number, or None."""
    return held("article", now).get(code.strip().upper())


def versions(kind: str, code: str) -> list[KnowledgeVersion]:
    """All versions, the newest first. Raises Missing."""
    query = select(KnowledgeVersion).where(KnowledgeVersion.kind == kind, KnowledgeVersion.code == code)
    found = list(db.session.scalars(query.order_by(KnowledgeVersion.version.desc())))
    if not found:
        raise Missing("no_such_text", name=code)
    return found


def newest(kind: str) -> list[KnowledgeVersion]:
    """The newest version of each, whatever its state, but for discarded ones behind another."""
    query = select(KnowledgeVersion).where(KnowledgeVersion.kind == kind)
    rows = db.session.scalars(query.order_by(KnowledgeVersion.code, KnowledgeVersion.version))
    found: dict[str, KnowledgeVersion] = {}
    for row in rows:
        if row.state != "discarded" or row.code not in found:
            found[row.code] = row
    return list(found.values())


def open_draft(kind: str, code: str, *, lock: bool = False) -> KnowledgeVersion | None:
    """The version that is being written or reviewed; `lock` keeps other writers away until the transaction ends."""
    query = select(KnowledgeVersion).where(
        KnowledgeVersion.kind == kind, KnowledgeVersion.code == code, KnowledgeVersion.state.in_(OPEN)
    )
    return db.session.scalar(query.with_for_update() if lock else query)


def made_by(key: str) -> KnowledgeVersion | None:
    """What a form with this key has made."""
    return db.session.scalar(select(KnowledgeVersion).where(KnowledgeVersion.key == key)) if key else None


def next_code(kind: str) -> str:
    """The number of a new article (KB-0007), or the code of a new wording (W-0003)."""
    prefix = "KB-" if kind == "article" else "W-"
    query = select(func.max(KnowledgeVersion.code)).where(KnowledgeVersion.code.like(f"{prefix}%"))
    last = db.session.scalar(query)
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


class Used(NamedTuple):
    """How often something was used, how often customers said that it solved the matter, how often that it did not."""

    times: int = 0
    solved: int = 0
    unsolved: int = 0


def uses(kind: str) -> dict[str, Used]:
    """How often each was used, by code."""
    query = select(KnowledgeUse.code, KnowledgeUse.solved, func.count()).where(KnowledgeUse.kind == kind)
    found: dict[str, Used] = {}
    for code, solved, times in db.session.execute(query.group_by(KnowledgeUse.code, KnowledgeUse.solved)):
        so_far = found.get(code, Used())
        found[code] = Used(
            so_far.times + times, so_far.solved + times * bool(solved), so_far.unsolved + times * (solved is False)
        )
    return found


def names(ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    return {number: name for number, name in people.names().items() if number in ids} if ids else {}
