"""A rules document: rows as plain data, read into rules, checked, changed, compared. Pure.

A document is {"version": int, "base": int, "hands": [person ids], "rules": [row]}; a row has id, words, unless, any of
request_type, category, level, department, weight and note.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from portal.cases.rules import CATEGORIES, LEVELS
from portal.kernel.errors import Invalid, Missing
from portal.proposals.rules import FIELDS, Rule

Document = dict[str, Any]
Row = dict[str, Any]
KNOWN = {"category": CATEGORIES, "level": LEVELS}
HEAVIEST = 20
MOST_WORDS, LONGEST_WORD, LONGEST_NOTE, MOST_ROWS = 100, 30, 100, 300
PARTED = re.compile(r"[\n、，,；;]+")


class Difference(NamedTuple):
    """A row that two documents have differently; None = it is not there."""

    id: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None


def rule_of(row: Mapping[str, Any]) -> Rule:
    """A row as the rule it means."""
    gives = {name: row[name] for name in FIELDS if row.get(name)}
    return Rule(row["id"], tuple(row["words"]), tuple(row.get("unless", ())), gives, row["weight"], row.get("note", ""))


def rules_of(data: Mapping[str, Any]) -> tuple[Rule, ...]:
    """All rules of a document, in its order."""
    return tuple(rule_of(row) for row in data["rules"])


def parted(text: str) -> list[str]:
    """Words as people type them, one a line or parted by commas; lower case, each once."""
    pieces = (" ".join(piece.split()).lower() for piece in PARTED.split(text))
    return list(dict.fromkeys(piece for piece in pieces if piece))


def written(
    row_id: str,
    *,
    words: str,
    unless: str,
    gives: Mapping[str, str],
    weight: str,
    note: str,
    units: Mapping[str, Any],
    types: Collection[str],
) -> Row:
    """A row from what was typed; `units` are the departments by code, `types` those of requests.

    Raises Invalid naming the field.
    """
    made: Row = {"id": row_id, "words": _words(words, "words"), "unless": _words(unless, "unless")}
    if not made["words"]:
        raise Invalid("proposal_no_word", field="words")
    known: dict[str, Collection[str]] = {**KNOWN, "request_type": types, "department": units}
    for name in FIELDS:
        value = gives.get(name, "")
        if value and value not in known[name]:
            raise Invalid("proposal_unknown_value", field=name, value=value[:20])
        made |= {name: value} if value else {}
    if not any(name in made for name in FIELDS):
        raise Invalid("proposal_gives_nothing", field="request_type")
    if not (weight.isascii() and weight.isdigit() and len(weight) < 3 and 1 <= int(weight) <= HEAVIEST):
        raise Invalid("proposal_weight_bad", field="weight", most=HEAVIEST)
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid("proposal_text_long", field="note", most=LONGEST_NOTE)
    return made | {"weight": int(weight), "note": note.strip()}


def _words(text: str, field: str) -> list[str]:
    found = parted(text)
    if len(found) > MOST_WORDS:
        raise Invalid("proposal_many_words", field=field, most=MOST_WORDS)
    for word in found:
        if len(word) > LONGEST_WORD:
            raise Invalid("proposal_word_long", field=field, word=word[:LONGEST_WORD], most=LONGEST_WORD)
        if field == "words" and len(word) < 2 and word.isascii():  # one Chinese sign may be a word (馊)
            raise Invalid("proposal_word_short", field=field, word=word)
    return found


def row_in(data: Mapping[str, Any], row_id: str) -> Row:
    """A row by its id. Raises Missing."""
    for row in data["rules"]:
        if row["id"] == row_id:
            found: Row = row
            return found
    raise Missing("no_such_rule", rule=row_id[:40])


def with_row(data: Document, row: Row) -> Document:
    """The document with a row written anew, or one more at its end."""
    if any(old["id"] == row["id"] for old in data["rules"]):
        rules = [row if old["id"] == row["id"] else old for old in data["rules"]]
    else:
        rules = [*data["rules"], row]
    if len(rules) > MOST_ROWS:
        raise Invalid("proposal_many_rules", field="words", most=MOST_ROWS)
    return data | {"rules": rules}


def without_row(data: Document, row_id: str) -> Document:
    """The document without a row. Raises Missing."""
    row_in(data, row_id)
    return data | {"rules": [row for row in data["rules"] if row["id"] != row_id]}


def new_id(data: Mapping[str, Any]) -> str:
    """An id that no row of the document or of the one before has had: r and the next number."""
    taken = [int(row["id"][1:]) for row in data["rules"] if re.fullmatch(r"r\d+", row["id"])]
    return f"r{max([*taken, data.get('last', 0)]) + 1}"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """What the new document says differently, in the order of the tables."""
    before, after = ({row["id"]: row for row in data["rules"]} for data in (old, new))
    for row_id in dict.fromkeys([*before, *after]):
        if before.get(row_id) != after.get(row_id):
            yield Difference(row_id, before.get(row_id), after.get(row_id))


def sign(row: Mapping[str, Any]) -> str:
    """A short sign of a row as it stands, to see later whether somebody else has changed it."""
    return sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
