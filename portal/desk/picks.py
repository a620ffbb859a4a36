"""What a queue is narrowed by beside group, level, state and person: how it came, what about, whose, how near, how old.

Each is one choice of a closed list; what is not on it counts as not chosen. Those that hang on the time alone make a
queue move by itself, the class of a customer also with the files of customers.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from portal.cases.rules import CATEGORIES, CHANNELS
from portal.directory import lists
from portal.directory.apply import CLASSES
from portal.directory.sight import blind
from portal.identity.actor import Actor
from portal.kernel import feed
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term

SOON = 7_200  # seconds: what is due within two hours
DAY = 86_400
DUE = {"late": 0, "2h": SOON}
AGES = ("1", "3", "7", "30")  # days since the request was received
MOVING = ("due", "age")  # of these time alone changes who belongs to them
CLASS_OF = (
    "(SELECT CASE WHEN file.merged_into IS NULL THEN file.category ELSE ("
    "WITH RECURSIVE up(category, into_id) AS (SELECT category, merged_into FROM customer"
    " WHERE customer.id = file.merged_into UNION ALL SELECT c.category, c.merged_into FROM customer c"
    " JOIN up ON c.id = up.into_id) SELECT category FROM up WHERE into_id IS NULL"
    ") END FROM customer file WHERE file.id = cases.customer_id)"
)  # of the main file, where files of one customer were merged; row by row, for few of many customers have an open case
TERMS = {
    "channel": "channel = :channel", "type": "request_type = :type", "category": "category = :category",
    "class": f"{CLASS_OF} = :class", "due": "press < :due", "age": "received_at <= :age",
}  # fmt: skip
Picks = tuple[tuple[str, str], ...]


class Choice(NamedTuple):
    """One select of the page: its name, its label, its values with their words, the first one standing for all."""

    name: str
    label: str
    options: list[tuple[str, str]]


def asked(actor: Actor, arguments: MultiDict[str, str]) -> Picks:
    """What an address asks for, in a fixed order; the class only from those who may know whose a case is."""
    known = {
        "channel": CHANNELS, "type": lists.items("type"), "category": CATEGORIES,
        "class": () if blind(actor) else lists.items("class"), "due": DUE, "age": AGES,
    }  # fmt: skip
    return tuple((name, arguments[name]) for name, values in known.items() if arguments.get(name) in values)


def conditions(picks: Picks, now: int) -> tuple[list[str], dict[str, Any]]:
    """WHERE terms and their values."""
    values: dict[str, Any] = dict(picks)
    if "due" in values:
        values["due"] = now + DUE[values["due"]]
    if "age" in values:
        values["age"] = now - int(values["age"]) * DAY
    return [TERMS[name] for name, _value in picks], values


def moving(picks: Picks) -> bool:
    """Whether time alone changes what is shown."""
    return any(name in MOVING for name, _value in picks)


def topics(picks: Picks) -> list[str]:
    """What else than the cases moves the page."""
    return [CLASSES] if any(name == "class" for name, _value in picks) else []


def version() -> int:
    """Changes when the words to choose from do."""
    return feed.version("lists")


def choices(actor: Actor, picks: Picks) -> list[Choice]:
    """The selects of the page in the reader's language."""
    chosen = dict(picks)
    due = [("late", _("Late")), ("2h", _("Late or due within 2 hours"))]
    ages = [(n, _("Older than a day") if n == "1" else _("Older than %(n)s days", n=n)) for n in AGES]
    types, classes = (lists.choices(name, chosen.get(name, "")) for name in ("type", "class"))
    found = [
        Choice("due", _("Due"), [("", _("Due at any time")), *due]),
        Choice("channel", _("Channel"), [("", _("All channels")), *_worded("channel", CHANNELS)]),
        Choice("type", _("Request type"), [("", _("All request types")), *types]),
        Choice("category", _("Category"), [("", _("All categories")), *_worded("category", CATEGORIES)]),
        Choice("class", _("Customer class"), [("", _("All customers")), *classes]),
        Choice("age", _("Request age"), [("", _("Any age")), *ages]),
    ]
    return [one for one in found if one.name != "class" or not blind(actor)]


def _worded(family: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, term(f"{family}.{code}")) for code in codes]
