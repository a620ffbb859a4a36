"""Which dispatch rule fits a request, and why (IN13). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

NAMES = ("channel", "type", "category", "level", "customer_class", "words")


def reasons(conditions: Mapping[str, Iterable[str]], facts: Mapping[str, str]) -> tuple[str, ...] | None:
    """Why a rule fits, as name:value; None when it does not. A rule without conditions fits every request."""
    found = []
    for name in NAMES:
        wanted = [value for value in conditions.get(name, ()) if value]
        if not wanted:
            continue
        text = facts.get(name, "").lower()
        hit = next((v for v in wanted if (v.lower() in text if name == "words" else v == facts.get(name))), None)
        if hit is None:
            return None
        found.append(f"{name}:{hit}")
    return tuple(found)


def first(rules: Iterable[Any], facts: Mapping[str, str]) -> tuple[Any, tuple[str, ...]] | None:
    """The first rule that fits, with why; None when none does."""
    for rule in rules:
        why = reasons(rule.conditions, facts)
        if why is not None:
            return rule, why
    return None
