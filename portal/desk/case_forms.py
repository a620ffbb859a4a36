"""The forms with which something is done to a case; each is asked for when its deed is chosen."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from portal.cases.results import explicit
from portal.cases.rules import CAUSES, IMPACTS, LEVELS, MEANS, OUTCOMES, PAUSES, URGENCIES
from portal.identity.policy import may
from portal.identity.session import current_actor
from portal.intake.forms import choices, readable_time
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form, RadioField, SelectField
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local, sentence, term
from portal.knowledge.rules import leads_nowhere

NEEDED = InputRequired(_l("Write this in a few words; it is kept in the record."))
TRY_AGAIN = timedelta(hours=1)  # offered after an attempt that reached nobody
CHOICE = _l("Choose")
CHOOSE = InputRequired(_l("Choose one."))


class DeedForm(Form):
    """What all deeds carry: the version of the case that the person saw."""

    seen = HiddenField()


def means_field() -> Any:
    """How the customer is reached."""
    return SelectField(_l("By which means"), choices=lambda: choices("means", MEANS))


def words_field(label: Any, most: int = 4000) -> Any:
    """A few lines that are needed."""
    return TextAreaField(label, [NEEDED, Length(max=most)])


def said_to_its_end(_form: Any, field: Any) -> None:
    """A text for the customer that ends with a colon has announced something and not said it."""
    if leads_nowhere(field.data or ""):
        raise ValidationError(_("The text ends with a colon: write what follows, the customer would read nothing."))


def told_field(label: Any) -> Any:
    """What the customer is told, to its end."""
    return TextAreaField(label, [NEEDED, Length(max=4000), said_to_its_end])


def rating_choices() -> list[tuple[str, str]]:
    """From 1 to 5 in words, and that none was given."""
    return [*((n, f"{n} {term('rating.' + n)}") for n in "12345"), ("none", _("No rating given"))]


class ClaimForm(DeedForm):
    """Nothing to fill in."""


class JudgeForm(DeedForm):
    """Level with its grounds."""

    impact = RadioField(_l("How far does it reach?"), [CHOOSE], choices=lambda: choices("impact", IMPACTS))
    urgency = RadioField(_l("How urgent is it?"), [CHOOSE], choices=lambda: choices("urgency", URGENCIES))
    harm = BooleanField(_l("Safety or a core interest may be harmed (raises by one)"))
    level = RadioField(_l("Level"), [CHOOSE])
    unit = SelectField(_l("Lead department"), coerce=int)
    changed = BooleanField(_l("The situation has changed (not ticked: the level was misjudged)"))
    reason = words_field(_l("Reason"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Levels with their criteria."""
        super().__init__(*args, **kwargs)
        self.level.choices = [
            (
                code,
                _(
                    "%(level)s: %(help)s",
                    level=f"{code} {term('level.' + code)}",
                    help=term(f"level.help.{code}"),
                ),
            )
            for code in LEVELS
        ]


class AssignForm(DeedForm):
    """A named person of the department."""

    person = SelectField(_l("To whom"), coerce=int)
    reason = StringField(_l("Reason"), [Length(max=400)])


class TransferForm(DeedForm):
    """Another department, with reason and expected time."""

    unit = SelectField(_l("To which department"), coerce=int)
    reason = words_field(_l("Reason"))
    expected = StringField(_l("Expected by"), [MayBeEmpty(), Length(max=30), readable_time])
    told = TextAreaField(
        _l("What the customer was told"), [Length(max=4000), said_to_its_end],
        description=_l("The expected time is then a promise to the customer. Empty: not told yet."),
    )  # fmt: skip
    means = SelectField(_l("By which means"), choices=lambda: choices("means", MEANS), validate_choice=False)


class WorkForm(DeedForm):
    """What is being done."""

    what = words_field(_l("What is being done"))


class ContactForm(DeedForm):
    """A contact or an attempt."""

    direction = RadioField(
        _l("Who called or wrote?"),
        choices=lambda: [("out", str(_l("We to the customer"))), ("in", str(_l("The customer to us")))],
        default="out",
    )
    means = means_field()
    reached = RadioField(
        _l("Was the customer reached?"),
        choices=lambda: [("yes", str(_l("Reached"))), ("no", str(_l("Not reached")))],
        default="yes",
    )
    words = TextAreaField(_l("What was said"), [Length(max=4000)])
    promised = StringField(_l("Promised reply by"), [MayBeEmpty(), Length(max=30), readable_time])
    again = StringField(
        _l("Try again at"),
        [MayBeEmpty(), Length(max=30), readable_time],
        default=lambda: f"{local(clock.now() + TRY_AGAIN):%Y-%m-%d %H:%M}",
        description=_l("It stands in your day, and you are reminded ten minutes ahead. Empty: no reminder."),
    )


