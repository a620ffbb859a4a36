"""What a text is found by: folding, tokens, and whether a term really occurs. Pure; VERSION is stored with each row."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from operator import add

from portal.kernel.hanzi import SIMPLE

VERSION = 3
LONGEST_WORD = 40
SIGNS = 0x2E80  # from here on each character is a word of its own
GRAMS = (1, 2, 3, 4, 6, 8)  # lengths of digit runs that are indexed, so that any fragment of a number is found
JOINT = "¦"  # stands between a written-together word and what adjoins it; no text has it in a token, for it is a gap
BEHIND = 4  # digits behind a word that are filed with it
MOST_TERMS = 12
_QUOTES = {ord(c): '"' for c in "“”„‟＂「」『』"}
_WORD, _DIGIT, _SIGN, _GAP = "w", "d", "s", ""
_STRETCH = re.compile("w+|d+|s+| +")
_INK = re.compile("w+|d+|s+")


class _Fold(dict[int, str]):
    """One character's folded form, worked out once: compatibility form, lower case, simplified, blanks alike."""

    def __missing__(self, code: int) -> str:
        """Fills the table for a character met for the first time."""
        form = "".join(SIMPLE.get(c, c) for c in unicodedata.normalize("NFKC", chr(code)).lower())
        found = self[code] = " " if any(c.isspace() for c in form) and code != 10 else form
        return found


_fold = _Fold({10: "\n", 0: " "})


def fold(text: str) -> str:
    """The form in which texts and queries are compared; folded character by character, so places can be traced back."""
    return text.translate(_fold)


def line(text: str) -> str:
    """A text on one line with single blanks, as it is kept for searching."""
    if not text:
        return ""
    return unicodedata.normalize("NFC", " ".join(text.replace("\0", " ").split()))


@lru_cache(maxsize=50_000)
def kind(char: str) -> str:
    """`w` letter of a written-together word, `d` digit, `s` sign that stands for itself (Chinese), empty: a gap."""
    if char in "0123456789":
        return _DIGIT
    if not (char.isalnum() or unicodedata.category(char)[0] == "M"):
        return _GAP
    return _SIGN if ord(char) >= SIGNS else _WORD


class _Kinds(dict[int, str]):
    """The kind of each character as one sign, worked out once; a gap is a blank, so that a text keeps its length."""

    def __missing__(self, code: int) -> str:
        """Fills the table for a character met for the first time."""
        found = self[code] = kind(chr(code)) or " "
        return found


_kinds = _Kinds()


def runs(folded: str) -> Iterator[tuple[str, str]]:
    """Stretches of one kind: (kind, text)."""
    for found in _STRETCH.finditer(folded.translate(_kinds)):
        yield found[0][0].strip(), folded[found.start() : found.end()]


def _grams(digits: str, size: int) -> list[str]:
    return [digits[i : i + size] for i in range(len(digits) - size + 1)]


def of_text(text: str) -> set[str]:
    """Every token of the words of a text: what says how much alike two texts are."""
    return _tokens(text, joints=False)


def filed(text: str) -> set[str]:
    """Every token a text is found by: those of its words, and each word together with what adjoins it."""
    return _tokens(text, joints=True)


def _tokens(text: str, *, joints: bool) -> set[str]:
    folded = fold(text)
    kinds = folded.translate(_kinds)
    found: set[str] = set()
    after = -1  # where the last stretch ended
    before, last = "", ""
    for one in _INK.finditer(kinds):
        start, end = one.span()
        what, run = kinds[start], folded[start:end]
        if start == after:
            found.add(folded[start - 1 : start + 1])
            if joints and (what == _WORD or before == _WORD):
                found.update(_joints(before, last, what, run))
        after, before, last = end, what, run
        if what == _SIGN:
            found.update(run)
            found.update(map(add, run, run[1:]))
        elif what == _WORD:
            found.add(run[:LONGEST_WORD])
        else:
            for size in GRAMS:
                found.update(_grams(run, size))
    return found


def _joints(before: str, left: str, what: str, right: str) -> list[str]:
    """A word and its neighbour as tokens: the word whole, of signs the nearest, of digits behind it one to four."""
    left = left[:LONGEST_WORD] if before == _WORD else left[-1]
    if what == _DIGIT:
        return [left + JOINT + right[:size] for size in range(1, min(BEHIND, len(right)) + 1)]
    return [left + JOINT + (right[:LONGEST_WORD] if what == _WORD else right[0])]


def of_term(term: str) -> set[str]:
    """The tokens a text must have for a term to occur in it (they may all be there although the term is not).

    What a longer token says already is not asked for once more: common ones cost the most.
    """
    found: set[str] = set()
    for stretch in _stretches(term):
        said = [False] * len(stretch)  # whether a joint holds all of a run
        for place, ((before, left), (what, right)) in enumerate(pairwise(stretch)):
            if _WORD not in (before, what):
                found.add(left[-1] + right[0])
                said[place] |= before == _SIGN and len(left) == 1
                said[place + 1] |= what == _SIGN and len(right) == 1
                continue
            found.add(_joints(before, left, what, right)[-1])
            said[place] |= before == _WORD or len(left) == 1
            said[place + 1] |= what == _WORD or len(right) <= (BEHIND if what == _DIGIT else 1)
        for (what, run), known in zip(stretch, said, strict=True):
            if not known:
                found |= _alone(what, run)
    return found


