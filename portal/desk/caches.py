"""What the desk keeps in memory of one process: departments, vocabularies, rows and bodies already drawn."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import current_app

from portal.identity import actions
from portal.kernel import feed, i18n
from portal.kernel.db import read

MOST_ROWS = 20_000
UNITS = "SELECT id, code, name, name_en, kind FROM unit ORDER BY position, id"
MOST_BODIES = 500
MOST_PAGES = 200
MOST_VALUES = 5_000  # of each part, which is then begun anew


class Department(NamedTuple):
    """A unit as the queues need it."""

    id: int
    code: str
    name: str
    name_en: str
    kind: str

    def called(self, locale: str) -> str:
        """Its name in the reader's language."""
        return self.name_en if locale == "en" and self.name_en else self.name


@dataclass
class Caches:
    """One per application; everything in it can be thrown away at any time. Facts: what seldom changes."""

    rows: dict[Hashable, tuple[bytes, int]] = field(default_factory=dict)
    bodies: dict[Hashable, Any] = field(default_factory=dict)
    kept: dict[Hashable, tuple[Any, Any]] = field(default_factory=dict)
    words: dict[str, "Vocabulary"] = field(default_factory=dict)
    facts: dict[Hashable, tuple[Any, Any]] = field(default_factory=dict)
    pages: dict[Hashable, tuple[bytes, ...]] = field(default_factory=dict)
    case_bodies: dict[Hashable, Any] = field(default_factory=dict)
    case_times: dict[Hashable, str] = field(default_factory=dict)
    patterns: dict[Hashable, dict[Hashable, Any]] = field(default_factory=dict)  # how rows of a shape are written


class Vocabulary(NamedTuple):
    """The words of codes in one language, looked up once and not once a row."""

    levels: dict[str, str]
    states: dict[str, str]
    clocks: dict[str, str]
    channels: dict[str, str]


def caches() -> Caches:
    """The caches of this application."""
    found: Caches = current_app.extensions["desk"]
    return found


def kept(name: Hashable, version: Any, read: Callable[[], Any]) -> Any:
    """A value kept while its version stands."""
    return _kept(caches().kept, name, version, read)


def settled(name: Hashable, version: Any, read: Callable[[], Any]) -> Any:
    """A value that says nothing about a case (who may see which page, units), kept while its version stands."""
    return _kept(caches().facts, name, version, read)


def already(store: dict[Hashable, tuple[Any, Any]], name: Hashable, version: Any) -> Any:
    """A value where this part of the memory holds it as it stands, for whoever has no request; else None."""
    found = store.get(name)
    return found[1] if found and found[0] == (feed.feed.epoch, version) else None


def remember(store: dict[Hashable, tuple[Any, Any]], name: Hashable, version: Any, value: Any) -> Any:
    """Keeps a value in this part of the memory for as long as its version stands; returns it."""
    if len(store) > MOST_VALUES:
        store.clear()
    store[name] = ((feed.feed.epoch, version), value)
    return value


def _kept(store: dict[Hashable, tuple[Any, Any]], name: Hashable, version: Any, read: Callable[[], Any]) -> Any:
    found = store.get(name)
    stands = found is not None and found[0] == (feed.feed.epoch, version)
    return found[1] if found and stands else remember(store, name, version, read())


def units() -> dict[str, Department]:
    """All units by code, in the order of the tree."""
    found: dict[str, Department] = settled("units", feed.version(actions.TOPIC), _read_units)
    return found


def _read_units() -> dict[str, Department]:
    return {row[1]: Department._make(row) for row in read(UNITS, {})}


def departments() -> list[Department]:
    """The units that hold queues."""
    return [u for u in units().values() if u.kind == "department"]


def vocabulary(locale: str) -> Vocabulary:
    """The words of codes in this language; they never change while the process runs."""
    found = caches().words.get(locale)
    if found is None:
        tables: dict[str, dict[str, str]] = {"level": {}, "state": {}, "clock": {}, "channel": {}}
        for code in i18n.term_codes():
            family, _, rest = code.partition(".")
            if family in tables:
                tables[family][rest] = i18n.term(code)
        found = Vocabulary(tables["level"], tables["state"], tables["clock"], tables["channel"])
        caches().words[locale] = found
    return found
