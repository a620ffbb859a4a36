"""The timeline of an incident: its journal as people read it, in the reader's language."""

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext as _

from portal.incidents import closing_board, drill_board, grading_words, plans, review_words
from portal.incidents.models import Incident
from portal.journal.stream import Line
from portal.kernel.i18n import hm, listed, locale, term

MANY = ("CaseLinked", "TaskAdded")
SHOWN_AT_ONCE = 12


class StoryLine(NamedTuple):
    """An entry of the timeline; `corrected_by` is the number of the entry that took its place."""

    n: int
    at: datetime
    head: str
    after: str
    detail: str
    quote: str
    said: bool
    corrected_by: int | None
    correctable: bool


def story(incident: Incident, lines: list[Line], names: dict[int, str]) -> list[StoryLine]:
    """The journal as people read it, newest first; what one person did to many things at once is one line."""
    corrected = {line.facts["n"]: line.n for line in lines if line.kind == "Corrected"}
    numbered = {line.n: hm(line.at) for line in lines}
    plan = plans.of(incident.plan_version)
    told: list[StoryLine] = []
    many: list[list[str]] = []
    for before, line in zip([None, *lines], lines, strict=False):
        refers = numbered.get(line.facts.get("n", 0), "")
        made = _story_line(incident, line, names, plan, corrected.get(line.n), refers)
        if before and line.kind in MANY and _same_act(before, line):
            many[-1].append(made.detail)
        else:
            told.append(made)
            many.append([made.detail])
    return [one._replace(detail=_together(details)) for one, details in zip(told, many, strict=True)]


def _together(details: list[str]) -> str:
    """What was done at once, oldest first, as one detail; of very many only the first and how many more."""
    shown = details[::-1][:SHOWN_AT_ONCE]
    text = shown[0]
    for one in shown[1:]:
        text = _("%(one)s; %(next)s", one=text, next=one)
    left = len(details) - len(shown)
    return f"{text}{_('; ')}{_('and %(n)s more', n=left)}" if left else text


def _same_act(one: Line, other: Line) -> bool:
    return (one.kind, one.at, one.by_id) == (other.kind, other.at, other.by_id)


def _story_line(
    incident: Incident, line: Line, names: dict[int, str], plan: plans.Plan, corrected_by: int | None, refers: str
) -> StoryLine:
    f, language = line.facts, locale()
    head = term("entry." + f["kind"]) if line.kind == "Entered" else term("event." + line.kind)
    after, detail, quote = names.get(line.by_id, ""), "", ""
    if line.kind in (
        "Entered",
        "Corrected",
        "SituationReported",
        "AnnouncementPublished",
        "AnnouncementDrafted",
    ):
        quote = f["text"]
        detail = _noted(line, refers)
    elif line.kind in DETAILS:
        detail = DETAILS[line.kind](f, plan, language)
    if f.get("doubts"):
        quote = closing_board.ended(incident, f)
    said = line.kind == "AnnouncementPublished"
    by_hand = line.kind in ("Entered", "Corrected") and corrected_by is None
    return StoryLine(line.n, line.at, head, after, detail, quote, said, corrected_by, by_hand)


def _noted(line: Line, refers: str) -> str:
    f = line.facts
    if line.kind == "Entered":
        why = f["reason"] and _("Why: %(reason)s", reason=f["reason"])
        weighed = f.get("options") and _("Considered: %(options)s", options=f["options"])
        return " · ".join(x for x in (why, weighed) if x)
    if line.kind == "Corrected":
        return _("takes the place of the entry of %(time)s", time=refers)
    if line.kind == "SituationReported":
        if f["next_report"] is None:
            return _("Report %(n)s, the last one", n=f["number"])
        return _("Report %(n)s, next one by %(time)s", n=f["number"], time=hm(f["next_report"]))
    expected = f["recovery"] and _("expected recovery %(time)s", time=hm(f["recovery"]))
    back = f.get("restored") and _("says that service is back")
    return " · ".join(x for x in (f["channels"], expected, back) if x)


