"""How alike two requests are: by the two-character tokens the archive searches by. Pure, with a bounded cost.

Likeness is Dice's coefficient over the tokens of two and more characters; numbers do not count, they only differ.
"""

from collections import Counter
from collections.abc import Iterable

from portal.kernel.tokens import of_text

SAME_CUSTOMER = 0.30  # [H] a customer's own cases are alike earlier than those of others
ANYONE = 0.45  # [H]
INCIDENT_FROM = 5  # [H] so many alike on one day ask whether it is an incident
RAREST = 24  # tokens by which candidates are gathered
LONGEST = 1000  # newest cases looked at for one token
MOST = 300  # candidates that are compared


def grams(text: str) -> frozenset[str]:
    """The tokens by which requests are compared."""
    return frozenset(token for token in of_text(text[:2000]) if len(token) > 1 and not token.isdigit())


def likeness(one: frozenset[str], two: frozenset[str]) -> float:
    """0 (nothing in common) to 1 (the same tokens)."""
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


class Index:
    """Requests of one day by token; asking costs RAREST x LONGEST steps at most, however many there are."""

    def __init__(self) -> None:
        self.known: dict[int, frozenset[str]] = {}
        self.by_gram: dict[str, list[int]] = {}

    def add(self, key: int, found: frozenset[str]) -> None:
        """Takes a request in, once."""
        if key not in self.known:
            self.known[key] = found
            for gram in found:
                self.by_gram.setdefault(gram, []).append(key)

    def nearest(self, wanted: frozenset[str], least: float = ANYONE) -> list[tuple[float, int]]:
        """(likeness, key) of those at least so alike, most alike first, newest first among equals."""
        rarest = sorted((g for g in wanted if g in self.by_gram), key=lambda g: len(self.by_gram[g]))[:RAREST]
        counted: Counter[int] = Counter()
        for gram in rarest:
            counted.update(self.by_gram[gram][-LONGEST:])
        scored = ((likeness(wanted, self.known[key]), key) for key, _ in counted.most_common(MOST))
        return sorted((pair for pair in scored if pair[0] >= least), reverse=True)


def alike(wanted: frozenset[str], texts: Iterable[str], least: float = SAME_CUSTOMER) -> list[bool]:
    """Which of these texts are at least so alike."""
    return [likeness(wanted, grams(text)) >= least for text in texts]
