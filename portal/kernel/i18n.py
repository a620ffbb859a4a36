"""Words and figures in the reader's language: locale, hoisted words, terms of codes, dates and lengths."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_translations
from flask_babel import lazy_gettext as _l
from jinja2 import pass_context

from portal.kernel.config import ROOT, ZONE

LOCALES = ("zh_Hans_CN", "en")
_terms: dict[str, Any] = {}
_refusals: dict[str, Any] = {}
_catalogues: dict[str, Any] = {}
_further: list[Callable[[str], str | None]] = []
_words: dict[tuple[str, str], str] = {}
_zone = ZoneInfo(ZONE)


def register(terms: Mapping[str, Any], refusals: Mapping[str, Any]) -> None:
    """Adds a room's words: terms of codes shown on screens, sentences of refusals. A code has one owner."""
    for table, new in ((_terms, terms), (_refusals, refusals)):
        table.update(new)


def further(call: Callable[[str], str | None]) -> None:
    """Lets a room give the words of codes that are data: entries of edited lists."""
    if call not in _further:
        _further.append(call)


def from_browser(header: str) -> str:
    """The locale for an Accept-Language header: any Chinese tag is zh_Hans_CN; without a header Chinese."""
    for part in header.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh_Hans_CN"
        if tag.startswith("en"):
            return "en"
    return "zh_Hans_CN"


def choose() -> str:
    """The person's locale, else the visitor's cookie, else the browser's."""
    if not has_request_context():
        return "zh_Hans_CN"
    chosen = g.get("locale")
    if chosen is None:
        chosen = g.locale = of_browser(request.cookies.get("locale"), request.headers.get("Accept-Language", ""))
    return str(chosen)


@cache
def _babel_locale(name: str) -> Locale:
    """Babel's own object for a locale; reading its name anew costs a twentieth of a page."""
    return Locale.parse(name)


def of_browser(cookie: str | None, header: str) -> str:
    """The locale of somebody who has set none as a person: the cookie's, else that of an Accept-Language header."""
    return cookie if cookie in LOCALES else from_browser(header)


def locale() -> str:
    """`en` or `zh_Hans_CN`, also outside a request."""
    return "en" if _language() == "en" else "zh_Hans_CN"


def _language() -> str:
    try:
        held = g._get_current_object()
    except RuntimeError:  # outside any application: a job's or a command's own sentences
        return choose()[:2]
    spoken: str | None = getattr(held, "spoken", None)
    if spoken is None:
        spoken = held.spoken = choose()[:2]
    return spoken


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speaks another language for a while: `en` or `zh_Hans_CN`."""
    before = g.get("spoken")
    with force_locale(name):
        g.spoken = name[:2]
        try:
            yield
        finally:
            g.spoken = before


def gettext(msgid: str, **facts: Any) -> str:
    """A message in the reader's language with its facts filled in; the catalogue is looked up once a process."""
    language = _language()
    look = _catalogues.get(language)
    if look is None:
        look = _catalogues[language] = get_translations().ugettext
    text: str = look(msgid)
    return text % facts if facts else text


def ngettext(one: str, many: str, n: int, **facts: Any) -> str:
    """A message that counts."""
    single = n == 1 and _language() == "en"
    return gettext(one if single else many, n=n, **facts)


def words(*msgids: str) -> tuple[str, ...]:
    """The words of a page in one look-up each; for row loops, where `_()` would cost more than the row."""
    return tuple(gettext(m) for m in msgids)


def term(code: str) -> str:
    """The word for a code (`state.in_work`, `level.P1`); an unknown code shows itself."""
    key = (_language(), code)
    word = _words.get(key)
    if word is None:
        found = _terms.get(code)
        if found is None:
            for call in _further:
                own = call(code)
                if own is not None:
                    return own
        word = _words[key] = str(found) if found is not None else code.split(".", 1)[-1]
    return word


def term_codes() -> list[str]:
    """All codes that have a word."""
    return sorted(_terms)


def sentence(error: Any) -> str:
    """The sentence of a refusal, its facts filled in (facts that are codes `term:x` are put into words)."""
    facts = {name: _fact(value) for name, value in error.facts.items()}
    text = str(_refusals.get(error.code, _l("This was refused (%(code)s).")))
    try:
        return text % ({"code": error.code} | facts)
    except KeyError:
        return text