def _role_given(f: dict[str, Any], plan: plans.Plan, language: str) -> str:
    who = f"{f['previous']} → {f['person']}" if f["previous"] else f["person"]
    words = _("%(role)s: %(who)s", role=plan.roles[f["role"]].word(language), who=who)
    moved = _("open tasks taken over: %(n)s", n=len(f["tasks"])) if f.get("tasks") else ""
    return " · ".join(x for x in (words, moved, f["handover"]) if x)


def _declared(f: dict[str, Any], plan: plans.Plan, language: str) -> str:
    words = f"{plan.classes[f['kind']].word(language)} · {plan.grades[f['grade']].word(language)}"
    if f["grade"] != f["proposed_grade"]:
        proposed = plan.grades[f["proposed_grade"]].word(language)
        words += " · " + _("proposed was %(grade)s: %(reason)s", grade=proposed, reason=f["reason"])
    because = grading_words.reasons(f.get("because", ()))
    return f"{words} · {because}" if because else words


def _asked_anew(f: dict[str, Any], plan: plans.Plan, language: str) -> str:
    words = f"{plan.grades[f['present']].word(language)} → {plan.grades[f['grade']].word(language)}?"
    return f"{words} · {grading_words.reasons(f['because'])}"


DETAILS: dict[str, Any] = {
    "Reported": lambda f, plan, lang: " · ".join(x for x in (f["title"], f["place"], f["scope"], f["cause"]) if x),
    "Declared": _declared,
    "Dismissed": lambda f, plan, lang: f["reason"],
    "GradeChanged": lambda f, plan, lang: (
        f"{plan.grades[f['previous']].word(lang)} → {plan.grades[f['grade']].word(lang)} · {f['reason']}"
    ),
    "RoleAssigned": _role_given,
    "RoleAcknowledged": lambda f, plan, lang: plan.roles[f["role"]].word(lang),
    "TaskAdded": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['owner']} · {hm(f['due'])}",
    "TaskMoved": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['previous']} → {f['owner']}",
    "TaskDone": lambda f, plan, lang: f"{plan.label(f['code'], lang) or f['title']} · {f['evidence']}",
    "AffectedEstimated": lambda f, plan, lang: f"{f['count']:,} · {f['basis']}",
    "CaseLinked": lambda f, plan, lang: f["case_no"],
    "CaseUnlinked": lambda f, plan, lang: f"{f['case_no']} · {f['reason']}",
    "ClocksStopped": lambda f, plan, lang: " · ".join((_("Cases: %(n)s", n=len(f["cases"])), f["reason"])),
    "CriterionMet": lambda f, plan, lang: f"{plan.label(f['code'], lang)} · {f['how']}",
    "CriterionWaived": lambda f, plan, lang: f"{plan.label(f['code'], lang)} · {f['reason']}",
    "ReportPutOff": lambda f, plan, lang: f"{hm(f['previous'])} → {hm(f['next_report'])} · {f['reason']}",
    "EndProposed": lambda f, plan, lang: f["reason"],
    "Ended": lambda f, plan, lang: f["statement"],  # _story_line adds what spoke against it
    **closing_board.DETAILS,
    **review_words.DETAILS,
    **drill_board.DETAILS,
    "RegradeAsked": _asked_anew,
    "MergedInto": lambda f, plan, lang: f"{f['into_no']} · {f['reason']}",
    "TookIn": lambda f, plan, lang: f"{f['from_no']} {f['title']} · " + _("Cases: %(n)s", n=f["cases"]),
    "NotTold": lambda f, plan, lang: _("Telephone by hand: %(names)s", names=listed(f["people"])),
    "GradeKept": lambda f, plan, lang: f"{plan.grades[f['grade']].word(lang)} · {f['reason']}",
    "AnnouncementWithdrawn": lambda f, plan, lang: f"“{f['text'][:60]}” · {f['reason']}",
    "ChannelPosted": lambda f, plan, lang: " · ".join(x for x in (f["channel"], f["where"]) if x),
}
