"""Deeds about the matter of a case: linking, splitting, correcting, endings others agree to, words after the end."""

from datetime import datetime
from typing import Any

from flask import request

from portal.cases import ending, queries
from portal.cases.correcting import CODED
from portal.cases.models import Case
from portal.cases.rules import LEVELS
from portal.collaboration import corrections, endings, matters
from portal.desk import matter_forms as forms
from portal.desk.deed import OPEN, Deed, fields
from portal.identity.actor import Actor
from portal.intake.forms import time_hint
from portal.kernel.i18n import term

CLOSED = frozenset(("closed",))


def _relate(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    other = queries.case_by_no(actor, form.other.data)
    matters.relate(actor, now, case, other, kind=form.kind.data, words=form.words.data or "")


def _split(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    matters.split(
        actor, now, case, description=form.description.data, demand=form.demand.data, level=form.level.data,
        received=getattr(form.received, "instant", None), request_type=form.request_type.data,
    )  # fmt: skip


def _follow(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    matters.follow_up(actor, now, case, description=form.description.data, demand=form.demand.data)


def _triage(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    matters.triage(actor, now, case, choice=form.choice.data, words=form.words.data or "")


def _correct(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    field = form.what.data
    corrections.correct(
        actor, now, case, field=field, new=form[field].data if field in CODED else form.value.data or "",
        received=getattr(form.received, "instant", None), reason=form.reason.data, name=form.name_now.data or "",
    )  # fmt: skip


def _decide(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    approved = form.decision.data == "approve"
    corrections.decide_correction(actor, now, case, approved=approved, words=form.words.data or "")


def _agree(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    endings.agree_end(actor, now, case, agreed=form.decision.data == "approve", words=form.words.data or "")


def _can_ask(case: Case) -> bool:
    return not case.ending and (case.round > 2 or case.level_now in ending.SUPERVISED)


DEEDS: dict[str, Deed] = {
    "relate": Deed("case.relate", forms.RelateForm, _relate, OPEN | CLOSED, "", "link"),
    "split": Deed("case.split", forms.SplitForm, _split, OPEN, "", "transfer"),
    "follow_up": Deed("case.split", forms.FollowForm, _follow, CLOSED),
    "message": Deed("case.message", forms.MessageForm, fields(matters.message, "means", "words"), CLOSED, "", "phone"),
    "triage": Deed(
        "case.triage", forms.TriageForm, _triage, CLOSED, "", "inbox", lambda c: bool(c.messages)
    ),
    "correct": Deed(
        "case.correct", forms.CorrectForm, _correct, OPEN | CLOSED, "", "pencil", lambda c: not c.correction
    ),
    "correct_decide": Deed(
        "case.correct_decide", forms.DecideForm, _decide, OPEN | CLOSED, "", "check", lambda c: bool(c.correction)
    ),
    "ask_end": Deed(
        "case.close", forms.AskEndForm, fields(endings.ask_end, "outcome", "reason"), OPEN, "", "archive", _can_ask
    ),
    "agree_end": Deed(
        "case.agree_end", forms.DecideForm, _agree, OPEN, "", "check", lambda c: bool(c.ending)
    ),
}  # fmt: skip


def fill(form: Any, case: Case) -> None:
    """Choices and first values that depend on the case."""
    if "received" in form:
        form.received.description = time_hint()
    if isinstance(form, forms.SplitForm):
        form.level.choices = [(code, f"{code} {term('level.' + code)}") for code in LEVELS]
        if not form.is_submitted():
            form.level.data, form.request_type.data = case.level_now, case.request_type
    if isinstance(form, forms.TriageForm) and not form.is_submitted():
        form.choice.data = request.args.get("choice", "")
    if isinstance(form, forms.FollowForm) and not form.is_submitted():
        form.demand.data = case.demand
    if isinstance(form, forms.CorrectForm) and not form.is_submitted():
        for name in CODED:
            form[name].data = getattr(case, name)
    _known_cause(form, case)


def _known_cause(form: Any, case: Case) -> None:
    """The cause as it was written, to be corrected at closing."""
    if "cause_category" in form and "outcome" in form:
        if not case.cause:
            del form.cause_category, form.cause
        elif not form.is_submitted():
            form.cause_category.data, form.cause.data = case.cause_category, case.cause
