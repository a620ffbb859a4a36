"""The parts of the frame that stay the same from page to page, drawn once; only token, time and address differ."""

import re
from collections.abc import Hashable, Mapping
from functools import lru_cache
from types import MappingProxyType

from flask import Flask, current_app, g, request
from markupsafe import Markup, escape

from portal import shell
from portal.kernel import clock, feed, i18n
from portal.kernel.forms import token

# Private-use characters that no text of ours holds stand for what differs between two pages.
TOKEN, NOW, PATH = "\ue001", "\ue002", "\ue003"
MARKS = ("\ue004", "\ue005", "\ue006")
_MARK = re.compile(f"[{''.join(MARKS)}]")
NOTHING: Mapping[str, str] = MappingProxyType({})
MOST = 2_000
SAME = frozenset(("head", "words"))  # depend on nothing but the language
_drawn: dict[Hashable, str] = {}


def part(name: str) -> Markup:
    """One part of the frame, as this person sees it on this page."""
    prefix = g.get("frame_prefix")
    if prefix is None:
        prefix = g.frame_prefix = (current_app.config["SQLALCHEMY_DATABASE_URI"], feed.feed.epoch, i18n.locale())
    key = (name, prefix) if name in SAME else (name, prefix, *_key(name))
    text = _drawn.get(key)
    if text is None:
        text = _keep(key, _draw(name))
    return filled(text)


def still(template: str, *key: Hashable, data: Mapping[str, str] = NOTHING, **values: object) -> Markup:
    """A piece of a page that holds words and choices: drawn once for a language and what `key` names.

    What differs from page to page comes in `data` and is put into its places, escaped; it is not kept.
    """
    kept = (template, i18n.locale(), *key)
    text = _drawn.get(kept)
    if text is None:
        marks = dict(zip(data, MARKS, strict=False))
        drawn = current_app.jinja_env.get_template(template)
        text = _keep(kept, drawn.render(values | marks | {"csrf_token": lambda: TOKEN}))
    if not data:
        return filled(text)
    given = dict(zip(MARKS, data.values(), strict=False))
    return Markup(_MARK.sub(lambda mark: escape(given[mark[0]]), filled(text)))


def _keep(key: Hashable, text: str) -> str:
    if len(_drawn) >= MOST:
        _drawn.clear()
    _drawn[key] = text
    return text


def _key(name: str) -> tuple[Hashable, ...]:
    """What a part depends on beside the language."""
    who = shell.actor()
    match name:
        case "topbar":
            return who, shell.is_demo(), shell.news(), tuple(shell.running_incidents())
        case "side":
            return who.roles if who else None, request.endpoint, shell.counts()
    return who.login if who else "", who.roles if who else None


def _draw(name: str) -> str:
    """Renders a part with marks in the places of token, time and address."""
    template = current_app.jinja_env.get_template(f"layout/_{name}.html")
    values: dict[str, object] = {}
    current_app.update_template_context(values)
    return template.render(
        values | {"csrf_token": lambda: TOKEN, "server_now": NOW, "here": lambda: PATH, "request": request}
    )


def filled(text: str) -> Markup:
    """A kept part with token, time and address of this page."""
    if TOKEN in text:
        text = text.replace(TOKEN, token())
    if NOW in text:
        text = text.replace(NOW, str(g.get("now_ms") or clock.millis()))
    if PATH in text:
        text = text.replace(PATH, escape(here()))
    return Markup(text)  # drawn by Jinja with everything escaped


def here() -> str:
    """The address of this page, to come back to."""
    return request.full_path.rstrip("?")


def init_app(app: Flask) -> None:
    """Gives templates `part(name)`, `still(template, key..., values...)`, `here()`, `once(macro)` of words alone."""
    app.jinja_env.globals.update(part=part, here=here, still=still, once=lru_cache(maxsize=MOST))
    app.context_processor(lambda: {"csrf_token": token})  # in the place of Flask-WTF's own, which signs for each page
