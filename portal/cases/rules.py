"""What may happen to a case. Pure: the case, `now` and what is wanted in; an event or a refusal out."""

from datetime import datetime, timedelta
from typing import Any

from portal.cases import events as e
from portal.cases.results import explicit
from portal.kernel.errors import Invalid, Refused

LEVELS = ("P1", "P2", "P3", "P4")
IMPACTS = ("wide", "part", "single")
URGENCIES = ("high", "medium", "low")
CHANNELS = (
    "hotline", "voicemail", "sms", "email", "chat", "app", "web", "social", "account_manager", "walk_in", "backup",
)  # fmt: skip
LIVE = frozenset(("hotline", "chat", "account_manager", "walk_in", "backup"))
TYPES = (
    "fault", "complaint", "consultation", "dispute", "business", "order", "return", "account", "suggestion",
)  # fmt: skip
CATEGORIES = ("product", "attitude", "delivery", "after_sales", "information")
CAUSES = ("equipment", "network", "system", "process", "staff", "customer", "third_party", "unknown")
MEANS = ("phone", "sms", "email", "chat", "app", "visit", "letter")
PAUSES = ("customer", "customer_later", "force_majeure", "third_party")
STOPPING = frozenset(("customer", "customer_later", "force_majeure"))
OUTCOMES = ("confirmed", "unreachable", "withdrawn", "anonymous", "ended")
CLOSED_STATES = frozenset(("closed", "void", "merged"))
# lead department by level, unit codes
LEADS = {"P1": "tech", "P2": "business", "P3": "service", "P4": "improvement"}
# [H] lead department by the kind of request; a kind that is not named here goes by its level
LEADS_OF_TYPE = {
    "fault": "tech", "complaint": "business", "dispute": "business", "return": "business", "order": "business",
    "suggestion": "improvement",
}  # fmt: skip
REOPEN_WITHIN = timedelta(days=30)  # QU9 [H]
REOPENED_OFTEN = 2  # from so many on, a stricter level is proposed and the managers are told
MOST_EXTENSIONS = 2  # SL7 [H]
LAST_QUARTER = 0.75  # SL5: lowering after so much of a limit goes on the auditor's list
ATTEMPTS = 3  # SL11 [H]: unreachable needs three attempts on three days by two means
STATES = (
    "registered", "to_accept", "in_work", "waiting", "result_in_hand", "told", "planned", "closed", "void", "merged",
)  # fmt: skip


def lead(case: Any) -> str:
    """Code of the unit that is proposed to lead: by what is asked, else by the level."""
    return LEADS_OF_TYPE.get(case.request_type) or LEADS.get(case.level_now, "service")


def lowers(case: Any, level: str) -> bool:
    """Whether a judged case gets a less strict level."""
    return bool(case.level) and level > case.level


def require(text: str, field: str, least: int = 2) -> str:
    """The text without blanks around it. Raises Invalid at the field when it is too short to say anything."""
    found = text.strip()
    if len(found) < least:
        raise Invalid("text_missing", field=field)
    return found


def still_open(case: Any) -> None:
    """Raises Refused for a case that has ended."""
    if case.state in CLOSED_STATES:
        raise Refused("case_ended", no=case.no, state=f"term:state.{case.state}")


def judge(
    case: Any, *, level: str, impact: str, urgency: str, harm: bool, reason: str, unit_id: int, changed: bool
) -> e.Judged:
    """Sets the level with its grounds (SL5). A second judgement says whether the first was wrong or things changed."""
    still_open(case)
    if level not in LEVELS:
        raise Invalid("choose_level", field="level")
    if impact not in IMPACTS or urgency not in URGENCIES:
        raise Invalid("choose_grounds", field="impact")
    basis = "first" if not case.level else "changed" if changed else "misjudged"
    if case.level == level and basis != "first":
        raise Invalid("same_level", field="level", level=level)
    return e.Judged(
        level=level, reason=require(reason, "reason"), impact=impact, urgency=urgency, harm=harm, unit_id=unit_id,
        previous=case.level, basis=basis,
    )  # fmt: skip


def claim(case: Any, person_id: int, person: str) -> e.Claimed:
    """Takes a case that nobody holds."""
    still_open(case)
    if case.owner_id == person_id:
        raise Refused("already_yours", no=case.no)
    if case.owner_id:
        raise Refused("already_claimed", no=case.no, name=case.owner_name)
    return e.Claimed(person_id, person)


