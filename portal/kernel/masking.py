"""Numbers that belong to somebody, found in any text by shape and check digit, and how they read when hidden. Pure.

Telephone numbers by their shape, identity cards by GB 11643's check character, bank cards by Luhn's check digit.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date

PHONE, DOCUMENT, CARD = "phone", "document", "card"
NUMBERS = frozenset((PHONE, DOCUMENT, CARD))
HASH = 32  # a run of hex digits as long as this is a checksum; digits within it are nobody's number
_GAP = r"[ \-\u00a0\u2010-\u2015\uff0d]?"
_MOBILE = rf"(?:(?:\+|00)?86{_GAP})?[1\uff11][3-9\uff13-\uff19]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
_LANDLINE = r"[0\uff10]\d{2,3}[ \-\u2010-\u2015\uff0d]\d{7,8}"
_DOCUMENT = rf"[1-9\uff11-\uff19]\d{{5}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx\uff38\uff58]"
_CARD = rf"[3-6\uff13-\uff16]\d{{3}}{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d{{4}}(?:{_GAP}\d{{1,3}})?"
SHAPES = re.compile(rf"(?<!\d)(?:(?P<document>{_DOCUMENT})|(?P<card>{_CARD})|(?P<phone>{_MOBILE}|{_LANDLINE}))(?!\d)")
_RUNS = re.compile(r"[+\d][\d +\-Xx\u00a0\u2010-\u2015\uff0d\uff38\uff58]{9,}")  # where one may stand: found quickly
_HEX = frozenset("0123456789abcdefABCDEF")
_USUAL = str.maketrans("x", "X", "".join(char for char in map(chr, range(128)) if char not in "0123456789xX"))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def plain(number: str) -> str:
    """A number without gaps, its digits and its X in their usual form; +86 and 0086 of a mobile number dropped."""
    if number.isascii():  # as nearly all are written
        found = number.translate(_USUAL)
    else:
        found = "".join(str(int(c)) if c.isdecimal() else "X" for c in number if c.isdecimal() or c in "Xx\uff38\uff58")
    for prefix in ("0086", "86"):
        if found.startswith(prefix) and len(found) == len(prefix) + 11:
            return found[len(prefix) :]
    return found


def is_document(number: str) -> bool:
    """Whether these eighteen characters are an identity-card number: a day of birth and the right check character."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return 1800 < int(number[6:10]) < 2100 and number[17] == "10X98765432"[total % 11]


def is_card(number: str) -> bool:
    """Whether these digits end with the check digit that Luhn's sum asks for."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def _read(found: re.Match[str]) -> tuple[str, str]:
    """What the match is (phone, document, card; empty where the check digit denies it), and its plain number."""
    kind, number = str(found.lastgroup), plain(found.group())
    if kind == DOCUMENT and not is_document(number):
        kind = CARD if number.isdigit() and number[0] in "3456" else ""
    return "" if kind == CARD and not is_card(number) else kind, number


def shapes(text: str) -> Iterator[re.Match[str]]:
    """Whatever in a text has the shape of a number, in its order; most texts have nothing of the kind."""
    for run in _RUNS.finditer(text):
        yield from SHAPES.finditer(text, run.start(), run.end())


def numbers(text: str) -> list[tuple[str, str]]:
    """Every number in a text, as (kind, number without gaps), each once."""
    found = (_read(one) for one in shapes(text) if not _in_hash(one))
    return list(dict.fromkeys(pair for pair in found if pair[0]))


def short(number: str) -> str:
    """`138****0013`: the first three characters and the last four."""
    return f"{number[:3]}****{number[-4:]}"


def hidden(text: str, kinds: Collection[str] = NUMBERS, known: Collection[str] = ()) -> str:
    """The text with the middle of these kinds of numbers hidden, but for those in `known` (digits alone)."""

    pieces, done = [], 0
    for found in shapes(text):
        kind, number = _read(found)
        if kind in kinds and number not in known and not _in_hash(found):
            pieces += [text[done : found.start()], short(number)]
            done = found.end()
    return "".join((*pieces, text[done:])) if pieces else text


def without_names(text: str, names: Iterable[str]) -> str:
    """The text with the names of persons in it hidden; what is longer than five characters is a company's."""
    for name in names:
        if 2 <= len(name) <= 5 and name in text:
            text = text.replace(name, name[:1] + "**")
    return text


def _in_hash(found: re.Match[str]) -> bool:
    text, start, end = found.string, found.start(), found.end()
    while start and text[start - 1] in _HEX and end - start < HASH:
        start -= 1
    while end < len(text) and text[end] in _HEX and end - start < HASH:
        end += 1
    return end - start >= HASH
