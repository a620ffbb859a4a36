"""What the desk gives to every page: its memory, and the counts of the navigation."""

from flask import Flask

from portal import shell
from portal.cases.telling import standing
from portal.collaboration import task_queries
from portal.desk import announcement_pages, incident_drafts, presence, reading
from portal.desk import body as bodies
from portal.desk.caches import Caches, kept, settled
from portal.desk.checks import Checks
from portal.desk.presence import Watch
from portal.desk.views import View
from portal.identity import actions as people
from portal.identity import session
from portal.identity.actor import Actor
from portal.kernel import clock, feed
from portal.notices.letters import report_of


def begin_anew(app: Flask) -> None:
    """Gives the application a memory that knows nothing yet."""
    app.extensions["desk"] = Caches()
    app.extensions["presence"] = Watch()


def wire(app: Flask) -> None:
    """Gives the application its caches and the navigation its counts."""
    begin_anew(app)
    checks = app.extensions["at_once"] = Checks(app, app.wsgi_app)
    app.wsgi_app = checks  # type: ignore[method-assign,assignment]
    app.jinja_env.globals["announcements_here"] = announcement_pages.standing_here
    app.jinja_env.globals["tongue_of"] = tongue_of
    app.jinja_env.globals["standing"] = standing
    app.jinja_env.globals["report_of"] = report_of
    session.when_left(presence.gone)
    incident_drafts.wire()
    shell.count("desk.mine", held)
    shell.count("desk.judging", unjudged)
    shell.count("tasks.index", tasked)


def tongue_of(words: str) -> str:
    """The language code of somebody's text: Chinese where it holds a Chinese character."""
    return "zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in words) else "en"


def held(actor: Actor) -> tuple[int, int]:
    """How many open cases stand on the page "My cases", and how many of them are late."""
    return _standing("mine", actor)


def unjudged(actor: Actor) -> tuple[int, int]:
    """How many requests wait for a level, and how many of them wait too long."""
    return _standing("judging", actor)


def tasked(actor: Actor) -> tuple[int, int]:
    """How many open tasks wait for this person, and how many of them are late."""
    now = clock.now()
    stamp = (feed.version("tasks"), int(now.timestamp()) // bodies.COUNTS_LAST)
    found: tuple[int, int] = kept(("tasks", actor.id), stamp, lambda: task_queries.late(actor, now))
    return found


def _standing(code: str, actor: Actor) -> tuple[int, int]:
    now = clock.millis() // 1000
    view: View = settled(("view", code, actor), feed.version(people.TOPIC), lambda: View(code, None, actor))
    stamp = (*reading.versions(view.topics), now // bodies.COUNTS_LAST)
    found: tuple[int, int] = kept(("standing", code, actor.id), stamp, lambda: reading.standing(view, now))
    return found