def _alone(what: str, run: str) -> set[str]:
    """The tokens of one run."""
    if what == _WORD:
        return {run[:LONGEST_WORD]}
    if what == _DIGIT:
        return set(_grams(run, max(size for size in GRAMS if size <= len(run))))
    return set(map(add, run, run[1:])) or {run}


def _stretches(folded: str) -> Iterator[list[tuple[str, str]]]:
    """Runs that adjoin each other, between two gaps."""
    for gap, some in groupby(runs(folded), lambda run: run[0] == _GAP):
        if not gap:
            yield list(some)


def terms(query: str) -> tuple[str, ...]:
    """The terms of a query, folded: parted by blanks, “quoted” phrases whole; those without a letter are dropped."""
    found: list[str] = []
    for place, piece in enumerate(line(query.translate(_QUOTES)).split('"')):
        folded = fold(piece)
        found += [folded] if place % 2 else folded.split()
    stripped = (_bare(term) for term in found)
    return tuple(dict.fromkeys(term for term in stripped if term))[:MOST_TERMS]


def term(text: str) -> str:
    """One term out of a text as it was typed, whole; empty when it holds nothing that could be found."""
    return _bare(fold(line(text)))


def _bare(term: str) -> str:
    """The term without gaps at either end."""
    inside = [place for place, char in enumerate(term) if kind(char)]
    return term[inside[0] : inside[-1] + 1] if inside else ""


def decided_by_tokens(term: str) -> bool:
    """Whether having the term's tokens already means that the term occurs."""
    return len(of_term(term)) == 1 and not any(not kind(c) for c in term) and len(term) < LONGEST_WORD


def places(folded: str, term: str) -> Iterator[int]:
    """Where a term occurs in a folded text; a written-together word only as a whole."""
    at = folded.find(term)
    while at >= 0:
        if _whole(folded, at, at + len(term)):
            yield at
        at = folded.find(term, at + 1)


def _whole(folded: str, start: int, end: int) -> bool:
    """Whether no word is cut at either end."""
    cut_left = start > 0 and kind(folded[start]) == _WORD == kind(folded[start - 1])
    cut_right = end < len(folded) and kind(folded[end - 1]) == _WORD == kind(folded[end])
    return not (cut_left or cut_right)


def within(folded: str, term: str) -> bool:
    """Whether a term really occurs in a folded text."""
    return next(places(folded, term), None) is not None


def occurs(text: str, wanted: Iterable[str]) -> bool:
    """Whether every term really occurs in the text, which is folded only where a term does not stand there as it is."""
    folded = ""
    for term in wanted:
        if not _plainly(text, term):
            folded = folded or fold(text)
            if not within(folded, term):
                return False
    return True


def _plainly(text: str, term: str) -> bool:
    """Whether a term of Latin letters, digits and signs stands in the text but for capitals, cutting no word."""
    if term in text and kind(term[0]) != _WORD != kind(term[-1]):
        return True
    if not all(char < "\x80" or ord(char) >= SIGNS for char in term):
        return False
    lower = text.lower()
    at = lower.find(term)
    while at >= 0:
        end = at + len(term)
        around = fold(lower[at - 1 : at])[-1:] + lower[at:end] + fold(lower[end : end + 1])[:1]
        start = len(around) - len(term) - (end < len(lower))
        if _whole(around, start, start + len(term)):
            return True
        at = lower.find(term, at + 1)
    return False


def marked(text: str, wanted: Iterable[str]) -> list[tuple[str, bool]]:
    """The text in pieces: (piece, whether a term matched it)."""
    folded = fold(text)
    found = sorted((at, at + len(term)) for term in wanted for at in places(folded, term))
    if found and len(folded) != len(text):
        source = [place for place, char in enumerate(text) for _ in _fold[ord(char)]]
        found = [(source[start], source[end - 1] + 1) for start, end in found]
    pieces: list[tuple[str, bool]] = []
    done = 0
    for start, end in _joined(found):
        pieces += [(text[done:start], False)] * (start > done) + [(text[start:end], True)]
        done = end
    return pieces + [(text[done:], False)] * (done < len(text))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted spans, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def first_place(text: str, wanted: Iterable[str]) -> int | None:
    """The place in the text at which the first of the terms occurs (near enough for an excerpt).

    A term that stands there as it is spelled spares folding the whole text.
    """
    found = [at for term in wanted for at in [_place(text, term)] if at is not None]
    return min(min(found), len(text) - 1) if found and text else None


def _place(text: str, term: str) -> int | None:
    as_spelled = next(places(text, term), None)
    return next(places(fold(text), term), None) if as_spelled is None else as_spelled
