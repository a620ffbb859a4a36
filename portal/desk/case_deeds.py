"""What can be done to a case from its page: for each deed its right, its form, its states and the action it calls."""

from datetime import datetime
from typing import Any

from portal.attachments import actions as files
from portal.cases import actions as cases
from portal.cases import queries
from portal.cases.models import Case
from portal.collaboration import actions as together
from portal.desk import case_forms as forms
from portal.desk import customer_deeds, guard_deeds, joint_deeds, matter_deeds, solving, suggestions, team_deeds
from portal.desk.deed import OPEN, WORKING, Deed, fields
from portal.identity import absences
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.queries import unit_name
from portal.incidents import force_majeure_actions
from portal.incidents.force_majeure import REASON
from portal.intake import completing
from portal.intake.forms import time_hint
from portal.kernel import clock
from portal.kernel.errors import Missing
from portal.kernel.i18n import gettext as _
from portal.satisfaction import actions as satisfaction


def _judge(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    cases.judge(
        actor, now, case, level=form.level.data, impact=form.impact.data, urgency=form.urgency.data,
        harm=form.harm.data, reason=form.reason.data, unit_id=form.unit.data or None,
        changed="changed" in form and form.changed.data,
    )  # fmt: skip


def _contact(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    cases.contact(
        actor, now, case, direction=form.direction.data, means=form.means.data, reached=form.reached.data != "no",
        words=form.words.data or "", promised=getattr(form.promised, "instant", None),
        again=getattr(form.again, "instant", None),
    )  # fmt: skip


def _transfer(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    together.transfer(
        actor,
        now,
        case,
        unit_id=form.unit.data,
        reason=form.reason.data,
        expected=getattr(form.expected, "instant", None),
        told=form.told.data or "",
        means=form.means.data or "phone",
    )


def _rate(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    given = None if form.overall.data == "none" else int(form.overall.data)
    satisfaction.rate(actor, now, case, overall=given, means=form.means.data, comment=form.comment.data or "")


def _confirm(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    given = form.overall.data if "overall" in form else ""
    satisfaction.confirm(
        actor, now, case, verdict=form.verdict.data, means=form.means.data, words=form.words.data,
        asked=bool(given), overall=int(given) if given in tuple("12345") else None,
    )  # fmt: skip


def _close(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    cause = {name: form[name].data or "" for name in ("cause_category", "cause") if name in form}
    cases.close(actor, now, case, outcome=form.outcome.data, reason=form.reason.data or "", **cause)


def _merge(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    together.merge(actor, now, case, queries.case_by_no(actor, form.into.data), reason=form.reason.data)


def _pause(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    if form.reason.data == REASON:
        force_majeure_actions.stop_one(actor, now, case, reason=form.words.data or "")
    else:
        together.pause(actor, now, case, reason=form.reason.data, words=form.words.data or "")


DEEDS: dict[str, Deed] = {
    "judge": Deed("case.judge", forms.JudgeForm, _judge, OPEN - {"told", "result_in_hand"}, "p", "flag"),
    "claim": Deed(
        "case.claim",
        forms.ClaimForm,
        lambda a, n, c, f: together.claim(a, n, c),
        WORKING,
        "c",
        "mine",
        lambda c: not c.owner_id,
    ),
    "work": Deed(
        "case.work",
        forms.WorkForm,
        fields(cases.start_work, "what"),
        frozenset(("in_work", "to_accept")),
        "w",
        "clock",
    ),
    "contact": Deed("case.contact", forms.ContactForm, _contact, OPEN | {"merged"}, "u", "phone"),
    "result": Deed(
        "case.result",
        forms.ResultForm,
        fields(cases.write_result, "text", "cause_category", "cause"),
        frozenset(("in_work", "waiting")),
        "r",
        "pencil",
        lambda c: bool(c.level),
    ),
    "tell": Deed(
        "case.tell",
        forms.TellForm,
        fields(cases.tell, "means", "words"),
        frozenset(("result_in_hand",)),
        "r",
        "send",
    ),
    "confirm": Deed(
        "case.confirm",
        forms.ConfirmForm,
        _confirm,
        frozenset(("told",)),
        "r",
        "check",
        lambda c: not c.confirmed_at,
    ),
    "rate": Deed(
        "case.rate",
        forms.RateForm,
        _rate,
        frozenset(("told",)),
        "r",
        "chart",
        lambda c: bool(c.confirmed_at) and not c.rated,
    ),
    "close": Deed("case.close", forms.CloseForm, _close, OPEN - {"registered"}, "", "archive"),
    "note": Deed("case.note", forms.NoteForm, fields(cases.note, "text"), OPEN, "", "pencil"),
    "attach": Deed("case.attach", forms.AttachForm, fields(files.attach_on_page, "words"), OPEN, "d", "paperclip"),
    "chase": Deed(
        "case.chase",
        forms.ChaseForm,
        lambda a, n, c, f: together.chase(a, n, c, by_customer=f.by_customer.data, words=f.words.data),
        OPEN,
        "h",
        "chase",
    ),
    "assign": Deed(
        "case.assign",
        forms.AssignForm,
        lambda a, n, c, f: together.assign(a, n, c, person_id=f.person.data, reason=f.reason.data or ""),
        OPEN,
        "a",
        "user",
    ),
    "transfer": Deed("case.transfer", forms.TransferForm, _transfer, WORKING, "t", "transfer"),
    "pause": Deed(
        "case.pause",
        forms.PauseForm,
        _pause,
        frozenset(("in_work", "to_accept")),
        "",
        "pause",
        lambda c: not c.paused,
    ),
    "resume": Deed(
        "case.pause",
        forms.ResumeForm,
        fields(together.resume, "why"),
        frozenset(("waiting",)),
        "",
        "clock",
        lambda c: bool(c.paused),
    ),
    "extend": Deed(
        "case.extend",
        forms.ExtendForm,
        fields(together.extend, "due", "reason", "told"),
        frozenset(("in_work", "to_accept")),
        "",
        "clock",
        lambda c: bool(c.level),
    ),
    "plan": Deed(
        "case.plan",
        forms.PlanForm,
        fields(together.plan, "decision", "cycle", "words"),
        frozenset(("in_work", "to_accept")),
        "",
        "roster",
        lambda c: c.level == "P4",
    ),
    "complete": Deed(
        "case.complete",
        forms.CompleteForm,
        fields(completing.complete, "description", "demand", "happened", "overruled"),
        OPEN,
        "",
        "pencil",
        lambda c: bool(c.incomplete),
    ),
    "merge": Deed("case.merge", forms.MergeForm, _merge, OPEN, "", "link"),
    "void": Deed("case.void", forms.ReasonForm, fields(cases.void, "reason"), OPEN, "", "x"),
    "reopen": Deed(
        "case.reopen", forms.ReasonForm, fields(cases.reopen, "reason"), frozenset(("closed",)), "", "refresh"
    ),
}
FURTHER = (joint_deeds, solving, customer_deeds, team_deeds, matter_deeds, guard_deeds)
for more in FURTHER:
    DEEDS |= more.DEEDS
# what comes next, by state: the first of these that fits and may be done is the page's one primary button
NEXT = {
    "registered": ("judge", "complete"), "to_accept": ("claim", "judge", "complete"), "waiting": ("resume", "contact"),
    "in_work": ("result", "work", "contact", "complete"), "result_in_hand": ("tell",),
    "told": ("confirm", "rate", "close"), "planned": ("result",), "closed": (),
}  # fmt: skip

# what the pressing clock waits for comes before anything else
PRESSING = {"start_of_work": "work", "first_response": "contact", "lead_contact": "contact", "entry": "complete"}


def possible(actor: Actor, case: Case) -> list[str]:
    """The deeds that make sense in the case's state and that this person may do."""
    return [
        name
        for name, deed in DEEDS.items()
        if case.state in deed.states and deed.fits(case) and may(actor, deed.verb, case)
    ]


def next_deed(case: Case, names: list[str]) -> str:
    """What comes next; empty when it is somebody else's turn."""
    wanted = NEXT.get(case.state, ())
    if case.state == "in_work" and case.level == "P4" and "plan" in names:
        wanted = ("plan", *wanted)
    pressing = PRESSING.get(case.clock_kind, "")
    if pressing in wanted:
        wanted = (pressing, *wanted)
    return next((name for name in wanted if name in names), "")


def deed_by_name(name: str) -> Deed:
    """The deed of this name. Raises Missing."""
    if name not in DEEDS:
        raise Missing("not_found")
    return DEEDS[name]


def form_for(name: str, case: Case) -> Any:
    """The deed's form, its lists filled for this case and its first values set."""
    form = deed_by_name(name).form(prefix=f"{name}-")
    if "unit" in form:
        here = [u for u in people.departments() if name != "transfer" or u.id != case.unit_id]
        form.unit.choices = [(u.id, unit_name(u)) for u in here]
        if name == "judge":
            suggestions.offer(form, case, {u.code: u.id for u in here})
    for more in FURTHER:
        more.fill(form, case)
    if "person" in form:
        form.person.choices = people_here(case.unit_id)
    if name == "confirm" and case.rated:
        del form.overall
    for when in ("expected", "promised", "due"):
        if when in form:
            form[when].description = time_hint()
    _first_values(name, form, case)
    return form


def people_here(unit_id: int) -> list[tuple[int, str]]:
    """The people of a department for a select, those who are away marked with who gets the case instead."""
    away, names = absences.deputies(clock.now()), people.names()
    return [
        (p.id, _("%(name)s (away, %(deputy)s stands in)", name=p.name, deputy=names[away[p.id].person_id])
         if p.id in away else p.name)
        for p in people.members(unit_id)
    ]  # fmt: skip


def _first_values(name: str, form: Any, case: Case) -> None:
    if form.is_submitted():
        return
    form.seen.data = str(case.version)
    if name == "judge":
        form.level.data = case.level_now
    if name == "complete":
        form.description.data, form.demand.data, form.happened.data = (
            case.description,
            case.demand,
            case.happened,
        )
    if "means" in form:
        form.means.data = case.prefers if case.prefers else "phone"
    if name == "close":
        form.outcome.data = "confirmed" if case.confirmed_at else "withdrawn"
