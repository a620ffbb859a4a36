"""Forms of the incident room. What a form needs to know of the incident is given by deeds.py."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from portal.kernel.forms import Form, LocalTime

NEEDED = InputRequired(_l("Fill this in."))
SHORT_REASON = Length(max=400)
FOUND_OUT = InputRequired(_l("Write how it was found out, or why it does not apply."))
REASON = InputRequired(_l("Write why it ends all the same, or settle it first."))
NEWS_NEEDED = _l("Needed unless the text says that service is back.")
LONG, SHORT = Length(max=4000), Length(max=120)
EXTENTS = [
    SelectChoice("part", _l("Part of the customers")),
    SelectChoice("many", _l("Many customers")),
    SelectChoice("mass", _l("Customers on a mass scale")),
]

ATTENTION = [
    SelectChoice("none", _l("None yet")),
    SelectChoice("asked", _l("Customers ask or complain in public")),
    SelectChoice("media", _l("Media or the regulator take it up")),
]


class Deed(Form):
    """A form sent from the board; `seen` is the version of the incident it was opened on."""

    seen = HiddenField()
    preview: Sequence[tuple[str, str]] = ()  # facts to be read before it is sent: yes, no or look; the sentence
    templates: Sequence[tuple[str, str]] = ()  # texts to begin with: address, name

    def shown(self) -> list[Field]:
        """The fields people fill in, in order."""
        return [f for f in self if f.name not in ("seen", "csrf_token", "key")]

    def offer(self, **choices: list[tuple[str, Any]]) -> None:
        """Fills the lists of the selects: (value, words)."""
        for name, options in choices.items():
            getattr(self, name).choices = [SelectChoice(value, words) for value, words in options]


class ReportForm(Deed):
    """Anyone's report: what, when, where, how far, first idea of the cause."""

    key = HiddenField()
    title = StringField(_l("What has happened"), [NEEDED, SHORT])
    kind = SelectField(_l("Class"), [Optional()])
    extent = RadioField(_l("How far it reaches"), [NEEDED], choices=EXTENTS, default="part")
    occurred = LocalTime(_l("When it began"), [NEEDED])
    place = StringField(_l("Place"), [Optional(), Length(max=200)])
    scope = TextAreaField(_l("What is affected"), [Optional(), LONG])
    affected = IntegerField(_l("Affected customers (estimate)"), [Optional(), NumberRange(0, 100_000_000)])
    core = BooleanField(_l("The core service is down: customers cannot use it at all"))
    hours = IntegerField(_l("How many hours it will probably last"), [Optional(), NumberRange(0, 720)])
    attention = RadioField(
        _l("Public attention"), [Optional()], choices=ATTENTION, default="none", validate_choice=False
    )
    cause = TextAreaField(_l("First idea of the cause"), [Optional(), LONG])
    cases = SelectMultipleField(_l("Cases that are linked with the report"), validate_choice=False)
    exercise = BooleanField(_l("This is an exercise"))


class DeclareForm(Deed):
    """Class, grade and the people who lead."""

    kind = SelectField(_l("Class"), [NEEDED])
    grade = RadioField(_l("Grade"), [NEEDED])
    reason = StringField(_l("Reason (needed when you differ from the proposal)"), [Optional(), Length(max=400)])
    commander = SelectField(_l("Commander"), [NEEDED])
    service = SelectField(_l("Service response lead"), [Optional()])
    technical = SelectField(_l("Technical support lead"), [Optional()])
    logistics = SelectField(_l("Logistics"), [Optional()])


class DismissForm(Deed):
    """Why this is no emergency."""

    reason = TextAreaField(_l("Why no plan is needed"), [NEEDED, LONG])


class GradeForm(Deed):
    """Another grade, with its reason."""

    grade = RadioField(_l("Grade"), [NEEDED])
    reason = StringField(_l("Reason"), [NEEDED, Length(max=400)])


class RoleForm(Deed):
    """Who takes which role."""

    role = SelectField(_l("Role"), [NEEDED])
    person = SelectField(_l("Who takes it"), [NEEDED])
    handover = TextAreaField(_l("Hand-over: what is known, what is open, what was promised"), [Optional(), LONG])


class AcknowledgeForm(Deed):
    """One's own role."""

    role = SelectField(_l("Role"), [NEEDED])


class TaskForm(Deed):
    """What is to be done, by whom, until when."""

    title = StringField(_l("Task"), [NEEDED, Length(max=200)])
    kind = RadioField(_l("Kind"), [NEEDED])
    role = SelectField(_l("Group"), [NEEDED])
    owner = SelectField(_l("Owner"), [NEEDED])
    due = LocalTime(_l("Due"), [NEEDED])


class DoneForm(Deed):
    """Which task is done and what proves it."""

    task = SelectField(_l("Task"), [NEEDED])
    evidence = TextAreaField(_l("What was done, and what proves it"), [NEEDED, LONG])


class EntryForm(Deed):
    """A decision or a piece of information."""

    kind = RadioField(_l("Kind"), [NEEDED])
    text = TextAreaField(_l("What was decided or learned"), [NEEDED, LONG])
    reason = StringField(_l("Why (needed for a decision)"), [Optional(), Length(max=400)])
    options = StringField(_l("Options considered (for a decision)"), [Optional(), Length(max=400)])


class CorrectForm(Deed):
    """The right words for an earlier entry."""

    n = SelectField(_l("Timeline entry"), [NEEDED])
    text = TextAreaField(_l("What is right"), [NEEDED, LONG])


