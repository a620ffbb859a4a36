"""Which tokens many records have: a sample of the texts tells, read once by each process.

A phrase is not looked for by those of its tokens that say hardly more than the others: an index walks the list of each
in step, and the text decides anyway. What is known here makes a search quicker or slower, never different.
"""

from collections.abc import Collection

from portal.archive import stores
from portal.kernel import tokens
from portal.kernel.db import read

SAMPLE = 200  # texts, spread evenly over the archive; 0.7 ms each
MANY = 120  # texts of the sample: what so many have says little beside a token that a tenth of them have
SURE = 4  # texts of the sample: two tokens that have the same ones belong together
TIMES = 5  # so many times as common as what it touches: where the one is, the other mostly follows
ENDS = "SELECT min(id), max(id) FROM archived_text"
SOME = "SELECT text FROM archived_text WHERE id IN ({})"
_known: dict[object, dict[str, int]] = {}  # by store: in which texts of the sample a token is, as bits


def learn() -> None:
    """Reads the sample where this process has not done so."""
    if stores.key() not in _known:
        first, last = read(ENDS, {})[0]
        span = (last or 0) - (first or 0) + 1
        wanted = {first + span * n // SAMPLE for n in range(SAMPLE)} if last else set()
        texts = read(SOME.format(", ".join(map(str, sorted(wanted)))), {}) if wanted else []
        found: dict[str, int] = {}
        for n, (text,) in enumerate(texts):
            for token in tokens.filed(text):
                found[token] = found.get(token, 0) | 1 << n
        _known[stores.key()] = {token: texts for token, texts in found.items() if texts & (texts - 1)}


def rarer(wanted: Collection[str]) -> list[str]:
    """The tokens of a term that are worth asking for, in a fixed order; the rarest always."""
    known = _known.get(stores.key(), {})
    kept: list[str] = []
    for number, token in sorted((known.get(token, 0).bit_count(), token) for token in wanted):
        if not kept or not _said(token, number, kept, known):
            kept.append(token)
    return sorted(kept)


def _said(token: str, number: int, kept: list[str], known: dict[str, int]) -> bool:
    """Whether rarer tokens say nearly as much without this one, which so many texts of the sample have."""
    least = max(1, known.get(kept[0], 0).bit_count())
    if number >= MANY and number >= 10 * least:
        return True
    if number >= SURE and any(known.get(other) == known[token] for other in kept):
        return True
    return any(_touch(other, token) and number >= TIMES * max(1, known.get(other, 0).bit_count()) for other in kept)


def _touch(one: str, other: str) -> bool:
    """Whether two tokens share a sign at their ends, as neighbours in a phrase do."""
    return (one[-1] == other[0] and ord(other[0]) >= tokens.SIGNS) or (
        other[-1] == one[0] and ord(one[0]) >= tokens.SIGNS
    )


def forget() -> None:
    """Empties the memory (tests)."""
    _known.clear()