class NoteForm(DeedForm):
    """An internal note."""

    text = TextAreaField(
        _l("Internal note (never shown to the customer)"),
        [NEEDED, Length(max=4000)],
        description=_l("@ with a name or login tells that person, if they may see the case."),
    )


class AttachForm(DeedForm):
    """Files, and what they show."""

    files = MultipleFileField(_l("Attachments"))
    words = TextAreaField(_l("What they show"), [Length(max=4000)])


def says_something(_form: Any, field: Any) -> None:
    """A result empty of content is said with the form's other faults, not after them (QU5)."""
    try:
        explicit(field.data or "")
    except Invalid as refused:
        raise ValidationError(sentence(refused)) from None


class ResultForm(DeedForm):
    """The result in writing with its cause."""

    text = TextAreaField(
        _l("Result: what was done and what came of it"), [NEEDED, Length(max=4000), says_something],
        description=_l("For example: optical modem replaced, connector made anew, speed test 95 Mbit/s."),
    )  # fmt: skip
    cause_category = SelectField(_l("Kind of cause"), [CHOOSE], choices=lambda: choices("cause", CAUSES, CHOICE))
    cause = StringField(_l("Cause"), [NEEDED, Length(max=1000)])


class TellForm(DeedForm):
    """The result is told to the customer."""

    means = means_field()
    words = told_field(_l("What was told to the customer"))


class ConfirmForm(DeedForm):
    """What the customer said of it."""

    verdict = RadioField(
        _l("What did the customer say?"), [CHOOSE],
        choices=lambda: choices("verdict", ("satisfied", "accepts", "not_satisfied")),
    )  # fmt: skip
    means = means_field()
    words = words_field(_l("In the customer's words"))
    overall = RadioField(
        _l("Overall satisfaction, 1 to 5"),
        choices=lambda: [*rating_choices(), ("", _("Not asked yet"))],
        default="",
        description=_l("If it was asked in the same call."),
    )


class RateForm(DeedForm):
    """The customer's rating."""

    overall = RadioField(
        _l("Overall satisfaction, 1 to 5"), [CHOOSE],
        choices=rating_choices,
    )  # fmt: skip
    means = means_field()
    comment = TextAreaField(_l("Remarks of the customer"), [Length(max=2000)])


class CloseForm(DeedForm):
    """How the case ends."""

    outcome = SelectField(_l("How the case ends"), choices=lambda: choices("outcome", OUTCOMES))
    reason = TextAreaField(_l("Reason (needed unless confirmed by the customer)"), [Length(max=2000)])
    cause_category = SelectField(_l("Kind of cause"), choices=lambda: choices("cause", CAUSES))
    cause = StringField(_l("Cause; correct it here when it turned out otherwise"), [Length(max=1000)])


class ReasonForm(DeedForm):
    """A reason alone."""

    reason = words_field(_l("Reason"))


class ChaseForm(DeedForm):
    """Pressing for progress."""

    by_customer = BooleanField(_l("The customer is asking"))
    words = words_field(_l("What is asked for"))


class PauseForm(DeedForm):
    """A reason on the list."""

    reason = SelectField(_l("Reason"), choices=lambda: choices("pause", PAUSES))
    words = words_field(_l("What was agreed"))


class ResumeForm(DeedForm):
    """Why the clocks run again."""

    why = StringField(_l("Why they run again"), [Length(max=400)])


class ExtendForm(DeedForm):
    """A new time agreed with the customer."""

    due = StringField(_l("New time"), [NEEDED, Length(max=30), readable_time])
    reason = words_field(_l("Why it takes longer"))
    told = told_field(_l("What was explained to the customer, with the apology"))


class PlanForm(DeedForm):
    """Scheduling a suggestion."""

    decision = SelectField(_l("Decision"), choices=lambda: choices("decision", ("adopted", "planned", "not_adopted")))
    cycle = StringField(_l("Planned cycle or release"), [NEEDED, Length(max=100)])
    words = told_field(_l("What was told to the customer"))


class MergeForm(DeedForm):
    """The case in which the matter is followed."""

    into = StringField(_l("Number of the other case"), [NEEDED, Length(max=20)])
    reason = words_field(_l("Reason"))


class CompleteForm(DeedForm):
    """The elements that were missing."""

    description = words_field(_l("Problem description"), 8000)
    demand = StringField(_l("Customer's demand"), [NEEDED, Length(max=1000)])
    happened = StringField(_l("When it happened"), [NEEDED, Length(max=120)])
    overruled = StringField(
        _l("Accept as it is, because"), [Length(max=200)],
        description=_l("Only for a supervisor: the description stays short, with a reason"),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        """Asks who may judge alone for a reason to take a vague description as it is (IN3)."""
        super().__init__(*args, **more)
        if not may(current_actor(), "case.judge"):
            del self.overruled
