"""What departments do with one case together: returning, escalating, deciding extensions, disputing its level."""

from datetime import datetime
from typing import Any

from portal.cases.models import Case
from portal.cases.rules import LEVELS
from portal.collaboration import disputes, handing
from portal.collaboration.rules import TIERS
from portal.desk import joint_forms as forms
from portal.desk.case_view import units
from portal.desk.deed import OPEN, WORKING, Deed, fields
from portal.identity.actor import Actor
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term

DISPUTABLE = OPEN - {"registered", "told", "planned"}


def _decide(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    approved = form.decision.data == "approve"
    handing.decide_extension(actor, now, case, approved=approved, words=form.words.data or "")


def _vote(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    if form.level.data == "absent":
        disputes.stay_away(actor, now, case, words=form.words.data or "")
    else:
        disputes.vote(actor, now, case, level=form.level.data, words=form.words.data or "")


def _absence(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    disputes.note_absence(actor, now, case, unit_id=form.department.data, words=form.words.data or "")


DEEDS: dict[str, Deed] = {
    "return": Deed(
        "case.return", forms.ReturnForm, fields(handing.give_back, "code", "words"), WORKING, "", "transfer",
        lambda c: c.handed_by is not None,
    ),
    "escalate": Deed(
        "case.escalate", forms.EscalateForm, fields(handing.escalate, "reason"),
        frozenset(("in_work", "to_accept")), "", "flag", lambda c: c.tier < TIERS and bool(c.level),
    ),
    "approve": Deed(
        "case.approve", forms.ExtensionForm, _decide, OPEN, "", "check", lambda c: bool(c.extension)
    ),
    "dispute": Deed(
        "case.dispute", forms.DisputeForm, fields(disputes.dispute, "level", "why"), DISPUTABLE, "", "flag",
        lambda c: bool(c.level) and not c.dispute,
    ),
    "vote": Deed("case.vote", forms.VoteForm, _vote, OPEN, "", "people", lambda c: bool(c.dispute)),
    "absence": Deed(
        "case.judge", forms.AbsenceForm, _absence, OPEN, "", "people", lambda c: bool(silent(c))
    ),
    "settle": Deed(
        "case.judge", forms.SettleForm, fields(disputes.settle, "level", "reason"), OPEN, "", "check",
        lambda c: bool(c.dispute),
    ),
}  # fmt: skip


def silent(case: Case) -> list[int]:
    """Departments concerned that have not said anything in the running consultation, by id."""
    if not case.dispute:
        return []
    heard = {v["unit_id"] for v in case.dispute["votes"]}
    return sorted(case.unit_ids - heard)


def fill(form: Any, case: Case) -> None:
    """The levels these forms offer: not the present one where it is disputed, absence where one votes."""
    if isinstance(form, forms.DisputeForm):
        form.level.choices = [(code, _worded(code)) for code in LEVELS if code != case.level]
    elif isinstance(form, forms.VoteForm):
        form.level.choices = [*((code, _worded(code)) for code in LEVELS), ("absent", _("Absent"))]
    elif isinstance(form, forms.AbsenceForm):
        names = units()
        form.department.choices = [(number, names.get(number, "")) for number in silent(case)]
    elif isinstance(form, forms.SettleForm):
        form.level.choices = [(code, _worded(code)) for code in LEVELS]


def _worded(code: str) -> str:
    return f"{code} {term('level.' + code)}"
