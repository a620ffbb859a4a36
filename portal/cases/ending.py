"""The endings of SL11: what each still needs before a case may end so. Pure."""

from typing import Any

from portal.cases import matter_events as m
from portal.cases.rules import ATTEMPTS, CAUSES, require, still_open
from portal.kernel.errors import Invalid, Refused

WRITTEN = frozenset(("sms", "email", "app", "letter", "chat"))
ASKED = ("unreachable", "ended")  # endings others agree to
SUPERVISED = ("P1", "P2")
AGREE = {"unreachable": ("supervisor",), "ended": ("head", "quality")}
Attempt = tuple[str, str, bool]  # local day, means, whether the day is a working day


def attempts_lacking(attempts: list[Attempt]) -> list[str]:
    """What is missing for "unreachable": days, means, or the last one in writing."""
    days = {day for day, _, working in attempts if working}
    found = []
    if len(days) < ATTEMPTS:
        found.append("term:attempt.days")
    if len({means for _, means, _ in attempts}) < 2:
        found.append("term:attempt.means")
    if not attempts or attempts[-1][1] not in WRITTEN:
        found.append("term:attempt.written")
    return found


def roles_needed(case: Any, outcome: str) -> tuple[str, ...]:
    """Who has to agree to this ending of this case."""
    if outcome == "unreachable" and case.level_now not in SUPERVISED:
        return ()
    return AGREE.get(outcome, ())


def check(case: Any, outcome: str, attempts: list[Attempt]) -> None:
    """Refuses an ending and says what it still needs."""
    if outcome == "unreachable":
        lacking = attempts_lacking(attempts)
        if lacking:
            raise Refused("three_attempts_first", no=case.no, least=ATTEMPTS, missing=lacking)
    if outcome == "ended" and case.round <= 2:
        raise Refused("two_rounds_first", no=case.no)
    asked = case.ending if case.ending and case.ending["outcome"] == outcome else {"agreed": []}
    agreed = {one["role"] for one in asked["agreed"]}
    waiting = [f"term:role.{role}" for role in roles_needed(case, outcome) if role not in agreed]
    if waiting:
        raise Refused("end_not_agreed", no=case.no, missing=waiting)


def ask(case: Any, *, outcome: str, reason: str, attempts: list[Attempt]) -> m.EndAsked:
    """Asks those who have to agree; refused while the ending lacks anything else."""
    still_open(case)
    if outcome not in ASKED:
        raise Invalid("choose_outcome", field="outcome")
    if not roles_needed(case, outcome):
        raise Refused("nobody_need_agree", no=case.no)
    try:
        check(case, outcome, attempts)
    except Refused as refused:
        if refused.code != "end_not_agreed":
            raise
    return m.EndAsked(outcome, require(reason, "reason"))


def agree(case: Any, *, role: str, by: int, agreed: bool, words: str) -> m.EndAgreed:
    """One of them agrees, or refuses with the reason; nobody agrees to what they asked for."""
    still_open(case)
    if not case.ending:
        raise Refused("no_end_asked", no=case.no)
    if case.ending["by"] == by or by in {one["by"] for one in case.ending["agreed"]}:
        raise Refused("agree_by_others", no=case.no)
    said = words.strip() if agreed else require(words, "words")
    return m.EndAgreed(case.ending["outcome"], role, agreed, said)


def cause(case: Any, cause_category: str, text: str) -> m.CauseCorrected | None:
    """The correction of the cause at closing; None when it is as it was, or nothing was said."""
    if not case.cause or not text.strip() or (cause_category, text.strip()) == (case.cause_category, case.cause):
        return None
    if cause_category not in CAUSES:
        raise Invalid("choose_cause", field="cause_category")
    return m.CauseCorrected(cause_category, require(text, "cause"), case.cause_category, case.cause)
