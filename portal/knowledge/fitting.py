"""Which articles fit a text: tokens in common, the rare ones weighing more. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import Any

from portal.kernel import tokens
from portal.knowledge.rules import LANGUAGES

LEAST = 0.18  # share of an article's own weight that a text must touch, found by trying on the demonstration's requests
MOST = 3
KEYWORD = 0.15  # what a keyword adds to the share
COMMON = frozenset(
    ("a", "an", "and", "are", "can", "do", "for", "how", "i", "in", "is", "it", "my", "of", "on", "or", "the", "to",
     "we", "what", "when", "why", "with", "you", "your")
)  # fmt: skip


@dataclass(frozen=True)
class Index:
    """Articles by code, one entry a language: weights of the tokens of title and question, their sum, the keywords."""

    weights: tuple[tuple[str, dict[str, float], float, tuple[str, ...]], ...]


def words_of(text: str) -> set[str]:
    """Tokens that say something: pairs of signs and whole words, no single sign, digit or filler word."""
    return {t for t in tokens.of_text(text) if len(t) > 1 and t not in COMMON and not t.isdigit()}


def index(articles: Mapping[str, Mapping[str, Any]]) -> Index:
    """The index of articles (code -> document); a token that many articles have weighs little."""
    sets = []
    for code, data in articles.items():
        for language in LANGUAGES:
            texts = data[language]
            if texts["title"]:
                keys = tokens.terms(texts["keywords"].replace("，", " ").replace(",", " "))
                sets.append((code, words_of(f"{texts['title']}\n{texts['question']}"), keys))
    counted = Counter(token for _code, found, _keys in sets for token in found)
    made = []
    for code, found, keys in sets:
        weights = {token: log(1 + len(sets) / counted[token]) for token in found}
        made.append((code, weights, sum(weights.values()) or 1.0, keys))
    return Index(tuple(made))


def fitting(found: Index, text: str, most: int = MOST) -> list[str]:
    """Codes of the articles that fit a text, the best first; none for a text that says nothing yet."""
    said, folded = words_of(text), tokens.fold(text)
    if len(said) < 2:
        return []
    best: dict[str, float] = {}
    for code, weights, whole, keys in found.weights:
        met = sum(1 for key in keys if key in folded and next(tokens.places(folded, key), None) is not None)
        share = sum(weights[token] for token in said & weights.keys()) / whole + KEYWORD * met
        if share >= LEAST or met >= 2:
            best[code] = max(share, best.get(code, 0.0))
    return sorted(best, key=lambda code: (-best[code], code))[:most]


def matching(articles: Mapping[str, Mapping[str, Any]], query: str) -> list[str]:
    """Codes of the articles in which every term of a query occurs, in the order given."""
    wanted = tokens.terms(query)
    return [code for code, data in articles.items() if tokens.occurs(_all_text(code, data), wanted)]


def _all_text(code: str, data: Mapping[str, Any]) -> str:
    parts: Iterable[str] = (text for language in LANGUAGES for text in data[language].values())
    return "\n".join((code, *parts))
