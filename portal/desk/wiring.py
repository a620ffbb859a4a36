"""What the desk gives to every page: its memory, and the counts of the navigation."""

from flask import Flask

from portal import shell
from portal.desk import body as bodies
from portal.desk import reading
from portal.desk.caches import Caches, departments, kept
from portal.desk.views import View
from portal.identity.actor import Actor
from portal.kernel import clock, feed


def wire(app: Flask) -> None:
    """Gives the application its caches and the navigation its counts."""
    app.extensions["desk"] = Caches()
    shell.count("desk.mine", held)
    shell.count("desk.judging", unjudged)


def held(actor: Actor) -> tuple[int, bool]:
    """How many open cases a person holds, and whether one is late; read again when a queue changed."""
    feed.version("")
    versions = tuple(reading.versions(reading.topics(departments())))
    number, nearest = kept(("held", actor.id), versions, lambda: reading.my_pressing(actor.id))
    return number, 0 < nearest < clock.millis() // 1000


def unjudged(actor: Actor) -> tuple[int, bool]:
    """How many requests wait for a level, and whether one waits too long."""
    now, view = clock.millis() // 1000, View("judging", None, actor)
    counts = bodies.counts_of(view, bodies.tag_of(view, now), now)
    return counts.all, counts.late > 0