def assign(case: Any, person_id: int, person: str, reason: str) -> e.Assigned:
    """Gives the case to a named person."""
    still_open(case)
    if case.owner_id == person_id:
        raise Refused("already_claimed", no=case.no, name=case.owner_name)
    return e.Assigned(person_id, person, reason.strip())


def transfer(
    case: Any, *, unit_id: int, unit: str, from_unit: str, reason: str, expected: datetime | None
) -> e.Transferred:
    """Hands the case to another department, with the reason (QU2)."""
    still_open(case)
    if unit_id == case.unit_id:
        raise Invalid("same_unit", field="unit", unit=unit)
    until = int(expected.timestamp()) if expected else None
    return e.Transferred(unit_id, unit, case.unit_id, from_unit, require(reason, "reason"), until)


def start_work(case: Any, what: str) -> e.WorkStarted:
    """Writes what is being done."""
    still_open(case)
    return e.WorkStarted(require(what, "what", 4))


def contact(
    case: Any,
    now: datetime,
    *,
    direction: str,
    means: str,
    reached: bool,
    words: str,
    promised: datetime | None,
    automatic: bool = False,
    limit: datetime | None = None,
    again: datetime | None = None,
) -> e.Contacted:
    """Records a contact or an attempt (SL1). A promise lies ahead, and not beyond the result's limit (SL7)."""
    still_open(case)
    if direction not in ("in", "out") or means not in MEANS:
        raise Invalid("choose_means", field="means")
    if promised and promised <= now:
        raise Invalid("promise_past", field="promised")
    if promised and limit and now <= limit < promised:
        raise Invalid("promise_beyond_limit", field="promised", due=int(limit.timestamp()))
    said = words.strip() if not reached else require(words, "words", 2)
    until = int(promised.timestamp()) if promised else None
    missed = again if again and direction == "out" and not reached else None
    if missed and missed <= now:
        raise Invalid("must_lie_ahead", field="again")
    later = int(missed.timestamp()) if missed else None
    return e.Contacted(direction, means, reached, said, until, automatic, not automatic, again=later, renews=True)


def write_result(case: Any, *, text: str, cause_category: str, cause: str) -> e.ResultWritten:
    """The explicit, specific result in writing, with its cause (QU5)."""
    still_open(case)
    if not case.level:
        raise Refused("judge_first", no=case.no)
    if cause_category not in CAUSES:
        raise Invalid("choose_cause", field="cause_category")
    return e.ResultWritten(explicit(text), cause_category, require(cause, "cause"))


def tell(case: Any, *, means: str, words: str) -> e.Told:
    """The result is told to the customer; it must be in hand."""
    still_open(case)
    if case.state != "result_in_hand":
        raise Refused("no_result_yet", no=case.no)
    if means not in MEANS:
        raise Invalid("choose_means", field="means")
    return e.Told(means, require(words, "words"))


def confirm(case: Any, *, verdict: str, means: str, words: str) -> e.Confirmed | e.NotSatisfied:
    """What the customer said of the result, in the customer's words (SL11)."""
    still_open(case)
    if case.state != "told":
        raise Refused("not_told_yet", no=case.no)
    if case.confirmed_at:
        raise Refused("already_confirmed", no=case.no)
    if means not in MEANS:
        raise Invalid("choose_means", field="means")
    if verdict not in ("satisfied", "accepts", "not_satisfied"):
        raise Invalid("choose_verdict", field="verdict")
    said = require(words, "words")
    return e.Confirmed(verdict, means, said) if verdict != "not_satisfied" else e.NotSatisfied(means, said, renews=True)


def rate(case: Any, *, overall: int | None, means: str, comment: str) -> e.Rated:
    """The customer's rating 1-5, or None for "did not want to rate" (SA1); once a cycle."""
    if case.rated:
        raise Refused("already_rated", no=case.no)
    if not case.told_at:
        raise Refused("not_told_yet", no=case.no)
    if overall is not None and overall not in (1, 2, 3, 4, 5):
        raise Invalid("rating_range", field="overall")
    return e.Rated(overall, means, comment.strip())


