"""Forms of the backup channel."""

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.backup.rules import MOST_SHEETS
from portal.kernel.forms import Form, LocalTime

NEEDED = InputRequired(_l("Fill this in."))


class BlockForm(Form):
    """How many new sheets for which department."""

    key = HiddenField()
    unit = SelectField(_l("Department"), [NEEDED])
    count = IntegerField(_l("How many sheets"), [NEEDED, NumberRange(1, MOST_SHEETS)], default=20)


class HandOutForm(Form):
    """For which incident a block is in use."""

    incident = SelectField(_l("Incident"), [NEEDED])


class CountForm(Form):
    """The first number of a block that was not used."""

    unused = StringField(_l("First unused number (empty: all were handed out)"), [Optional(), Length(max=20)])


class SettleForm(Form):
    """What became of one number."""

    serial = StringField(_l("Sheet number"), [NEEDED, Length(max=40)])
    state = RadioField(
        _l("What became of it"),
        [NEEDED],
        choices=[
            SelectChoice("void", _l("Void: spoilt, or lost for good")),
            SelectChoice("missing", _l("Missing")),
            SelectChoice("out", _l("Found, to be entered")),
        ],
    )
    words = StringField(_l("Reason"), [NEEDED, Length(max=400)])


class PaperForm(Form):
    """A sheet as it is entered: when it happened, when it was heard, by whom, and the four elements."""

    key = HiddenField()
    serial = StringField(_l("Sheet number"), [NEEDED, Length(max=40)])
    heard = LocalTime(_l("Heard at"), [NEEDED])
    heard_by = StringField(_l("Taken down by"), [NEEDED, Length(max=80)])
    contact = StringField(_l("Customer's telephone, number or address"), [Length(max=120)])
    customer_name = StringField(_l("Customer's name"), [Length(max=120)])
    occurred = StringField(_l("When it happened"), [Length(max=120)])
    description = TextAreaField(_l("Problem description"), [NEEDED, Length(max=8000)])
    demand = StringField(_l("Customer's demand"), [Length(max=1000)])
    lacking = BooleanField(_l("The sheet says no more: the case waits for completion"))


class CheckForm(Form):
    """Whether an entry says what the paper says."""

    result = RadioField(
        _l("Against the paper"),
        [NEEDED],
        choices=[
            SelectChoice("yes", _l("It says what the paper says")),
            SelectChoice("no", _l("It differs; to be corrected")),
        ],
    )
    words = StringField(_l("What differs"), [Optional(), Length(max=400)])


class HandInForm(Form):
    """A file of the offline form."""

    file = FileField(_l("File of the offline form"), [NEEDED])


class PhoneForm(Form):
    """Under which number somebody is reached in an emergency."""

    person = HiddenField(validators=[NEEDED])
    phone = StringField(_l("Emergency telephone"), [Optional(), Length(max=40)])
