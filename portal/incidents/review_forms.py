"""Forms of the review and of measures."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from portal.incidents.forms import LONG, NEEDED, Deed, LocalTime


class ReviewForm(Deed):
    """The review; figures and milestones are filled in from the incident."""

    cause = TextAreaField(_l("Cause"), [Optional(), LONG])
    losses = TextAreaField(_l("Losses: customers, time, money"), [Optional(), LONG])
    worked = TextAreaField(_l("What worked"), [Optional(), LONG])
    lessons = TextAreaField(_l("Lessons"), [Optional(), LONG])
    entries = SelectMultipleField(_l("Entries that tell the story"), validate_choice=False)
    finished = BooleanField(_l("Finished; it is not changed after this"))


class MeasureForm(Deed):
    """What is to be improved."""

    text = StringField(_l("Measure"), [NEEDED, Length(max=400)])
    owner = SelectField(_l("Owner"), [NEEDED])
    due = LocalTime(_l("Due"), [NEEDED])
    retest = LocalTime(_l("Tested again on"), [NEEDED])


class MeasureDoneForm(Deed):
    """Which measure, and what proves it."""

    measure = SelectField(_l("Measure"), [NEEDED])
    evidence = TextAreaField(_l("What was done, and what proves it"), [NEEDED, LONG])


class VerifyForm(Deed):
    """Which measure, and what was found."""

    measure = SelectField(_l("Measure"), [NEEDED])
    result = RadioField(
        _l("Result"),
        [NEEDED],
        choices=[SelectChoice("yes", _l("The proof holds")), SelectChoice("no", _l("To be done again"))],
    )
    words = TextAreaField(_l("What was looked at and found"), [NEEDED, LONG])


class RetestForm(VerifyForm):
    """Which measure, and whether it held."""

    result = RadioField(
        _l("Result"), [NEEDED], choices=[SelectChoice("yes", _l("It held")), SelectChoice("no", _l("To be done again"))]
    )
