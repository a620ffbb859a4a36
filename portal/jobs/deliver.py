"""Sending what waits in the outbox: one row at a time is claimed, sent outside any transaction, then marked.

At least once: a row whose sender died is sent again after its lease, under the same number and Message-ID.
"""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy.exc import DBAPIError

from portal.clocks import book
from portal.identity import queries as people
from portal.kernel import clock
from portal.kernel.config import Settings
from portal.kernel.db import read, transaction, write
from portal.kernel.engines import passing_over
from portal.kernel.i18n import speaking
from portal.kernel.instants import epoch
from portal.notices import letters, ways
from portal.notices.outside import wishes_of
from portal.notices.rules import A_MINUTE, LEASE, pause_after, quiet_now
from portal.notices.ways import NotSent

Receiver = tuple[str, int | None]  # mail, or a robot's id
DUE = (
    "state = 'waiting' AND again_at <= :now AND (leased_until IS NULL OR leased_until <= :now OR leased_until > :ahead)"
)
RECEIVERS = f"SELECT DISTINCT channel, robot_id FROM outbox WHERE {DUE}"
NEXT = (
    "SELECT o.id, o.key, o.person_id, o.kind, o.subject, o.facts, o.attempts, o.at, o.late_seconds, p.active,"
    " p.locale, c.mail, r.kind, r.address, r.locale, r.secret FROM outbox o JOIN person p ON p.id = o.person_id"
    " LEFT JOIN notice_choice c ON c.person_id = o.person_id LEFT JOIN robot r ON r.id = o.robot_id"
    f" WHERE o.{DUE.replace('again_at', 'o.again_at').replace('leased_until', 'o.leased_until')}"
    " AND o.channel = :channel AND COALESCE(o.robot_id, 0) = :robot{calm} ORDER BY o.again_at, o.id LIMIT 1{lock}"
)
LAST_MINUTE = (
    "SELECT r.kind, (SELECT count(*) FROM outbox o WHERE o.robot_id = r.id AND o.sent_at > :since)"
    " FROM robot r WHERE r.id = :robot"
)
LEASED = "UPDATE outbox SET leased_until = :until WHERE id = :id"
ENDED = (
    "UPDATE outbox SET state = :state, sent_at = :sent, said = :said, attempts = :attempts, again_at = :again,"
    " leased_until = NULL WHERE id = :id AND state = 'waiting'"
)
APP_ROW = "SELECT read_at, acknowledged_at FROM outbox WHERE key = :key"
CLOCK = "SELECT outcome FROM clock WHERE id = :id"
UNREAD = (
    "SELECT kind, facts FROM outbox WHERE person_id = :who AND channel = 'app' AND read_at IS NULL"
    " AND at > :since AND at <= :until ORDER BY id"
)
MOST_LINES = 100
MOST_ROWS = 500  # of one receiver in one go; the next look goes on
log = logging.getLogger("portal.delivery")


