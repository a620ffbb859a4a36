"""Drafts of the forms with which something is done to a case: what is kept, and the form as its author left it."""

from datetime import datetime
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from portal.cases.models import Case
from portal.identity.actor import Actor
from portal.intake import drafts

NOT_KEPT = ("HiddenField", "CSRFTokenField", "MultipleFileField", "PasswordField")


def typed(form: Any) -> dict[str, list[str]]:
    """What stands in the form's fields, by name; files and tokens are no text."""
    names = [field.name for field in form if field.type not in NOT_KEPT]
    return {name: request.form.getlist(name) for name in names if name in request.form}


def left(actor: Actor, case: Case, deed: str, form: Any) -> datetime | None:
    """Fills the form with what its author left and says when that was; None where there is no draft."""
    found = None if request.args else drafts.draft(actor, drafts.form_of(case, deed))
    if found is None:
        return None
    form.process(MultiDict([(name, text) for name, texts in found.fields.items() for text in texts]))
    form.seen.data, form.seen.raw_data = str(case.version), None
    return found.at
