"""Forms of the pages of proposals."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from portal.cases.rules import CATEGORIES, LEVELS
from portal.directory import lists
from portal.kernel.errors import Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence, term
from portal.proposals.documents import sign
from portal.proposals.rules import FIELDS


class WhyForm(Form):
    """A deed that needs its reason."""

    why = StringField(_l("Why"))


class TrialForm(Form):
    """A text to be tried."""

    text = TextAreaField(_l("Text of a request"))


class RuleForm(Form):
    """One rule as people write it."""

    words = TextAreaField(_l("Words or phrases"))
    unless = TextAreaField(_l("Unless one of these occurs"))
    request_type = SelectField(_l("Request type"), validate_choice=False)
    category = SelectField(_l("Problem category"), validate_choice=False)
    level = SelectField(_l("Level"), validate_choice=False)
    department = SelectField(_l("Department"), validate_choice=False)
    weight = StringField(_l("Weight"), default="5")
    note = StringField(_l("Note"))
    seen = HiddenField()

    def offer(self, units: Mapping[str, str]) -> None:
        """Fills the lists; the first entry proposes nothing."""
        nothing = ("", _("says nothing"))
        self.request_type.choices = [nothing, *lists.choices("type", self.request_type.data or "")]
        self.category.choices = [nothing, *((code, term(f"category.{code}")) for code in CATEGORIES)]
        self.level.choices = [nothing, *((code, f"{code} {term(f'level.{code}')}") for code in LEVELS)]
        self.department.choices = [("", _("that of the type")), *units.items()]

    def put(self, row: Mapping[str, Any]) -> None:
        """Shows a row as it is."""
        self.words.data, self.unless.data = "\n".join(row["words"]), "\n".join(row.get("unless", ()))
        for name in FIELDS:
            self[name].data = row.get(name, "")
        self.weight.data, self.note.data, self.seen.data = str(row["weight"]), row.get("note", ""), sign(row)

    def typed(self) -> dict[str, Any]:
        """What was typed, for documents.written."""
        return {
            "words": self.words.data or "", "unless": self.unless.data or "",
            "gives": {name: self[name].data or "" for name in FIELDS},
            "weight": (self.weight.data or "").strip(), "note": self.note.data or "",
        }  # fmt: skip


def show(form: Any, refused: Refused) -> None:
    """Puts a refusal at the field it is about."""
    field = refused.facts.get("field", "")
    target = form[field] if field in form else next(iter(form))
    target.errors = [*target.errors, sentence(refused)]
