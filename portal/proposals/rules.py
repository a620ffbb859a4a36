"""What a text suggests: rules first, a score where they are silent, the words that led to each. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

FIELDS = ("request_type", "category", "level", "department")
DEFAULTS = {"request_type": "consultation", "category": "information", "level": "P3", "department": "service"}
PLACE = "园|区|路|街|大厦|公司"  # a word before one of these is part of a name: 物流园, 建议路
URGENT_LEVEL = "P2"


@dataclass(frozen=True)
class Rule:
    """If one of `words` occurs and none of `unless`: what it proposes by field, and how much it weighs (1 to 20)."""

    id: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    weight: int = 5
    note: str = ""


class Choice(NamedTuple):
    """One field's proposal: `by` is rule, score, type (the department of the type), urgency or none (the default)."""

    value: str
    by: str = "none"
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What is proposed for each field; `rules` and `score` are the versions that proposed, 0 = none in force."""

    fields: Mapping[str, Choice]
    rules: int = 0
    score: int = 0

    @property
    def level(self) -> str:
        """P1 to P4."""
        return self.fields["level"].value

    @property
    def request_type(self) -> str:
        """Code of the request type."""
        return self.fields["request_type"].value

    @property
    def category(self) -> str:
        """Code of the problem category."""
        return self.fields["category"].value

    @property
    def words(self) -> tuple[str, ...]:
        """The words that led to the level."""
        return self.fields["level"].words

    @property
    def raised(self) -> bool:
        """Whether the agent's urgency made the level."""
        return self.fields["level"].by == "urgency"

    def kept(self) -> dict[str, Any]:
        """As the journal keeps it: the versions, and by field the value and what it came from."""
        fields = {name: [choice.value, choice.by] for name, choice in self.fields.items()}
        return {"rules": self.rules, "score": self.score, "fields": fields}


class Scored(NamedTuple):
    """What a score says of one field, with the words that spoke loudest for it."""

    value: str
    words: tuple[str, ...]


@lru_cache(maxsize=4000)
def _pattern(word: str) -> re.Pattern[str]:
    start = r"\b" if word.isascii() else ""
    return re.compile(rf"{start}{re.escape(word)}(?!{PLACE})")


def found(words: Iterable[str], text: str) -> tuple[str, ...]:
    """Which of the words occur in a lower-case text, other than inside the name of a place."""
    return tuple(word for word in words if word in text and _pattern(word).search(text))


def by_rules(text: str, rules: Sequence[Rule]) -> dict[str, Choice]:
    """What the rules propose by field; fields of which none speaks are absent.

    The heaviest rule wins; at the same weight the one with more words found, then the one that stands first. The words
    of lighter rules that say the same are shown too.
    """
    lower = text.lower()
    hits = [(rule, found(rule.words, lower)) for rule in rules if not any(word in lower for word in rule.unless)]
    hits = [(rule, words) for rule, words in hits if words]
    made = {}
    for name in FIELDS:
        speaking = [(rule, words) for rule, words in hits if rule.gives.get(name)]
        if speaking:
            value = max(speaking, key=lambda hit: (hit[0].weight, len(hit[1])))[0].gives[name]
            words = dict.fromkeys(w for rule, words in speaking if rule.gives[name] == value for w in words)
            made[name] = Choice(value, "rule", tuple(words))
    return made


def propose(
    text: str,
    rules: Sequence[Rule],
    *,
    urgency: str = "normal",
    scored: Mapping[str, Scored] | None = None,
    leads: Mapping[str, str] | None = None,
    versions: tuple[int, int] = (0, 0),
) -> Proposal:
    """Type, category, level and department of a text.

    `scored` fills what the rules leave open; `leads` names the department of a type; an urgency of "urgent" can only
    raise the level to P2.
    """
    made = by_rules(text, rules)
    for name, guess in (scored or {}).items():
        if name not in made:
            made[name] = Choice(guess.value, "score", guess.words)
    kind = made.get("request_type")
    unit = (leads or {}).get(kind.value) if kind else None
    if kind and unit and made.get("department", Choice("")).by != "rule":
        made["department"] = Choice(unit, "type", kind.words)
    fields = {name: made.get(name, Choice(DEFAULTS[name])) for name in FIELDS}
    if urgency == "urgent" and fields["level"].value > URGENT_LEVEL:
        fields["level"] = Choice(URGENT_LEVEL, "urgency")
    return Proposal(fields, *versions)