def _fact(value: Any) -> Any:
    """A fact of a refusal as it reads: codes `term:x` in words, epoch seconds as an instant."""
    if isinstance(value, str) and value.startswith("term:"):
        return term(value[5:])
    if isinstance(value, list):
        return listed(str(_fact(one)) for one in value)
    return instant(value) if isinstance(value, int) and value > 1_000_000_000 else value


def listed(items: Iterable[str]) -> str:
    """Items of a list with the comma of the language."""
    return (", " if locale() == "en" else "、").join(items)


@pass_context
def _listed(_context: object, items: Iterable[str]) -> str:
    """`listed` for templates, bound to the rendering: Jinja folds a filter of constants when it compiles."""
    return listed(items)


def local(value: datetime | int) -> datetime:
    """An instant (aware datetime or epoch seconds) on the installation's wall clock."""
    return value.astimezone(_zone) if isinstance(value, datetime) else datetime.fromtimestamp(value, _zone)


def instant(value: datetime | int | None) -> str:
    """`2026-11-24 09:12` in the installation's zone; empty for nothing."""
    return "" if value is None else local(value).isoformat(" ", "minutes")[:16]


def day(value: datetime | int | None) -> str:
    """`2026-11-24` in the installation's zone; empty for nothing."""
    return "" if value is None else local(value).date().isoformat()


def hm(value: datetime | int | None, now: int | None = None) -> str:
    """`09:12` today, `11-23 18:33` on another day of this year, the whole date else."""
    if value is None:
        return ""
    here = local(value)
    today = local(now if now is not None else int(g.get("now_ms", 0) / 1000)) if (now or g.get("now_ms")) else here
    if here.date() == today.date():
        return f"{here.hour:02}:{here.minute:02}"
    return f"{here:%m-%d %H:%M}" if here.year == today.year else f"{here:%Y-%m-%d %H:%M}"


def clockspan(seconds: int | float | None) -> str:
    """`00:04:30`, over a day with the day count of the language."""
    if seconds is None:
        return ""
    left = abs(int(seconds))
    days, rest = divmod(left, 86400)
    text = f"{rest // 3600:02d}:{rest % 3600 // 60:02d}"
    if days:
        return f"{days} {'d' if locale() == 'en' else '天'} {text}"
    return f"{text}:{rest % 60:02d}"


def span(seconds: int | float | timedelta | None) -> str:
    """`2 h 05 min`, `2 小时 05 分`, `3 d 4 h`: a length for reading, to the minute (seconds under a minute)."""
    if seconds is None:
        return ""
    total = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    sign, total = ("-" if total < 0 else ""), abs(total)
    d, h, m, s = ("d", "h", "min", "s") if locale() == "en" else ("天", "小时", "分", "秒")
    days, rest = divmod(total, 86400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return f"{sign}{days} {d} {hours} {h}" if hours else f"{sign}{days} {d}"
    if hours:
        return f"{sign}{hours} {h} {minutes:02d} {m}" if minutes else f"{sign}{hours} {h}"
    return f"{sign}{minutes} {m}" if minutes else f"{sign}{total} {s}"


def parse_local(text: str) -> datetime:
    """An instant typed as `2026-11-24 09:12` or `2026-11-24T09:12[:30]` on the local clock; raises ValueError."""
    value = datetime.fromisoformat(text.strip().replace(" ", "T"))
    return (value if value.tzinfo else value.replace(tzinfo=_zone)).astimezone(UTC)


def init_app(app: Flask) -> None:
    """Sets up Flask-Babel and the words templates use."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(ROOT / "portal" / "translations"))
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh_Hans_CN")
    Babel(app, locale_selector=lambda: _babel_locale(choose()))
    app.jinja_env.newstyle_gettext = False  # type: ignore[attr-defined]
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)
    app.jinja_env.globals.update(words=words, term=term, sentence=sentence)
    app.jinja_env.filters.update(
        instant=instant, day=day, hm=hm, span=span, listed=_listed, clockspan=clockspan, local=local
    )
