"""Deeds that a file and a project share: documents, and what is due ticked, moved, dropped, taken back."""

from datetime import datetime
from typing import Any

from portal.corporate import actions, due_actions, forms
from portal.corporate.doing import Deed
from portal.identity.actor import Actor


def _document(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    actions.file_document(actor, now, owner, taken, topic=form.topic.data, title=form.title.data or "")


def _withdraw(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    actions.withdraw_document(actor, now, owner, int(form.n.data), reason=form.reason.data)


def _done(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    due_actions.finish(actor, now, owner, int(form.n.data), words=form.words.data or "", taken=taken)


def _move(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    due_actions.move(actor, now, owner, int(form.n.data), day=form.day.data, reason=form.reason.data)


def _drop(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    due_actions.drop(actor, now, owner, int(form.n.data), reason=form.reason.data)


def _reopen(actor: Actor, now: datetime, owner: Any, form: Any, taken: Any) -> None:
    due_actions.reopen(actor, now, owner, int(form.n.data), reason=form.reason.data)


DEEDS: dict[str, Deed] = {
    "document": Deed(forms.DocumentForm, _document, "dossier", "upload"),
    "document_gone": Deed(forms.ReasonForm, _withdraw, "dossier", "x", of="documents"),
    "done": Deed(forms.DoneForm, _done, "due", "check", of="dues"),
    "move": Deed(forms.MoveForm, _move, "due", "calendar-check", of="dues"),
    "drop": Deed(forms.ReasonForm, _drop, "due", "x", of="dues"),
    "reopen": Deed(forms.ReasonForm, _reopen, "due", "arrow-counterclockwise", of="dues"),
}
