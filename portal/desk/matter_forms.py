"""The forms of linking, splitting, correcting, ending and sorting."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length
from wtforms.validators import Optional as MayBeEmpty

from portal.cases.correcting import CODED, FIELDS
from portal.cases.ending import ASKED
from portal.cases.rules import CATEGORIES, CHANNELS
from portal.collaboration.matters import CHOICES, RELATIONS
from portal.desk.case_forms import CHOOSE, NEEDED, DeedForm, means_field, words_field
from portal.directory import lists
from portal.intake.forms import choices, readable_time
from portal.kernel.forms import RadioField, SelectField


class RelateForm(DeedForm):
    """Another case and what binds the two."""

    other = StringField(_l("Number of the other case"), [NEEDED, Length(max=20)])
    kind = SelectField(_l("What binds them"), choices=lambda: choices("relation", tuple(RELATIONS)))
    words = TextAreaField(_l("Remarks"), [Length(max=2000)])


class FollowForm(DeedForm):
    """A new case about a matter that has come back."""

    description = words_field(_l("Problem description"), 8000)
    demand = StringField(_l("Customer's demand"), [NEEDED, Length(max=1000)])


class SplitForm(DeedForm):
    """The second request inside a case."""

    description = words_field(_l("The second request"), 8000)
    demand = StringField(_l("Customer's demand"), [NEEDED, Length(max=1000)])
    received = StringField(_l("When it was really received"), [MayBeEmpty(), Length(max=30), readable_time])
    request_type = SelectField(_l("Request type"), choices=lambda: lists.choices("type"))
    level = SelectField(_l("Proposed level"))


class MessageForm(DeedForm):
    """What the customer says after the end."""

    means = means_field()
    words = words_field(_l("In the customer's words"))


class TriageForm(DeedForm):
    """What it is."""

    choice = RadioField(_l("What is it?"), [CHOOSE], choices=lambda: choices("triage", CHOICES))
    words = TextAreaField(_l("Remarks"), [Length(max=2000)])


class CorrectForm(DeedForm):
    """What is wrong, and how it really is."""

    what = SelectField(_l("What is to be corrected"), choices=lambda: choices("correct", FIELDS))
    value = StringField(_l("How it really is: contact or order number"), [Length(max=120)])
    name_now = StringField(_l("Customer's name"), [Length(max=120)])
    received = StringField(_l("When it was really received"), [MayBeEmpty(), Length(max=30), readable_time])
    channel = SelectField(_l("Channel"), choices=lambda: choices("channel", CHANNELS))
    request_type = SelectField(_l("Request type"), choices=lambda: lists.choices("type"))
    category = SelectField(_l("Problem category"), choices=lambda: choices("category", CATEGORIES))
    complexity = SelectField(_l("Simple or complex"), choices=lambda: choices("complexity", CODED["complexity"]))
    reason = words_field(_l("How the mistake came about"), 2000)


class DecideForm(DeedForm):
    """Approving or refusing."""

    decision = RadioField(_l("Decision"), [CHOOSE], choices=lambda: choices("word", ("approve", "refuse")))
    words = TextAreaField(_l("Reason (needed to refuse)"), [Length(max=2000)])


class AskEndForm(DeedForm):
    """An ending that others agree to."""

    outcome = SelectField(_l("How the case ends"), choices=lambda: choices("outcome", ASKED))
    reason = words_field(_l("Reason"), 2000)
