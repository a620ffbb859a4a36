"""Forms of drills: planning one, dropping one, and the deeds that only a drill has."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from portal.incidents.forms import EXTENTS, LONG, NEEDED, SHORT, Deed, LocalTime

MINUTES, PER_CENT = NumberRange(1, 1440), NumberRange(0, 100)


class DrillForm(Deed):
    """A drill to be held: scenario, time, goals, injects."""

    key = HiddenField()
    kind = SelectField(_l("Class"), [NEEDED])
    title = StringField(_l("What is practised"), [NEEDED, SHORT])
    planned = LocalTime(_l("Held on"), [NEEDED])
    owner = SelectField(_l("Drill leader"), [NEEDED])
    extent = RadioField(_l("How far it reaches"), [NEEDED], choices=EXTENTS)
    place = StringField(_l("Place"), [NEEDED, Length(max=200)])
    scenario = TextAreaField(_l("Scenario: what is reported at the beginning"), [NEEDED, LONG])
    injects = TextAreaField(_l("Injects: one a line, minutes after the beginning and words"), [Optional(), LONG])
    declare = IntegerField(_l("Declared within (minutes)"), [NEEDED, MINUTES])
    staff = IntegerField(_l("Everybody in place within (minutes)"), [NEEDED, MINUTES])
    report = IntegerField(_l("First situation report within (minutes)"), [NEEDED, MINUTES])
    tasks = IntegerField(_l("Tasks done on time (per cent)"), [NEEDED, PER_CENT])
    handover = IntegerField(_l("Command handed over within (minutes)"), [NEEDED, MINUTES])
    findings = IntegerField(_l("Earlier findings tested again (per cent)"), [NEEDED, PER_CENT])


class DropForm(Deed):
    """Why a planned drill is not held."""

    reason = StringField(_l("Why it is not held"), [NEEDED, Length(max=400)])


class ObserveForm(Deed):
    """What was seen of one objective."""

    objective = SelectField(_l("Objective"), [NEEDED])
    rating = RadioField(_l("How it went"), [NEEDED])
    words = TextAreaField(_l("What was seen"), [NEEDED, LONG])


class RecheckForm(Deed):
    """Which earlier finding, and whether it held in this drill."""

    measure = SelectField(_l("Finding of an earlier incident or drill"), [NEEDED])
    result: Any = RadioField(
        _l("Result"), [NEEDED], choices=[SelectChoice("yes", _l("It held")), SelectChoice("no", _l("To be done again"))]
    )
    words = TextAreaField(_l("What was looked at and found"), [NEEDED, LONG])
