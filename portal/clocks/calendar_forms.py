"""Forms of the calendar pages."""

from datetime import date
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from portal.clocks.calendar import FIRST_YEAR, LAST_YEAR, WEEKDAYS, CalendarRefused, Special
from portal.clocks.calendar_changes import hours_of
from portal.clocks.timetable import Intervals
from portal.kernel.config import ZONE
from portal.kernel.errors import Invalid
from portal.kernel.forms import Form
from portal.kernel.i18n import sentence, term

LONG = Length(max=200, message=_l("At most 200 characters."))
WHY = Length(max=400, message=_l("At most 400 characters."))
DAY_KINDS = ("week", "holiday", "half", "working")


class HoursField(StringField):  # type: ignore[misc]
    """Stretches of time such as 09:00-12:00, 13:00-18:00; `intervals` after validation."""

    intervals: Intervals = ()

    def pre_validate(self, form: Any) -> None:
        """Reads the hours; a refusal stands at this field."""
        try:
            self.intervals = hours_of(self.data or "")
        except CalendarRefused as refused:
            where = getattr(form, "day_word", None) or self.label.text
            raise ValidationError(sentence(Invalid(refused.code, **(refused.facts | {"day": where})))) from refused


class DateField(StringField):  # type: ignore[misc]
    """A day as the browser's own picker sends it; `day` after validation. What was typed stays as it is."""

    day: date | None = None
    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def pre_validate(self, form: Any) -> None:
        """Reads the day."""
        try:
            self.day = date.fromisoformat((self.data or "").strip())
        except ValueError as error:
            raise ValidationError(sentence(Invalid("no_such_day", day=(self.data or "")[:20]))) from error
        if not FIRST_YEAR < self.day.year < LAST_YEAR:
            raise ValidationError(sentence(Invalid("no_such_day", day=(self.data or "")[:20])))

    def chosen(self) -> date:
        """The day, once validated."""
        if self.day is None:
            raise Invalid("no_such_day", day=str(self.data)[:20])
        return self.day


class DayForm(Form):
    """One day: as the week says, or an exception with its hours and name."""

    date = DateField(_l("Day"))
    kind = RadioField(_l("This day is"), [InputRequired(_l("Choose what the day is."))])
    hours = HoursField(_l("Hours"), [LONG])
    name = StringField(_l("Name of the day"), [Length(max=60, message=_l("At most 60 characters."))])

    def offer(self, usual: str) -> None:
        """Fills the list of kinds; `usual`: the weekday's own hours in words."""
        words = {kind: term(f"daykind.{kind}") for kind in DAY_KINDS}
        words["week"] %= {"usual": usual}
        self.kind.choices = list(words.items())

    @property
    def day_word(self) -> str:
        """The day as refusals name it."""
        return str(self.date.data)

    def validate_hours(self, field: HoursField) -> None:
        """A half day or a working day needs hours."""
        if self.kind.data in ("half", "working") and not field.intervals and not field.errors:
            raise ValidationError(sentence(Invalid("hours_missing")))

    def special(self) -> Special | None:
        """What was chosen; None = as the week says."""
        if self.kind.data == "week":
            return None
        hours = () if self.kind.data == "holiday" else self.hours.intervals
        return Special(self.kind.data, hours, (self.name.data or "").strip())


class WeekForm(Form):
    """The hours of each weekday."""

    mon = HoursField(_l("Monday"), [LONG])
    tue = HoursField(_l("Tuesday"), [LONG])
    wed = HoursField(_l("Wednesday"), [LONG])
    thu = HoursField(_l("Thursday"), [LONG])
    fri = HoursField(_l("Friday"), [LONG])
    sat = HoursField(_l("Saturday"), [LONG])
    sun = HoursField(_l("Sunday"), [LONG])

    def weekdays(self) -> list[HoursField]:
        """The seven fields."""
        return [self[name] for name in WEEKDAYS]

    def week(self) -> tuple[Intervals, ...]:
        """The seven days' hours."""
        return tuple(field.intervals for field in self.weekdays())


class ForceForm(Form):
    """From when the draft holds, and why."""

    effective = DateField(_l("In force from"))
    note = StringField(_l("Why"), [InputRequired(_l("Write why the calendar changes.")), WHY])
    seen = HiddenField()


class NewForm(WeekForm):
    """A new calendar."""

    code = StringField(
        _l("Short name"),
        [
            InputRequired(_l("Write a short name.")),
            Regexp(r"^(?!new$)[a-z][a-z0-9-]{1,38}$", message=_l("Small letters a-z, digits and - only, 2 to 39.")),
        ],
    )
    name = StringField(
        _l("Name"), [InputRequired(_l("Write the name.")), Length(max=80, message=_l("At most 80 characters."))]
    )
    zone = StringField(_l("Time zone"), [InputRequired(_l("Write the time zone.")), LONG], default=ZONE)
    observes = BooleanField(_l("It has public holidays"), default=True)
    effective = DateField(_l("In force from"))
    note = StringField(_l("Why"), [InputRequired(_l("Write what the calendar is for.")), WHY])


class ImportForm(Form):
    """A year's holidays from a file, from pasted text, or from the data that came with the portal."""

    year = StringField(_l("Year"), [Regexp(r"^\s*(19[7-9]|20\d|21\d)\d\s*$", message=_l("Write a year such as 2027."))])
    source = RadioField(_l("Taken from"), default="file")
    file = FileField(_l("File"))
    text = TextAreaField(_l("Text of the file"))
    replace = BooleanField(_l("Take away exception days of this year that the file does not name"))
    loaded = BooleanField(_l("The year is complete: mark it as loaded"), default=True)

    def offer(self, seeded: list[int]) -> None:
        """Fills the list of sources; `seeded`: the years that came with the portal."""
        years = ", ".join(map(str, seeded))
        self.source.choices = [("file", term("import.file")), ("seeded", term("import.seeded") % {"years": years})]


class YearForm(Form):
    """A year marked as loaded, or not."""

    year = SelectField(_l("Year"), validate_choice=False)
    loaded = HiddenField()
