"""How an entry of a case's journal reads: who did what, in the reader's language, from its codes and facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from flask import g

from portal.cases.guard import TELLERS as OF_GUARDS
from portal.cases.matter_telling import TELLERS as OF_MATTERS
from portal.cases.team_telling import TELLERS as OF_TEAMS
from portal.identity import queries as people
from portal.journal.stream import Line
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, listed, locale, term

LOOKS = {
    "registered": "new", "to_accept": "new", "in_work": "work", "waiting": "wait", "result_in_hand": "work",
    "told": "back", "planned": "wait", "closed": "done", "void": "shut", "merged": "shut",
}  # fmt: skip
OTHER_WAITS = ("force_majeure", "third_party")  # pauses in which nobody waits for the customer


class Entry(NamedTuple):
    """One entry for the timeline: `head` in bold, `after` grey, `detail` a second line, `quote` words said."""

    n: int
    at: datetime
    head: str
    after: str = ""
    detail: str = ""
    quote: str = ""
    said: bool = False


Facts = Mapping[str, Any]
Teller = Callable[[Facts], tuple[str, str, str, bool]]  # after, detail, quote, said to the customer


def _logged(f: Facts) -> tuple[str, str, str, bool]:
    detail = _("Received %(at)s", at=instant(f["received"]))
    if f["urgency"] == "urgent" and f["proposed_level"] == "P2" and not f.get("words"):
        detail += _("; raised to P2 because the agent marked it urgent")
    elif f.get("words") and f["proposed_level"] != "P3":
        detail += _(
            "; the words that led to %(level)s: %(words)s",
            level=f["proposed_level"],
            words=listed(f["words"]),
        )
    if f.get("overruled"):
        detail += _("; accepted as it is: %(why)s", why=f["overruled"])
    return term(f"channel.{f['channel']}"), detail, "", False


def _completed(f: Facts) -> tuple[str, str, str, bool]:
    why = f.get("overruled", "")
    return "", _("Accepted as it is: %(why)s", why=why) if why else "", f["description"], False


def _judged(f: Facts) -> tuple[str, str, str, bool]:
    level = f"{f['previous']} → {f['level']}" if f["previous"] else f["level"]
    grounds = term("impact." + f["impact"]) + _("; ") + term("urgency." + f["urgency"])
    if f["harm"]:
        grounds += _("; safety or a core interest may be harmed")
    basis = "" if f["basis"] == "first" else f" · {term('basis.' + f['basis'])}"
    lead = " · " + _("lead: %(unit)s", unit=f["unit"]) if f.get("unit") else ""
    return f"{level}{basis}{lead}", grounds, f["reason"], False


def _dispatched(f: Facts) -> tuple[str, str, str, bool]:
    because = because_words(f["because"])
    to = f"{f['unit']} · {f['person']}" if f["person"] else f["unit"]
    return to, _("because of the rule “%(rule)s”: %(because)s", rule=f["rule"], because=because), "", False


def because_words(because: Iterable[str]) -> str:
    """The conditions of a rule in words, from name:value."""
    pairs = (one.partition(":") for one in because)
    told_ = [_reason(name, value) for name, _sign, value in pairs]
    return listed(told_) or _("every request")


def _reason(name: str, value: str) -> str:
    if name == "skill":
        return _("who has the skill %(skill)s", skill=value)
    if name == "unskilled":
        return _("nobody there has the skill %(skill)s", skill=value)
    return f"“{value}”" if name == "words" else term(f"{name}.{value}")


def _transferred(f: Facts) -> tuple[str, str, str, bool]:
    detail = _("Expected by %(at)s", at=instant(f["expected"])) if f.get("expected") else ""
    return f"{f['from_unit']} → {f['unit']}", detail, f["reason"], False


def _assigned(f: Facts) -> tuple[str, str, str, bool]:
    how = term(f"assigned.{f['how']}") % {"name": f["instead_of"]} if f.get("how") else ""
    return f["person"], how, f["reason"], False


def _returned(f: Facts) -> tuple[str, str, str, bool]:
    return f"{f['from_unit']} → {f['unit']}", term("return." + f["code"]), f["words"], False


def _escalated(f: Facts) -> tuple[str, str, str, bool]:
    return _("line %(n)s", n=f["tier"]), "", f["reason"], False


def _extension_decided(f: Facts) -> tuple[str, str, str, bool]:
    decided = term("extension.approve" if f["approved"] else "extension.refuse")
    return decided, f"{instant(f['old_due'])} → {instant(f['due'])}", f["words"], False


def _disputed(f: Facts) -> tuple[str, str, str, bool]:
    return f"{f['unit']} · {f['level']}", _("Verdict until %(at)s", at=instant(f["until"])), f["why"], False


def _voted(f: Facts) -> tuple[str, str, str, bool]:
    return f"{f['unit']} · {f['level'] or _('Absent')}", "", f["words"], False


def _settled(f: Facts) -> tuple[str, str, str, bool]:
    detail = _("No verdict within 30 minutes: the stricter level stands") if f["lapsed"] else ""
    return f"{f['previous']} → {f['level']}", detail, f["reason"], False


def _contacted(f: Facts) -> tuple[str, str, str, bool]:
    if f["direction"] == "in":
        how = _("the customer to us")
    elif f["automatic"]:
        how = _("automatic message")
    else:
        how = _("reached") if f["reached"] else _("not reached")
    detail = _("Promised for %(at)s", at=instant(f["promised"])) if f.get("promised") else ""
    if f.get("again"):
        detail = _("Tried again at %(at)s", at=instant(f["again"]))
    if f.get("via"):
        detail = " ".join((detail, _("came to %(no)s, which is followed here", no=f["via"]))).strip()
    return (
        f"{term('means.' + f['means'])} · {how}",
        detail,
        f["words"],
        f["direction"] == "out" and f["reached"],
    )


def _result(f: Facts) -> tuple[str, str, str, bool]:
    return (
        "",
        _("Cause: %(kind)s, %(cause)s", kind=term("cause." + f["cause_category"]), cause=f["cause"]),
        f["text"],
        False,
    )


def _rated(f: Facts) -> tuple[str, str, str, bool]:
    given = _("no rating given") if f["overall"] is None else f"{f['overall']} / 5"
    return given, "", f["comment"], False


def _extended(f: Facts) -> tuple[str, str, str, bool]:
    times = f"{instant(f['old_due'])} → {instant(f['due'])}"
    return times, _("Told and apologised: %(words)s", words=f["told"]), f["reason"], True


def _identity_checked(f: Facts) -> tuple[str, str, str, bool]:
    right = listed(term(f"fact.{code}") for code in f["facts"])
    wrong = _("wrong: %(facts)s", facts=listed(term(f"fact.{code}") for code in f["wrong"])) if f["wrong"] else ""
    passed = len(f["facts"]) >= f["least"] and not f["wrong"]
    return (
        term("identity.passed" if passed else "identity.failed"),
        _("; ").join(filter(None, (right, wrong))),
        f["words"],
        False,
    )


def _news(f: Facts) -> tuple[str, str, str, bool]:
    if f["what"] == "withdrawn":
        return f["incident_no"], _("This announcement no longer holds."), f["text"], False
    said = [_("published in %(channels)s", channels=f["channels"])]
    if f["recovery"]:
        said.append(_("expected recovery %(time)s", time=instant(f["recovery"])))
    if f["next_news"]:
        said.append(_("next news by %(time)s", time=instant(f["next_news"])))
    return f["incident_no"], " · ".join(said), f["text"], False


def _taken_over(f: Facts) -> tuple[str, str, str, bool]:
    detail = _("Received %(at)s", at=instant(f["received"])) + _("; closed %(at)s", at=instant(f["closed"]))
    if f.get("assumed"):
        detail += _("; assumed by import: %(fields)s", fields=listed([term(f"legacy_field.{n}") for n in f["assumed"]]))
    return f.get("handled_by", ""), detail, "\n".join(one for one in (f.get("words"), f.get("text")) if one), False


TELLERS: dict[str, Teller] = {
    "Logged": _logged,
    "TakenOver": _taken_over,
    "Judged": _judged,
    "Transferred": _transferred,
    "Contacted": _contacted,
    "ResultWritten": _result,
    "Rated": _rated,
    "Extended": _extended,
    "Completed": _completed,
    "Assigned": _assigned,
    "Returned": _returned,
    "Escalated": _escalated,
    "ExtensionDecided": _extension_decided,
    "Disputed": _disputed,
    "Voted": _voted,
    "DisputeSettled": _settled,
    "Undone": lambda f: (term(f"event.{f['kind']}"), "", "", False),
    "WorkStarted": lambda f: ("", "", f["what"], False),
    "Dispatched": _dispatched,
    "Attached": lambda f: ("", listed([one["name"] for one in f["files"]]), f["words"], False),
    "Noted": lambda f: ("", "", f["text"], False),
    "Told": lambda f: (term("means." + f["means"]), "", f["words"], True),
    "Confirmed": lambda f: (
        f"{term('verdict.' + f['verdict'])} · {term('means.' + f['means'])}",
        "",
        f["words"],
        False,
    ),
    "NotSatisfied": lambda f: (term("means." + f["means"]), "", f["words"], False),
    "Closed": lambda f: (term("outcome." + f["outcome"]), "", f["reason"], False),
    "Reopened": lambda f: ("", "", f["reason"], False),
    "Chased": lambda f: (
        _("by the customer") if f["by_customer"] else _("by a colleague"),
        "",
        f["words"],
        False,
    ),
    "Paused": lambda f: (term("pause." + f["reason"]), "", f["words"], False),
    "Resumed": lambda f: (term("resume." + f["code"]) if f.get("code") else "", "", f["why"], False),
    "Planned": lambda f: (f"{term('decision.' + f['decision'])} · {f['cycle']}", "", f["words"], True),
    "Voided": lambda f: ("", "", f["reason"], False),
    "Merged": lambda f: (f["into_no"], "", f["reason"], False),
    "ContactLinked": lambda f: (term(f"channel.{f['channel']}"), "", f["words"], False),
    "IdentityChecked": _identity_checked,
    "Disclosed": lambda f: (f"{term('means.' + f['means'])} · {f['to']}", "", f["what"], True),
    "Linked": lambda f: (f["incident_no"], f["title"], "", False),
    "IncidentNews": _news,
}
TELLERS |= OF_TEAMS | OF_MATTERS | OF_GUARDS


def told(line: Line, names: Mapping[int, str]) -> Entry:
    """The entry as it reads: the actor's name and the event's word first."""
    teller = TELLERS.get(line.kind)
    after, detail, quote, said = teller(_named_here(line.facts)) if teller and line.facts else ("", "", "", False)
    head = f"{names.get(line.by_id, '')} {term('event.' + line.kind)}".strip()
    return Entry(line.n, line.occurred_at or line.at, head, after, detail, quote, said)


def _named_here(facts: Facts) -> Facts:
    """The facts with departments, which entries keep by their Chinese names, in the reader's language."""
    units = [name for name in ("unit", "from_unit") if facts.get(name)]
    if not units or locale() != "en":
        return facts
    if "english_units" not in g:
        g.english_units = {unit.name: unit.name_en or unit.name for unit in people.units()}
    return {**facts, **{name: g.english_units.get(facts[name], facts[name]) for name in units}}


def look(state: str) -> str:
    """The shape of a state's pill."""
    return LOOKS.get(state, "new")


def standing(case: Any) -> str:
    """The code of the word for how a case stands: its state; where it waits for somebody else, for what.

    What the customer has confirmed does not wait to be confirmed.
    """
    if case.state == "told" and getattr(case, "confirmed_at", None):
        return "state.confirmed"
    reason = getattr(case, "paused", "") if case.state == "waiting" else ""
    return f"state.waiting_{reason}" if reason in OTHER_WAITS else f"state.{case.state}"
