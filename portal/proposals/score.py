"""A transparent score: what the signs and words of a text weigh for each value, learnt from decided cases. Pure.

For a field and a value, a token weighs the logarithm of how much likelier it is in cases of the value than in the
others (naive Bayes over tokens that occur or not). A value is proposed when its sum is ahead of the next by `MARGIN`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Any, NamedTuple

from portal.kernel.tokens import of_text
from portal.proposals.rules import FIELDS, Scored

MOST_TOKENS = 2_000  # of each value: those that tell most
LEAST_SEEN = 3  # a token of fewer cases says nothing
LEAST_CASES = 5  # a value of fewer cases is not proposed
SMOOTH = 0.5
MARGIN = 2.0  # natural logarithms: the value is at least seven times as likely as the next
SHOWN = 3
LONGEST_TEXT = 2_000  # characters read of a text


class Score(NamedTuple):
    """By field and value: what it weighs of itself, and the weights of its tokens."""

    fields: Mapping[str, Mapping[str, tuple[float, Mapping[str, float]]]]


@dataclass
class Lesson:
    """Counts while learning: cases, tokens, and both by field and value."""

    cases: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    values: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in FIELDS})
    within: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)

    def take(self, text: str, decided: Mapping[str, str]) -> None:
        """Counts one decided case."""
        tokens = tokens_of(text)
        self.cases += 1
        self.tokens.update(tokens)
        for name, value in decided.items():
            self.values[name][value] += 1
            self.within.setdefault((name, value), Counter()).update(tokens)

    def learnt(self) -> dict[str, Any]:
        """The score as a JSON document: by field and value [weight of itself, {token: weight}]."""
        return {"cases": self.cases, "fields": {name: dict(self._values(name)) for name in FIELDS}}

    def _values(self, name: str) -> Iterable[tuple[str, list[Any]]]:
        for value, cases in sorted(self.values[name].items()):
            rest = self.cases - cases
            if cases >= LEAST_CASES and rest:
                yield value, [round(log(cases / rest), 3), self._weights(name, value, cases, rest)]

    def _weights(self, name: str, value: str, cases: int, rest: int) -> dict[str, float]:
        """The tokens that tell most about a value: weight times how often, either way."""
        told = []
        for token, seen in self.within[name, value].items():
            total = self.tokens[token]
            if total >= LEAST_SEEN:
                here = (seen + SMOOTH) / (cases + 2 * SMOOTH)
                there = (total - seen + SMOOTH) / (rest + 2 * SMOOTH)
                weight = log(here / there)
                told.append((abs(weight) * total, token, round(weight, 3)))
        told.sort(key=lambda one: (-one[0], one[1]))
        return {token: weight for _tells, token, weight in told[:MOST_TOKENS]}


def tokens_of(text: str) -> set[str]:
    """The tokens that a text is weighed by; runs of digits say nothing."""
    return {token for token in of_text(text[:LONGEST_TEXT]) if not token.isdigit()}


def score_of(data: Mapping[str, Any]) -> Score:
    """A kept document as a score."""
    return Score({
        name: {value: (base, weights) for value, (base, weights) in values.items()}
        for name, values in data["fields"].items()
    })  # fmt: skip


def guessed(score: Score, text: str) -> dict[str, Scored]:
    """What the score proposes by field, with the three words that spoke loudest; fields it is unsure of are absent."""
    tokens = sorted(tokens_of(text))
    made = {}
    for name, values in score.fields.items():
        ranked = sorted(((_sum(one, tokens), value) for value, one in values.items()), reverse=True)
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] >= MARGIN:
            value = ranked[0][1]
            words = _loudest(values[value][1], tokens)
            if words:
                made[name] = Scored(value, words)
    return made


def _sum(value: tuple[float, Mapping[str, float]], tokens: Iterable[str]) -> float:
    base, weights = value
    return base + sum(weights.get(token, 0.0) for token in tokens)


def _loudest(weights: Mapping[str, float], tokens: Iterable[str]) -> tuple[str, ...]:
    """The strongest words for a value; a sign inside a pair that is already named is left out."""
    ranked = sorted((token for token in tokens if weights.get(token, 0.0) > 0), key=lambda t: (-weights[t], -len(t), t))
    shown: list[str] = []
    for token in ranked:
        if len(shown) < SHOWN and not any(token in word or word in token for word in shown):
            shown.append(token)
    return tuple(shown)