def close(case: Any, *, outcome: str, reason: str) -> e.Closed:
    """Ends a case (SL11): confirmed needs the customer's word; what other endings need is asked in cases.ending."""
    still_open(case)
    if outcome not in OUTCOMES:
        raise Invalid("choose_outcome", field="outcome")
    if outcome == "confirmed" and not case.confirmed_at:
        raise Refused("not_confirmed", no=case.no)
    if outcome == "confirmed" and not case.rated:
        raise Refused("ask_rating", no=case.no)
    if case.tasks_open and not reason.strip():
        raise Invalid("open_tasks_need_word", field="reason", n=case.tasks_open)
    return e.Closed(outcome, reason.strip() if outcome == "confirmed" else require(reason, "reason"))


def reopen(case: Any, now: datetime, reason: str, within: timedelta = REOPEN_WITHIN) -> e.Reopened:
    """Brings a closed case back within 30 days as a new cycle (QU9); from the second time on a stricter level."""
    if case.state != "closed":
        raise Refused("not_closed", no=case.no)
    if now - case.closed_at > within:
        raise Refused("too_late_to_reopen", no=case.no, days=within.days)
    again = case.reopened + 1 >= REOPENED_OFTEN and case.level in LEVELS[1:]
    return e.Reopened(require(reason, "reason"), LEVELS[LEVELS.index(case.level) - 1] if again else "")


def chase(case: Any, *, by_customer: bool, words: str) -> e.Chased:
    """Presses for progress (QU4)."""
    still_open(case)
    return e.Chased(by_customer, require(words, "words"))


def pause(case: Any, *, reason: str, words: str) -> e.Paused:
    """Stops the clocks that may stop, for a reason on the list; waiting for a customer needs a contact first (SL4)."""
    still_open(case)
    if reason not in PAUSES:
        raise Invalid("choose_pause", field="reason")
    if case.level_now == "P1" and reason in STOPPING:
        raise Refused("p1_never_pauses", no=case.no)
    if case.paused:
        raise Refused("already_paused", no=case.no)
    if case.state not in ("in_work", "to_accept"):
        raise Refused("not_in_work", no=case.no)
    if reason in ("customer", "customer_later") and not case.contact_at:
        raise Refused("contact_first", no=case.no)
    if reason == "force_majeure" and not case.incident_id:
        raise Refused("incident_first", no=case.no)
    return e.Paused(reason, require(words, "words"))


def resume(case: Any, why: str, code: str = "") -> e.Resumed:
    """Lets the clocks run again."""
    if not case.paused:
        raise Refused("not_paused", no=case.no)
    return e.Resumed(why.strip(), code)


def extend(
    case: Any, now: datetime, *, kind: str, old_due: datetime, due: datetime, reason: str, told: str
) -> e.Extended:
    """A new time agreed with the customer, asked and told before the old one ran out (SL7)."""
    still_open(case)
    if now > old_due:
        raise Refused("extension_late", no=case.no)
    if due <= old_due:
        raise Invalid("extension_not_later", field="due")
    if case.extensions >= MOST_EXTENSIONS:
        raise Refused("extensions_used", no=case.no, most=MOST_EXTENSIONS)
    return e.Extended(
        kind, int(due.timestamp()), int(old_due.timestamp()), require(reason, "reason"), require(told, "told")
    )


def plan(case: Any, *, decision: str, cycle: str, words: str) -> e.Planned:
    """A suggestion is scheduled: adopted, not adopted or planned for a cycle, and the customer told (P4)."""
    still_open(case)
    if case.level != "P4":
        raise Refused("only_p4_planned", no=case.no)
    if decision not in ("adopted", "planned", "not_adopted"):
        raise Invalid("choose_decision", field="decision")
    return e.Planned(decision, require(cycle, "cycle"), require(words, "words"))


def void(case: Any, reason: str) -> e.Voided:
    """Wrong number, nuisance or test."""
    still_open(case)
    return e.Voided(require(reason, "reason"))


def merge(case: Any, into: Any, reason: str) -> e.Merged:
    """The same matter is followed in another open case."""
    still_open(case)
    still_open(into)
    if into.id == case.id:
        raise Invalid("merge_into_itself", field="into")
    return e.Merged(into.id, into.no, require(reason, "reason"))


def complete(case: Any, *, description: str, demand: str, happened: str, overruled: str = "") -> e.Completed:
    """Fills the elements that a machine-received request lacked; a description taken as it is may be shorter."""
    still_open(case)
    if not case.incomplete:
        raise Refused("nothing_missing", no=case.no)
    problem = require(description, "description", 1 if overruled else 4)
    return e.Completed(problem, require(demand, "demand"), require(happened, "happened"), overruled)
