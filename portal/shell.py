"""What every page's frame shows: who is here, where one can go, what runs, whether the deadline watch is alive."""

import zlib
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, render_template, request, url_for

from portal.identity import actions, policy, queries, session
from portal.identity.actor import Actor
from portal.kernel import clock, feed, i18n
from portal.kernel.i18n import gettext as _
from portal.navigation import BELONGS, NAVIGATION, WHOLE_ROOMS
from portal.notices import tell

# counting stops here: screens show "500+"; exact figures stand in the reports
COUNTED = 500
_counts: dict[str, Callable[[Actor], tuple[int, int]]] = {}
_running: list[Callable[[], list[tuple[str, str, int]]]] = []
_cache: dict[str, tuple[Any, Any]] = {}
_opened: dict[Any, tuple[str, ...]] = {}


def count(endpoint: str, call: Callable[[Actor], tuple[int, int]]) -> None:
    """Lets a room put a number behind its item: how much stands on its page, and how much of it is late."""
    _counts[endpoint] = call


def running(call: Callable[[], list[tuple[str, str, int]]]) -> None:
    """Lets the incident room name what is running: (address, title, started epoch seconds)."""
    _running[:] = [call]


def actor() -> Actor | None:
    """Who is signed in, or None."""
    here = session.present()
    return here.actor if here else None


def may(verb: str, subject: Any = None) -> bool:
    """Whether the person on this page may do this."""
    who = actor()
    return who is not None and policy.may(who, verb, subject)


def nav() -> list[tuple[str, list[dict[str, Any]]]]:
    """The navigation of this person: sections of items with address, icon, label, count and whether it is current."""
    who = actor()
    if who is None:
        return []
    numbers = dict(zip(_open_to(who), counts(), strict=True))
    sections = []
    for heading, items in NAVIGATION:
        shown = [_item(*item[:3], numbers[item[0]]) for item in items if item[0] in numbers]
        if shown:
            sections.append((str(heading), shown))
    return sections


def counts() -> tuple[tuple[int, int], ...]:
    """The numbers behind this person's items of the navigation, once a page: (how many, how many of them late)."""
    who = actor()
    if who is None:
        return ()
    held = g._get_current_object()
    found: tuple[tuple[int, int], ...] | None = getattr(held, "counts_of_page", None)
    if found is None:
        found = tuple(_counts[name](who) if name in _counts else (0, 0) for name in _open_to(who))
        held.counts_of_page = found
    return found


def counted() -> dict[str, tuple[str, int, str]]:
    """The figures of the navigation by address, for pages that keep them up to date: (figure, late, words for late)."""
    who = actor()
    found = zip(_open_to(who), counts(), strict=True) if who else ()
    return {
        url_for(name): (_figure(number), late, _(", %(n)s late", n=late) if late else "")
        for name, (number, late) in found
        if name in _counts
    }


def _figure(number: int) -> str:
    return f"{COUNTED}+" if number >= COUNTED else str(number or "")


def _open_to(who: Actor) -> tuple[str, ...]:
    """The endpoints of the navigation that this person may use."""
    found = _opened.get(who.roles)
    if found is None:
        items = [item for _heading, section in NAVIGATION for item in section]
        found = _opened[who.roles] = tuple(name for name, _i, _l, verb in items if policy.may(who, verb))
    return found


def _item(endpoint: str, icon: str, label: Any, number: tuple[int, int]) -> dict[str, Any]:
    return {
        "url": url_for(endpoint),
        "icon": icon,
        "label": str(label),
        "count": _figure(number[0]),
        "late": number[1],
        "current": "page" if request.endpoint == endpoint else "true" if _room_of_page() == endpoint else "",
    }


def _room_of_page() -> str:
    """The item of the navigation to which a page below it belongs."""
    return BELONGS.get(request.endpoint or "", WHOLE_ROOMS.get(request.blueprint or "", ""))


def home_unit(who: Actor) -> str:
    """The name of a person's department in the reader's language."""
    return unit_called(who.unit_id, who.unit_name)


def unit_called(unit_id: int | None, name: str) -> str:
    """The name of a department in the reader's language; `name` where it has no other."""
    if i18n.locale() != "en" or unit_id is None:
        return name
    names = kept("units.en", feed.version(actions.TOPIC), lambda: {u.id: u.name_en for u in queries.units()})
    return names.get(unit_id) or name


def running_incidents() -> list[tuple[str, str, int]]:
    """Incidents that run now, for everybody's top bar; read again when they change."""
    if actor() is None or not _running:
        return []
    return kept("incidents", feed.version("incidents"), _running[0])


