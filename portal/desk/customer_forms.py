"""The forms of the customer file, of pairs of files and of the edited lists."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length
from wtforms.validators import Optional as MayBeEmpty

from portal.cases.rules import MEANS
from portal.desk.case_forms import CHOOSE, NEEDED, words_field
from portal.directory import lists
from portal.directory.list_rules import FACTS
from portal.directory.rules import KINDS
from portal.intake.forms import choices, readable_time, time_hint
from portal.kernel.forms import Form, RadioField, SelectField

REASON = _l("Reason")


class FileForm(Form):
    """What all forms of a file carry: the version of the file that the person saw."""

    seen = HiddenField()

    def prepare(self, file: Any) -> None:
        """First values from the file, where nothing was typed."""
        if not self.is_submitted():
            self.seen.data = str(file.version)


class ChangeForm(FileForm):
    """Name, preferred means and time."""

    name = StringField(_l("Name"), [NEEDED, Length(max=120)])
    prefers = SelectField(_l("Wants to be answered by"), choices=lambda: choices("means", MEANS))
    prefers_time = StringField(_l("Wants to be reached at"), [Length(max=60)])

    def prepare(self, file: Any) -> None:
        """What the file says now."""
        super().prepare(file)
        if not self.is_submitted():
            self.name.data, self.prefers.data = file.name, file.prefers
            self.prefers_time.data = file.prefers_time


class ContactForm(FileForm):
    """Another identity."""

    kind = SelectField(_l("What it is"), choices=lambda: choices("identity_kind", KINDS))
    value = StringField(_l("Number, address or name"), [NEEDED, Length(max=120)])
    note = StringField(_l("Remark"), [Length(max=120)])


class DropForm(FileForm):
    """An identity that is not the customer's."""

    contact_id = SelectField(_l("Which one"), coerce=int)
    reason = words_field(REASON, 400)

    def prepare(self, file: Any) -> None:
        """The identities there are."""
        super().prepare(file)
        self.contact_id.choices = [(c.id, c.value) for c in file.contacts]


class ClassForm(FileForm):
    """The class with its reason."""

    category = SelectField(_l("Customer class"))
    reason = words_field(REASON, 400)

    def prepare(self, file: Any) -> None:
        """The open classes, without the present one."""
        super().prepare(file)
        self.category.choices = [(code, word) for code, word in lists.choices("class") if code != file.category]


class NoteForm(FileForm):
    """A note about the customer."""

    text = words_field(_l("Note"), 2000)


class MarkForm(FileForm):
    """A nuisance mark until a day."""

    reason = words_field(_l("What happened, how often"), 400)
    until = StringField(_l("Mark ends at"), [NEEDED, Length(max=30), readable_time])

    def prepare(self, file: Any) -> None:
        """How a time is typed."""
        super().prepare(file)
        self.until.description = time_hint()


class DecideForm(FileForm):
    """Approving a nuisance mark."""

    decision = RadioField(_l("Decision"), [CHOOSE], choices=lambda: choices("extension", ("approve", "refuse")))
    words = TextAreaField(_l("Reason (needed to refuse)"), [Length(max=400)])


class ReasonForm(FileForm):
    """Only a reason."""

    reason = words_field(REASON, 400)


class PairForm(FileForm):
    """Another file of the same customer."""

    other = StringField(_l("Number of the other file"), [NEEDED, Length(max=20)], description=_l("Like KH000012"))
    reason = TextAreaField(
        _l("Reason (needed when identity documents differ)"), [Length(max=400)]
    )  # fmt: skip


class ItemForm(Form):
    """An entry of an edited list."""

    code = StringField(_l("Code"), [Length(max=20)], description=_l("Small letters, digits and _; never changes"))
    zh = StringField(_l("Word in Chinese"), [Length(max=40)])
    en = StringField(_l("Word in English"), [Length(max=40)])
    active = BooleanField(_l("Offered in forms"), default=True)
    fields = TextAreaField(_l("Further fields"), [Length(max=2000)])
    verify = SelectMultipleField(_l("Facts for the identity check"))
    least = IntegerField(_l("How many must be right before data is disclosed (0: none)"), [MayBeEmpty()], default=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The facts in the reader's language."""
        super().__init__(*args, **kwargs)
        self.verify.choices = choices("fact", FACTS)
        self.fields.description = _l("One a line: code = word in Chinese | word in English | required")


class WordsForm(Form):
    """Words that carry no content, one a line."""

    fillers = TextAreaField(
        _l("Filler words"), description=_l("Left out before the characters of a description are counted.")
    )
    phrases = TextAreaField(
        _l("Stock phrases"), description=_l("A description of nothing but these says nothing, however long it is.")
    )
