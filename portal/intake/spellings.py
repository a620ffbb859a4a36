"""What a file or a form may say where a list decides (IN11): codes, and their words in both languages."""

from collections.abc import Iterable, Mapping

from portal.cases.rules import CATEGORIES
from portal.directory import lists
from portal.kernel.i18n import LOCALES, listed, speaking, term

FAMILIES = {"request_type": "type", "category": "category", "urgency": "urgency"}


def codes() -> dict[str, dict[str, str]]:
    """By field each code of its list, entries that were added too."""
    known: Mapping[str, Iterable[str]] = {
        "request_type": lists.items("type"), "category": CATEGORIES, "urgency": ("normal", "urgent"),
    }  # fmt: skip
    return {field: {code: code for code in found} for field, found in known.items()}


def spelled() -> dict[str, dict[str, str]]:
    """By field what may be said, folded, and the code it means."""
    found = codes()
    for name in LOCALES:
        with speaking(name):
            for field, family in FAMILIES.items():
                found[field] |= {term(f"{family}.{code}").casefold(): code for code in set(found[field].values())}
    return found


def in_words(column: str, known: str) -> str:
    """The codes of a refusal as the reader knows them."""
    words = [term(f"{FAMILIES[column]}.{code}") for code in known.split(", ")] if column in FAMILIES else []
    return listed(words) if words else known