def alarm() -> str:
    """A mark of what runs, for pages that are open: another one says that the top bar is to be drawn anew."""
    return alarm_known() or _marked(kept("incidents", feed.version("incidents"), _running[0]) if _running else [])


def alarm_known() -> str | None:
    """The mark where memory holds the incidents as they stand, for whoever has no request; else None."""
    found = _cache.get("incidents")
    standing = found and found[0] == (feed.feed.epoch, feed.held("incidents"))
    return _marked(found[1]) if found and standing else None


def _marked(rows: list[tuple[str, str, int]]) -> str:
    return f"{zlib.crc32(repr(rows).encode()):08x}" if rows else "0"


def unread() -> int:
    """How many notices this person has not read; read again when they change."""
    return news()[0]


def news() -> tuple[int, int]:
    """How many notices this person has not read, and the number of the newest; read again when they change."""
    who = actor()
    if who is None:
        return 0, 0
    topic = f"person:{who.id}"
    found: tuple[int, int] = kept(topic, feed.version(topic), lambda: tell.unread(who.id))
    return found


def _tell_the_bell(answer: Response) -> Response:
    """Checks for changes carry the bell's figures too, so that it needs no question of its own."""
    asks = "HTTP_HX_REQUEST" in request.environ or request.endpoint == "desk.clock"
    here = session.present() if asks and answer.status_code < 300 else None
    if here is not None:
        if alarm() != "0":  # an answer with the bell and without it says that nothing runs
            answer.headers.add("X-Alarm", alarm())
        topic = here.topic
        answer.headers.add("X-Bell", kept(f"bell {topic}", feed.version(topic), lambda: "{}.{}".format(*news())))
    return answer


def bell_known(topic: str) -> str | None:
    """The bell's figures where memory holds them as they stand, for whoever has no request; else None."""
    found = _cache.get(f"bell {topic}")
    return found[1] if found and found[0] == (feed.feed.epoch, feed.held(topic)) else None


def kept(name: str, version: Any, read: Callable[[], Any]) -> Any:
    """A value kept in memory until its topic's version moves."""
    found = _cache.get(name)
    if found is None or found[0] != (feed.feed.epoch, version):
        found = _cache[name] = ((feed.feed.epoch, version), read())
    return found[1]


def watch() -> tuple[str, int]:
    """The deadline watch: ok, stopped or unknown, and how many seconds ago it last looked."""
    beat = feed.feed.heartbeat
    if not beat:
        return "unknown", 0
    age = max(0, clock.millis() // 1000 - beat)
    return ("stopped" if age > 60 else "ok"), age


def clock_off() -> int:
    """By how many seconds the machine's clock has jumped ahead (negative: back) without having returned; 0 = right."""
    return feed.feed.clock_off


def is_demo() -> bool:
    """Whether this store holds the demonstration."""
    return bool(kept("demo", feed.version("installation"), lambda: queries.fact("demo") == "1"))


def plain_http() -> bool:
    """Whether this page travels unencrypted beyond this machine."""
    return not request.is_secure and request.host.rsplit(":", 1)[0] not in (
        "localhost",
        "127.0.0.1",
        "[::1]",
        "testserver",
    )


def alarms() -> str:
    """The incidents that run, as the top bar of an open page shows them anew."""
    return render_template("layout/_alarms.html")


def styles() -> str:
    """Every component in every state, for whoever builds screens."""
    return render_template("styles/index.html")


def init_app(app: Flask) -> None:
    """Gives every template the frame's words and figures."""
    app.add_url_rule("/styles", "styles.index", styles)
    app.add_url_rule("/alarms", "shell.alarms", alarms)
    app.context_processor(_frame)
    app.after_request(_tell_the_bell)
    app.jinja_env.globals.update(
        alarm_mark=alarm,
        clock_off=clock_off,
        bell_news=news,
        home_unit=home_unit,
        unit_called=unit_called,
        may=may,
        nav=nav,
        running_incidents=running_incidents,
        unread=unread,
        watch=watch,
    )


def _frame() -> dict[str, Any]:
    locale, who = i18n.locale(), actor()
    return {
        "actor": who,
        "locale": locale,
        "lang": "en" if locale == "en" else "zh-Hans",
        "theme": who.theme if who else request.cookies.get("theme", "auto"),
        "server_now": g.get("now_ms") or clock.millis(),
        "demo": is_demo(),
        "plain_http": plain_http(),
        "drill": False,
    }
