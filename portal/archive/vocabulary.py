"""What the values of filters are called: in the reader's language, and understood in both."""

from collections.abc import Iterable

from portal import shell
from portal.archive.query_rules import Words
from portal.archive.rules import SATISFIED
from portal.cases.rules import CATEGORIES, CHANNELS, LEVELS, OUTCOMES
from portal.directory import lists
from portal.identity import actions as persons
from portal.identity import queries as people
from portal.identity.queries import unit_name
from portal.kernel import feed
from portal.kernel.i18n import LOCALES, locale, speaking, term


def words() -> Words:
    """The values of this moment; worked out again when people, units or lists change."""
    here = locale()
    version = (feed.version(persons.TOPIC), feed.version("lists"))
    found: Words = shell.kept(f"archive.words.{here}", version, lambda: _words(here))
    return found


def _words(here: str) -> Words:
    other = next(name for name in LOCALES if name != here)
    units = [(str(unit.id), unit.code) for unit in people.departments()]
    with speaking(other):
        foreign = _spoken()
    also: dict[str, dict[str, str]] = {"department": {code: unit for unit, code in units}}
    for key, values in foreign.items():
        also.setdefault(key, {}).update({word: code for code, word in values.items()})
    return Words.of(_spoken(), also)


def _spoken() -> dict[str, dict[str, str]]:
    """By filter the codes with their words in the language that is spoken now."""
    return {
        "level": {code: code for code in LEVELS},
        "department": {str(unit.id): unit_name(unit) for unit in people.departments()},
        "channel": _terms("channel", CHANNELS),
        "type": _terms("type", lists.items("type")),
        "category": _terms("category", CATEGORIES),
        "outcome": _terms("outcome", OUTCOMES),
        "satisfied": _terms("satisfied", SATISFIED),
    }


def _terms(name: str, codes: Iterable[str]) -> dict[str, str]:
    return {code: term(f"{name}.{code}") for code in codes}
