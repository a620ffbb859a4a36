"""Forms around the end of an incident."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from portal.incidents.forms import LONG, NEEDED, Deed, LocalTime


class MilestoneForm(Deed):
    """Which milestone, when it really was, and how one knows."""

    code = SelectField(_l("Milestone"), [NEEDED])
    moment = LocalTime(_l("When it was"), [NEEDED])
    basis = StringField(_l("How it is known"), [NEEDED, Length(max=400)])


class ReviewerForm(Deed):
    """Who writes the review."""

    person = SelectField(_l("Who writes the review"), [NEEDED])


class BackForm(Deed):
    """Which department is back to normal."""

    unit = SelectField(_l("Department"), [NEEDED])
    note = StringField(_l("Remark"), [Optional(), Length(max=400)])


class ReopenForm(Deed):
    """Why it is not over."""

    reason = TextAreaField(_l("Why it goes on"), [NEEDED, LONG])
