"""When a complaint is a major one (EM11): any one sign of the plan's class that is met proposes it. Pure.

The signs are data of the class `complaint`: words of injury or safety, words of media, regulator or lawsuit, so many
requests alike on one day, an amount in dispute, so many reopenings.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from portal.incidents.grading_rules import words_in


class Complaint(NamedTuple):
    """What is known of a complaint; `harm`: judged possible, `alike`: requests like it on its day, itself included."""

    text: str
    harm: bool = False
    alike: int = 0
    amount: float = 0
    reopened: int = 0


class Sign(NamedTuple):
    """A sign that is met: its code, the words that were found, or the number that was reached."""

    code: str
    words: tuple[str, ...] = ()
    value: float = 0


def signs(one: Complaint, given: Mapping[str, Any]) -> list[Sign]:
    """Every sign of a class row that this complaint meets; none where the row names none."""
    found = []
    for code in ("harm", "public"):
        words = tuple(words_in(one.text, given.get(f"signs_{code}", ())))
        if words or (code == "harm" and one.harm and given.get("signs_harm")):
            found.append(Sign(code, words))
    for code in ("alike", "amount", "reopened"):
        least, value = given.get(f"signs_{code}", 0), getattr(one, code)
        if least and value >= least:
            found.append(Sign(code, value=value))
    return found


def amount_of(typed: str) -> float:
    """The number in an amount as it was typed; 0 for what is none."""
    plain = "".join(sign for sign in typed.replace("，", ",") if sign.isdigit() or sign == ".")
    try:
        return float(plain)
    except ValueError:
        return 0
