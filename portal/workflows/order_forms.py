"""Forms of orders: what a step asks for comes from its definition, the rest is fixed."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from portal.kernel.errors import Refused
from portal.kernel.forms import Form, LocalTime
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import locale, sentence
from portal.workflows.definition import Choice, Evidence, Name

FILES = ("MultipleFileField",)
GIVEN = "e_"  # before the names of fields that a definition asks for
Options = list[tuple[str, str]]


def called(name: Name | None) -> str:
    """A definition's text in the reader's language."""
    return "" if name is None else name.en if locale() == "en" else name.zh


def options(choices: Iterable[Choice], empty: str | None = None) -> Options:
    """Choices of a definition for a select or for radio buttons."""
    found = [(one.code, called(one.name)) for one in choices]
    return found if empty is None else [("", empty), *found]


class StepForm(Form):
    """What every form about an order carries: `key` keeps a second post from doing it twice."""

    key = HiddenField()

    @property
    def shown(self) -> list[Field]:
        """The fields people fill in, in order."""
        return [f for f in self if f.name.removeprefix(self._prefix) not in ("key", "csrf_token")]

    def given(self) -> dict[str, Any]:
        """What was typed for the definition's own fields, by their codes."""
        skip = len(self._prefix + GIVEN)
        return {
            f.name[skip:]: f.data
            for f in self
            if f.name.startswith(self._prefix + GIVEN) and f.type != "MultipleFileField"
        }

    def at(self, name: str) -> Any:
        """The field a refusal names; None where it names none of this form."""
        return self._fields.get(name) or self._fields.get(GIVEN + name)


def say_at(form: StepForm, refused: Refused, field: Any = None) -> None:
    """Says a refusal at the field it is about, else above the form."""
    place = field if field is not None else form.at(refused.facts.get("field", ""))
    if place is None:
        form.form_errors = [*form.form_errors, sentence(refused)]
    else:
        place.errors = [*place.errors, sentence(refused)]


def evidence_field(one: Evidence) -> Any:
    """The field for one thing that a step or a flow asks for; None for reservations, which have a form of their own."""
    label = called(one.name)
    match one.kind:
        case "reservation":
            return None
        case "document":
            return MultipleFileField(label)
        case "check":
            return BooleanField(label)
        case "choice":
            return SelectField(label, validate_choice=False)
        case "date":
            return StringField(label, render_kw={"type": "date"})
        case "number":
            return StringField(label, render_kw={"inputmode": "decimal"})
    return StringField(label)


def asking(base: type[StepForm], wanted: Iterable[Evidence], prefix: str = "") -> Any:
    """A form of this kind with a field for everything that is asked for."""
    fields = {GIVEN + one.code: evidence_field(one) for one in wanted}
    made = type(base.__name__, (base,), {name: field for name, field in fields.items() if field is not None})
    form = made(prefix=prefix)
    for one in wanted:
        field = form._fields.get(GIVEN + one.code)
        if field is None:
            continue
        if one.kind == "choice":
            field.choices = options([c for c in one.choices if not c.closed], _("Choose"))
        field.flags.required = one.required
    return form


class CompleteForm(StepForm):
    """A step's evidence; the department that goes on, where that is to be chosen."""

    chosen = SelectField(_l("Department that goes on"), validate_choice=False)


class DecideForm(StepForm):
    """One of the ways out, and why."""

    outcome = RadioField(_l("Decision"), validate_choice=False)
    words = TextAreaField(_l("Reason"), [Length(max=4000)])
    chosen = SelectField(_l("Department that goes on"), validate_choice=False)


class ReturnForm(StepForm):
    """Back to which step, why, and what is wrong."""

    way = SelectField(_l("Back to, because"), validate_choice=False)
    note = TextAreaField(_l("What is wrong"), [Length(max=4000)])


class SendForm(StepForm):
    """Sheets: to which departments, to which party outside, what is asked."""

    units = SelectMultipleField(_l("Departments"), validate_choice=False)
    party = StringField(_l("Party outside the portal"), [Length(max=120)])
    contact = StringField(_l("Whom we call there"), [Length(max=120)])
    words = TextAreaField(_l("What is asked"), [Length(max=4000)])


class AnswerForm(StepForm):
    """What a unit feeds back."""

    answer = TextAreaField(_l("Feedback"), [Length(max=4000)])
    outside_no = StringField(_l("The outside system's number"), [Length(max=60)])


class WordsForm(StepForm):
    """A few words."""

    reason = TextAreaField(_l("Reason"), [Length(max=4000)])


class ChaseForm(StepForm):
    """A few words that may stay away."""

    words = StringField(_l("What you ask"), [Length(max=500)])


class AssignForm(StepForm):
    """A person of the department."""

    person = SelectField(_l("Person"), validate_choice=False)


class HandOverForm(StepForm):
    """Another department, with the reason."""

    unit = SelectField(_l("Department"), validate_choice=False)
    reason = TextAreaField(_l("Reason"), [Length(max=4000)])


class PartyForm(StepForm):
    """Who outside does the step."""

    party = StringField(_l("Party outside the portal"), [Length(max=120)])
    contact = StringField(_l("Whom we call there"), [Length(max=120)])
    outside_no = StringField(_l("Their number"), [Length(max=60)])


class ReserveForm(StepForm):
    """What is reserved, and until when."""

    what = StringField(_l("What is reserved"), [Length(max=300)])
    until = LocalTime(_l("Reserved until"))


class ProlongForm(StepForm):
    """A later end, with the reason."""

    until = LocalTime(_l("Reserved until"))
    reason = StringField(_l("Reason"), [Length(max=300)])


class PauseForm(StepForm):
    """Whom we asked and for what, and until when at most."""

    words = TextAreaField(_l("Who was asked, and for what"), [Length(max=4000)])
    until = LocalTime(_l("Until"))


class ResumeForm(StepForm):
    """What the customer said."""

    words = TextAreaField(_l("What the customer said"), [Length(max=4000)])


class NothingForm(StepForm):
    """Nothing to fill in."""


class RaiseForm(StepForm):
    """A new order: for whom, by which department; the flow's own fields are added."""

    flow = HiddenField()
    title = StringField(_l("Subject of the order"), [Length(max=200)])
    customer = StringField(_l("Customer"), [Length(max=120)])
    customer_class = SelectField(_l("Service class"), validate_choice=False)
    class_reason = StringField(
        _l("Why otherwise than the customer's file"), [Length(max=300)], description=_l("Needed only where it differs.")
    )
    unit = SelectField(_l("Department that raises it"), validate_choice=False)
    customer_unit = SelectField(_l("Department that serves the customer"), validate_choice=False)
