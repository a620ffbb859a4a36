"""Whether the portal lives: for supervisors of processes and load balancers, without signing in."""

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.kernel import clock, feed
from portal.kernel.db import db

bp = Blueprint("health", __name__)
OLDEST_BEAT = 60  # seconds


def _say(word: str, good: bool) -> Response:
    return Response(word, status=200 if good else 503, mimetype="text/plain")


@bp.get("/healthz", endpoint="web")
def of_web() -> Response:
    """`ok` only when the store answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return _say("store does not answer", False)
    return _say("ok", True)


@bp.get("/healthz/worker", endpoint="worker")
def of_worker() -> Response:
    """`ok` while the worker's heartbeat is younger than a minute."""
    feed.version("")
    age = clock.millis() // 1000 - feed.feed.heartbeat
    good = bool(feed.feed.heartbeat) and age <= OLDEST_BEAT
    leapt = f"; the wall clock has jumped by {feed.feed.clock_off} s" if feed.feed.clock_off else ""
    return _say(("ok" if good else "no heartbeat") + leapt, good)