class SituationForm(Deed):
    """What is known, and the promise of the next report, or that none follows."""

    text = TextAreaField(_l("Situation: what is known, what is being done"), [NEEDED, LONG])
    next_report = LocalTime(_l("Next report by"), [Optional()])
    last = BooleanField(_l("The last report: no more follow (at the lowest grade only)"))


class PutOffForm(Deed):
    """Until when the next report is put off, and why."""

    until = LocalTime(_l("Next report by"), [NEEDED])
    reason = StringField(_l("Reason"), [NEEDED, Length(max=400)])


class AffectedForm(Deed):
    """How many customers, and how we know."""

    count = IntegerField(_l("Affected customers (estimate)"), [NEEDED, NumberRange(0, 100_000_000)])
    basis = StringField(_l("What the figure rests on"), [NEEDED, Length(max=400)])


class MoveForm(Deed):
    """Which task, and who does it from now on."""

    task = SelectField(_l("Task"), [NEEDED])
    owner = SelectField(_l("New owner"), [NEEDED])


class LinkForm(Deed):
    """Cases to tick among those that resemble the incident, and numbers typed by hand."""

    cases = SelectMultipleField(_l("Open cases that may belong to it"), validate_choice=False)
    older = ""  # address of the form that offers older cases too
    numbers = TextAreaField(_l("Other case numbers (blanks, commas or lines between them)"), [Optional(), LONG])
    alike = BooleanField(_l("Link all that resemble it"))
    since = LocalTime(_l("Received since"), [Optional()])

    def validate_alike(self, field: BooleanField) -> None:
        """All that resemble it are those since an instant."""
        if field.data and not self.since.data:
            raise ValidationError(str(_l("Say since when.")))

    @property
    def from_when(self) -> datetime | None:
        """Since when all that resemble it are linked too; None for those ticked and typed alone."""
        return self.since.data if self.alike.data else None

    @property
    def chosen(self) -> list[str]:
        """All numbers, ticked and typed."""
        ticked = self.cases.data if self.cases else None
        return [*(ticked or []), *re.split(r"[\s,，;；、]+", self.numbers.data or "")]


class ForceMajeureForm(Deed):
    """Which linked cases, and why their clocks stop."""

    cases = SelectMultipleField(_l("Cases whose clocks stop"), validate_choice=False)
    reason = TextAreaField(_l("Reason (kept with every case)"), [NEEDED, LONG])


class UnlinkForm(Deed):
    """Which case, and why it does not belong here."""

    number = SelectField(_l("Case"), [NEEDED])
    reason = StringField(_l("Reason"), [NEEDED, Length(max=400)])


class CriterionForm(Deed):
    """Which condition is met, or set aside."""

    code = SelectField(_l("Condition"), [NEEDED])
    how = TextAreaField(_l("How it was found out"), [NEEDED, LONG])
    waived = BooleanField(_l("Does not apply here (commander only; write the reason above)"))


class ProposeEndForm(Deed):
    """Why it is over."""

    reason = TextAreaField(_l("Why it can be ended"), [NEEDED, LONG])


class EndForm(Deed):
    """The written statement of the end; a reason for each fact that stands against it (doubts.CODES)."""

    against: Mapping[str, str] = MappingProxyType({})
    conditions: Sequence[tuple[str, Field, Field]] = ()  # code, how it was found out, whether it does not apply
    statement = TextAreaField(_l("Statement: what happened, what was done, what goes on"), [NEEDED, LONG])
    why_tasks = StringField("", [SHORT_REASON])
    why_cases = StringField("", [SHORT_REASON])
    why_milestones = StringField("", [SHORT_REASON])
    why_roles = StringField("", [SHORT_REASON])
    why_review = StringField("", [SHORT_REASON])
    why_too_soon = StringField("", [SHORT_REASON])
    why_not_told = StringField("", [SHORT_REASON])
    why_serials = StringField("", [SHORT_REASON])

    def settle(self, left: Mapping[str, str]) -> None:
        """Two fields for each open condition (code, words): how it was found out, and that it does not apply."""
        self.conditions = []
        sent = request.form if self.is_submitted() else None
        for code, words in left.items():
            name = code.replace(".", "_")
            made: list[Field] = []
            for field in (StringField(words, [FOUND_OUT, SHORT_REASON]), BooleanField(_l("Does not apply here"))):
                made.append(field.bind(self, f"{'off' if made else 'how'}_{name}"))
                made[-1].process(sent)
                self._fields[made[-1].name] = made[-1]
            self.conditions.append((code, made[0], made[1]))

    def shown(self) -> list[Field]:
        """Statement and reasons; conditions stand before them."""
        apart = {field.name for _code, how, off in self.conditions for field in (how, off)}
        return [field for field in super().shown() if field.name not in apart]

    def ask(self, standing: Mapping[str, str]) -> None:
        """Keeps a field for each fact that stands, under its sentence; it must be filled in."""
        for field in [f for f in self if f.name.startswith("why_")]:
            words = standing.get(field.name.removeprefix("why_"))
            if words is None:
                delattr(self, field.name)
            else:
                field.label.text, field.validators = words, [REASON, SHORT_REASON]
                field.description = _l("Why it ends all the same; else settle it first.")

    @property
    def why(self) -> dict[str, str]:
        """The reasons given, by code."""
        return {f.name.removeprefix("why_"): f.data or "" for f in self if f.name.startswith("why_")}
