"""What else fits the words of the one search box (DK4): open cases, customers, incidents, articles."""

import unicodedata
from datetime import datetime
from typing import Any, NamedTuple

from portal.archive.query_rules import Query
from portal.archive.rules import masked_text
from portal.directory import listing
from portal.directory.queries import search as search_files
from portal.directory.rules import masked_name, masked_phone
from portal.identity.actor import Actor
from portal.identity.policy import may, scope
from portal.incidents.models import Incident
from portal.kernel import tokens
from portal.kernel.db import db, read
from portal.kernel.engines import holds
from portal.knowledge import fitting
from portal.knowledge import queries as knowledge
from portal.knowledge.offers import language
from portal.knowledge.rules import in_language

SHOWN = 5
LOOKED_THROUGH = 20_000  # [H] newest open cases that are read for a search; the queues hold the rest
MOST_WORDS = 6
COLUMNS = {  # filters of the search that an open case has a value for
    "level": "level", "department": "unit_id", "channel": "channel", "type": "request_type", "category": "category",
}  # fmt: skip
_TEXT = ("no", "title", "description", "demand", "customer_name", "order_no", "product")


class OpenCase(NamedTuple):
    """An open case as the search lists it, customer and contact as this person may see them.

    `level` is empty until it is judged.
    """

    no: str
    title: str
    state: str
    level: str
    unit: str
    unit_en: str
    owner: str
    customer: str
    contact: str


class _Concerned(NamedTuple):
    """Whose case it is, for the question who may read its customer."""

    unit_ids: frozenset[int]
    partner_ids: frozenset[int]


class Elsewhere(NamedTuple):
    """What fits beside the archive; each list is empty for those who may not see its kind."""

    cases: list[OpenCase]
    customers: list[dict[str, Any]]
    incidents: list[tuple[str, str, str]]  # number, title, state
    articles: list[tuple[str, str]]  # code, title


def found(actor: Actor, query: Query, text: str, now: datetime) -> Elsewhere:
    """The newest of each kind that hold every word of `text`; nothing for a text without a word.

    Open cases are those that what else the query says allows, too.
    """
    words = _form(text).split()[:MOST_WORDS]
    if not words:
        return Elsewhere([], [], [], [])
    files = search_files(actor, text, size=SHOWN) if may(actor, "customer.view") else []
    return Elsewhere(
        open_cases(actor, words, query),
        listing.listed(actor, files, now),
        incidents(words) if may(actor, "incident.view") else [],
        articles(text, now) if may(actor, "article.view") else [],
    )


def open_cases(actor: Actor, words: list[str], query: Query) -> list[OpenCase]:
    """Open cases this person may see, newest first, of which number, text, customer or order hold every word.

    Filters and left out words of the query hold for them; none has an outcome, a rating or a day of archiving.
    """
    units = scope(actor, "case.view")
    closed_alone = query.start or query.end or not COLUMNS.keys() >= query.chosen.keys()
    if closed_alone or (units is not None and not units):
        return []
    clear = scope(actor, "customer.contact") != frozenset()
    columns = (*_TEXT, "contact") if clear else _TEXT
    text = "LOWER(" + " || ' ' || ".join(f"c.{name}" for name in columns) + ")"
    values: dict[str, Any] = {}
    terms = [_like(text, word, values) for word in words]
    terms += ["NOT " + _like(text, _form(term.typed), values) for term in query.excluded]
    terms += _chosen(query.chosen, "", values) + _chosen(query.barred, "NOT ", values)
    terms.append("c.restricted IS NULL")
    if units is not None:
        seen = ", ".join(map(str, sorted(units)))
        terms.append(f"(c.unit_id IN ({seen}) OR c.intake_unit_id IN ({seen}))")
    newest = f"SELECT * FROM cases WHERE {holds('open')} ORDER BY id DESC LIMIT {LOOKED_THROUGH}"
    rows = read(
        "SELECT c.no, c.title, c.state, c.level, u.name, u.name_en, c.owner_name, c.customer_name, c.contact,"
        f" c.unit_id, c.intake_unit_id, c.partners FROM ({newest}) c"
        f" JOIN unit u ON u.id = c.unit_id WHERE {' AND '.join(terms)} ORDER BY c.id DESC LIMIT {SHOWN}",
        values,
    )
    return [_as_read(actor, row) for row in rows]


def _as_read(actor: Actor, row: tuple[Any, ...]) -> OpenCase:
    """A row as this person may read it."""
    partners = frozenset(int(one) for one in (row[11] or "").split(",") if one)
    found = OpenCase._make(row[:9])
    if may(actor, "customer.contact", _Concerned(frozenset(row[9:11]), partners)):
        return found
    return found._replace(
        title=masked_text(found.title), customer=masked_name(found.customer), contact=masked_phone(found.contact)
    )


def _form(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _chosen(filters: dict[str, tuple[str, ...]], sign: str, values: dict[str, Any]) -> list[str]:
    """That an open case has, or has not, one of the values of each filter; adds the values it is asked with."""
    terms = []
    for name, column in COLUMNS.items():
        if wanted := filters.get(name):
            codes = map(int, wanted) if name == "department" else wanted
            terms.append(f"c.{column} {sign}IN ({', '.join(_value(code, values) for code in codes)})")
    return terms


def _value(value: object, values: dict[str, Any]) -> str:
    """The place in a statement of a value that is added to those it is asked with."""
    name = f"v{len(values)}"
    values[name] = value
    return f":{name}"


def _like(text: str, word: str, values: dict[str, Any]) -> str:
    """That a text holds a word, as typed or in simplified characters; adds the values it is asked with."""
    forms = list(dict.fromkeys((word, tokens.fold(word))))
    held = (_value(f"%{_plain(form)}%", values) for form in forms)
    return "(" + " OR ".join(f"{text} LIKE {one} ESCAPE '!'" for one in held) + ")"


def _plain(word: str) -> str:
    return word.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def incidents(words: list[str]) -> list[tuple[str, str, str]]:
    """The newest incidents whose number or title holds every word: (number, title, state)."""
    query = db.select(Incident.no, Incident.title, Incident.state)
    for word in words:
        query = query.where(db.func.lower(Incident.no + " " + Incident.title).contains(word, autoescape=True))
    return [tuple(row) for row in db.session.execute(query.order_by(Incident.id.desc()).limit(SHOWN))]


def articles(text: str, now: datetime) -> list[tuple[str, str]]:
    """Articles in force in which every term occurs: (code, title in the reader's language)."""
    held = knowledge.held("article", now)
    codes = fitting.matching({code: row.data for code, row in held.items()}, text)[:SHOWN]
    return [(code, in_language(held[code].data, language())["title"]) for code in codes]
