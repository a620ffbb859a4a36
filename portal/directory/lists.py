"""Reading the edited lists: request types and customer classes."""

import json

from flask import current_app

from portal.directory.list_rules import BUILTIN, Item, item_of
from portal.kernel import feed
from portal.kernel.db import read
from portal.kernel.errors import Missing
from portal.kernel.i18n import locale, term

ROWS = "SELECT code, zh, en, active, data FROM list_item WHERE list = :list ORDER BY id"
WORDS = "SELECT data FROM list_item WHERE list = 'vague' AND code = :code"
_kept: dict[str, tuple[object, dict[str, Item]]] = {}
_words: dict[str, tuple[object, tuple[str, ...] | None]] = {}
# terms of entries that were added: prefix and list
OWN = {
    "type.": "type", "customer_class.": "class", "report_kind.": "report", "service_kind.": "service",
    "circuit_kind.": "circuit",
}  # fmt: skip


def items(name: str) -> dict[str, Item]:
    """All entries of a list by code, those of the start first; kept in memory. Raises Missing for an unknown list."""
    if name not in BUILTIN:
        raise Missing("not_found")
    version = _version()
    known = _kept.get(name)
    if known is None or known[0] != version:
        known = _kept[name] = (version, _read(name))
    return known[1]


def _version() -> tuple[object, ...]:
    """Changes when somebody edits a list, and between stores."""
    return feed.version("lists"), feed.feed.epoch, current_app.config["SQLALCHEMY_DATABASE_URI"]


def words(code: str) -> tuple[str, ...] | None:
    """The edited list of words that carry no content, fillers or phrases; None while nobody has edited it."""
    version, known = _version(), _words.get(code)
    if known is None or known[0] != version:
        rows = read(WORDS, {"code": code})
        facts = json.loads(rows[0][0]) if rows and isinstance(rows[0][0], str) else rows[0][0] if rows else None
        known = _words[code] = version, tuple(facts["words"]) if facts else None
    return known[1]


def _read(name: str) -> dict[str, Item]:
    found = dict(BUILTIN[name])
    for code, zh, en, active, data in read(ROWS, {"list": name}):
        facts = json.loads(data) if isinstance(data, str) else data
        row = {"zh": zh, "en": en, "active": bool(active), "data": facts}
        found[code] = item_of(code, row, BUILTIN[name].get(code))
    return found


def item(name: str, code: str) -> Item:
    """One entry; a code that the list does not know asks for nothing."""
    return items(name).get(code) or Item(code)


def choices(name: str, chosen: str = "") -> list[tuple[str, str]]:
    """The open entries for a select, with their words; a closed one only where it is already chosen."""
    prefix = next(p for p, its in OWN.items() if its == name)
    return [
        (one.code, _word(one) or term(prefix + one.code))
        for one in items(name).values()
        if one.active or one.code == chosen
    ]


def _word(one: Item) -> str:
    return "" if not one.own_words else (one.en if locale() == "en" and one.en else one.zh)


def word(code: str) -> str | None:
    """The word of an added entry for `type.x` or `customer_class.x`; None for what no list has."""
    for prefix, name in OWN.items():
        if code.startswith(prefix):
            one = items(name).get(code.removeprefix(prefix))
            return (_word(one) or None) if one else None
    return None
