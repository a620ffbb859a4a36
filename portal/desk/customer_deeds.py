"""What is done on a case about who its customer is: checking the identity, and disclosing data after it."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from portal.cases import customer_actions
from portal.cases.models import Case
from portal.desk.case_forms import NEEDED, DeedForm, means_field, words_field
from portal.desk.deed import OPEN, Deed, fields
from portal.directory import lists
from portal.directory.list_rules import FACTS
from portal.identity.actor import Actor
from portal.intake.forms import choices
from portal.kernel.i18n import gettext as _


class VerifyForm(DeedForm):
    """Which facts were asked, and which answers were right."""

    right = SelectMultipleField(_l("Asked, and the answer was right"))
    wrong = SelectMultipleField(_l("Asked, and the answer was wrong"))
    words = TextAreaField(_l("Remark"), [Length(max=400)])


class DiscloseForm(DeedForm):
    """What data is told, and to whom."""

    what = words_field(_l("What data was disclosed"), 1000)
    to = StringField(_l("To whom"), [NEEDED, Length(max=120)])
    means = means_field()


def _verify(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    customer_actions.check_identity(
        actor, now, case, right=form.right.data or (), wrong=form.wrong.data or (), words=form.words.data or ""
    )  # fmt: skip


DEEDS: dict[str, Deed] = {
    "verify": Deed("case.verify", VerifyForm, _verify, OPEN, "", "check"),
    "disclose": Deed(
        "case.disclose", DiscloseForm, fields(customer_actions.disclose, "what", "to", "means"), OPEN, "", "send"
    ),
}  # fmt: skip


def fill(form: Any, case: Case) -> None:
    """The facts that this request type may ask for, and how many must be right."""
    if isinstance(form, VerifyForm):
        asked = lists.item("type", case.request_type)
        form.right.choices = form.wrong.choices = choices("fact", asked.verify or FACTS)
        if asked.least:
            form.right.description = _("At least %(n)s for this type of request.", n=asked.least)
    if isinstance(form, DiscloseForm) and not form.is_submitted():
        form.to.data = case.caller or case.customer_name
