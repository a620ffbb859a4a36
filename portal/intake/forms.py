"""The form on which a request is taken down."""

from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from portal.cases.rules import CATEGORIES, CHANNELS, LEVELS, MEANS
from portal.directory import lists
from portal.intake.rules import spoken_time, wanted_time
from portal.kernel import clock
from portal.kernel.forms import Form
from portal.kernel.i18n import day, local, locale, parse_local, term
from portal.kernel.i18n import gettext as _

FACTS = ("phone", "order_no", "product", "symptom")


def choices(room: str, codes: tuple[str, ...], empty: str | None = None) -> list[tuple[str, str]]:
    """Codes with their words, for a select; `empty` is the word for "not chosen"."""
    found = [("", empty)] if empty is not None else []
    return found + list(_worded(locale(), room, codes))


@lru_cache(maxsize=200)
def _worded(_locale: str, room: str, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((code, term(f"{room}.{code}")) for code in codes)


def readable_time(form: Any, field: Any) -> None:
    """A time like 2026-11-24 09:12, today 18:00 or 18:00; sets field.instant."""
    field.instant = None
    if not (field.data or "").strip():
        return
    try:
        field.instant = parse_local(spoken_time(field.data, local(clock.now())))
    except (ValueError, OverflowError):
        example = f"{day(clock.now())} 18:00"
        raise ValidationError(_("Not a time. Write it like %(at)s, today 18:00 or 18:00.", at=example)) from None


def wished_time(form: Any, field: Any) -> None:
    """A time as customers wish it, also a day alone or before closing; sets field.instant, keeps what was typed."""
    typed = field.data or ""
    field.data = wanted_time(typed)
    try:
        readable_time(form, field)
    finally:
        field.data = typed


def time_hint() -> str:
    """How a time may be typed, with today as the example."""
    return _("Beijing time, like today 18:00, 18:00 or %(at)s", at=f"{day(clock.now())} 18:00")


class RequestForm(Form):
    """A request with its four elements; what is missing is said by the rules, not by the browser."""

    key = HiddenField()
    voicemail = HiddenField()
    channel = SelectField(_l("Channel"))
    received = StringField(_l("Received at"), [Length(max=30), readable_time])
    contact = StringField(_l("Customer's telephone, number or address"), [Length(max=120)])
    customer_name = StringField(_l("Customer's name"), [Length(max=120)])
    customer_category = SelectField(_l("Customer is"))
    acting = RadioField(_l("Who is asking"), default="self")
    caller = StringField(_l("Calling for the customer"), [Length(max=120)])
    prefers = SelectField(_l("Wants to be answered by"))
    description = TextAreaField(_l("Problem description"), [Length(max=8000)])
    demand = StringField(_l("Customer's demand"), [Length(max=1000)])
    happened = StringField(_l("When it happened"), [Length(max=120)])
    expected = StringField(_l("Time the customer expects"), [MayBeEmpty(), Length(max=30), wished_time])
    urgency = RadioField(_l("Urgency"), default="normal")
    complexity = RadioField(_l("Simple or complex"), default="simple")
    complex_why = StringField(_l("Why it is complex"), [Length(max=200)])
    request_type = SelectField(_l("Request type"))
    category = SelectField(_l("Problem category"))
    level = SelectField(_l("Proposed level"))
    order_no = StringField(_l("Order number"), [Length(max=60)])
    product = StringField(_l("Product model"), [Length(max=120)])
    symptom = StringField(_l("Fault symptom"), [Length(max=200)])
    read_back = SelectMultipleField(_l("Read back and confirmed"))
    files = MultipleFileField(_l("Attachments"))
    overruled = StringField(_l("Accept as it is, because"), [Length(max=200)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fills the lists in the reader's language."""
        super().__init__(*args, **kwargs)
        self.happened.description = _("Like %(at)s, or in words", at=f"{day(clock.now())} 08:30")
        self.expected.description = _(
            "Beijing time: today, tomorrow 15:00, before closing (18:00), 18:00 or %(at)s; may stay empty",
            at=f"{day(clock.now())} 18:00",
        )
        auto = _("As the text suggests")
        for needed in (self.contact, self.description, self.happened, self.demand):
            needed.flags.required = True
        self.channel.choices = choices("channel", CHANNELS)
        self.customer_category.choices = [("person", _("A person")), ("company", _("A company"))]
        self.prefers.choices = choices("means", MEANS)
        self.urgency.choices = choices("urgency", ("normal", "urgent"))
        self.complexity.choices = choices("complexity", ("simple", "complex"))
        self.acting.choices = choices("acting", ("self", "other"))
        self.request_type.choices = [("", auto), *lists.choices("type")]
        self.category.choices = choices("category", CATEGORIES, auto)
        self.level.choices = [("", auto)] + [(code, f"{code} {term(f'level.{code}')}") for code in LEVELS]
        self.read_back.choices = choices("read_back", FACTS)