class Row(NamedTuple):
    """A claimed row with what its receiver is known by; robot columns are empty for mail."""

    id: int
    key: str
    person_id: int
    kind: str
    subject: str
    raw: Any
    attempts: int
    at: int
    late: int
    active: bool
    locale: str | None
    mail: str | None
    robot_kind: str | None
    address: str | None
    robot_locale: str | None
    secret: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of the notice."""
        found: dict[str, Any] = json.loads(self.raw) if isinstance(self.raw, str) else self.raw
        return found

    @property
    def number(self) -> str:
        """The number by which a receiver knows it again."""
        return f"N{self.id}"


def deliver(now: datetime) -> int:
    """Sends all that is due, one receiver after the other; returns how many rows were sent."""
    return sum(serve(receiver, lambda: now)[0] for receiver in receivers(now))


def receivers(now: datetime) -> list[Receiver]:
    """The receivers for whom something is due."""
    return [(channel, robot) for channel, robot in read(RECEIVERS, _bound(now))]


def serve(receiver: Receiver, time: Callable[[], datetime] = clock.now) -> tuple[int, bool]:
    """Sends what is due to one receiver until nothing is left or it serves nobody: (how many were sent, it serves)."""
    sent = 0
    for _ in range(MOST_ROWS):
        row = _claim(receiver, time())
        if row is None:
            break
        outcome = _one(receiver, row, time)
        sent += outcome == "sent"
        if outcome == "everybody":
            return sent, False
    return sent, True


def _bound(now: datetime) -> dict[str, int]:
    return {"now": epoch(now), "ahead": epoch(now) + LEASE}


def _claim(receiver: Receiver, now: datetime) -> Row | None:
    """Takes the next due row of a receiver for a minute; none while a robot has said all that its service takes."""
    if receiver[0] == "robot" and _out_of_breath(receiver[1], now):
        return None
    calm = " AND NOT o.waits" if quiet(now) else ""
    asked = _bound(now) | {"channel": receiver[0], "robot": receiver[1] or 0}
    if not read(NEXT.format(calm=calm, lock=""), asked):
        return None
    with transaction():
        found = write(NEXT.format(calm=calm, lock=passing_over("o")), asked)
        if not found:
            return None
        row = Row(*found[0])
        write(LEASED, {"until": epoch(now) + LEASE, "id": row.id})
    return row


def _out_of_breath(robot: int | None, now: datetime) -> bool:
    """Whether a robot has said as much in the last minute as its service takes; what is more waits its turn."""
    found = read(LAST_MINUTE, {"robot": robot, "since": epoch(now) - 60})
    return bool(found) and found[0][1] >= A_MINUTE.get(found[0][0], 20)


def quiet(now: datetime) -> bool:
    """Whether the quiet hours of the policy in force last (SL8)."""
    found = book.in_force(now)
    ladder = found.policy.ladder
    return quiet_now(now.astimezone(found.calendars[found.policy.day_calendar].tz), *ladder.quiet)


def _one(receiver: Receiver, row: Row, time: Callable[[], datetime]) -> str:
    """Sends one claimed row and marks it: sent, dropped, failed, or everybody when its receiver serves nobody."""
    try:
        reason = _no_longer(receiver, row)
        if reason:
            _end(row, "dropped", time(), reason)
            return "dropped"
        _send(receiver, row, time())
    except NotSent as error:
        _failed(row, str(error), time(), for_good=error.for_good)
        return "everybody" if error.everybody else "failed"
    except DBAPIError:
        raise
    except Exception as error:
        log.error("notice %s could not be sent", row.id, exc_info=error)
        _failed(row, f"{type(error).__name__}: {error}", time())
        return "failed"
    _end(row, "sent", time())
    return "sent"


def _no_longer(receiver: Receiver, row: Row) -> str:
    """Why a row is not sent any more, as a code; empty when it is."""
    if people.fact("demo") == "1":
        return "demo"
    if receiver[0] == "robot":
        return "" if row.robot_kind else "no_robot"
    if not row.active:
        return "no_account"
    if not row.mail:
        return "no_address"
    if row.kind == "daily":
        return "" if any(_lines(row)) else "read"
    seen = read(APP_ROW, {"key": row.key.removesuffix(":mail")})
    if seen and any(seen[0]):
        return "read"
    return "over" if _stopped(row.key) else ""


def _stopped(key: str) -> bool:
    """Whether a notice tells of a clock that has stopped meanwhile (F-37)."""
    parts = key.split(":")
    found = read(CLOCK, {"id": int(parts[1])}) if parts[0] == "clock" else []
    return bool(found) and found[0][0] != "running"


def _send(receiver: Receiver, row: Row, now: datetime) -> None:
    """Hands one row over. Raises NotSent."""
    settings: Settings = current_app.config["PORTAL"]
    target = letters.link(settings.url, row.subject, row.facts)
    if receiver[0] == "robot":
        with speaking(row.robot_locale or "zh_Hans_CN"):
            text = letters.robot(row.kind, row.facts, target, row.number, row.late)
        return ways.post_robot(
            row.robot_kind or "", row.address or "", text, settings.robot_hosts, at=now, secret=row.secret or ""
        )
    if settings.smtp is None:
        raise NotSent("PORTAL_SMTP_HOST is not set", everybody=True)
    with speaking(row.locale or "zh_Hans_CN"):
        subject, text = (
            letters.daily(_lines(row), settings.url, row.number)
            if row.kind == "daily"
            else letters.mail(row.kind, row.facts, target, row.number, row.late)
        )
    here = letters.host(settings.url)
    name = f"<{row.number}.{people.fact('epoch')}@{here}>"
    sent = ways.letter(settings.smtp, row.mail or "", name, datetime.fromtimestamp(row.at).astimezone(), subject, text)
    return ways.post_mail(settings.smtp, sent, here)


def _lines(row: Row) -> Iterator[str]:
    """What a person has not read of a day, as far as it is for the digest."""
    wishes = wishes_of([row.person_id])[row.person_id].wishes
    shown = 0
    for kind, raw in read(UNREAD, {"who": row.person_id} | row.facts):
        facts = json.loads(raw) if isinstance(raw, str) else raw
        if "daily" in wishes.ways(kind, facts) and shown < MOST_LINES:
            shown += 1
            yield letters.line(kind, facts)


def _failed(row: Row, said: str, now: datetime, *, for_good: bool = False) -> None:
    """It is tried again later, and parked at last."""
    wait = None if for_good else pause_after(row.attempts + 1)
    if wait is None:
        log.warning("notice %s is given up: %s", row.id, said)
    _end(row, "waiting" if wait else "parked", now, said, failures=1, wait=wait or 0)


def _end(row: Row, state: str, now: datetime, said: str = "", *, failures: int = 0, wait: int = 0) -> None:
    with transaction():
        write(ENDED, {
            "id": row.id, "state": state, "sent": epoch(now) if state == "sent" else None, "said": said[:200],
            "attempts": row.attempts + failures, "again": epoch(now + timedelta(seconds=wait)),
        })  # fmt: skip
