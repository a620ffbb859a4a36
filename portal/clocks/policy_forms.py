"""Forms of the policy's pages."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField

from portal.clocks.book import calendar_name
from portal.clocks.policy import COMBINES, LEVELS, UNJUDGED
from portal.clocks.policy_drafts import Cell
from portal.kernel.db import read
from portal.kernel.errors import Invalid, Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import sentence, term, term_codes

CLASSES = ("person", "company", "vip")
ADDED = "SELECT code FROM list_item WHERE list = 'class' ORDER BY id"  # classes that were added to the list


class WordsForm(Form):
    """A deed that needs its reason."""

    why = StringField(_l("Why"))


class ApproveForm(Form):
    """From which day a version holds."""

    day = StringField(_l("Holds from"))
    why = StringField(_l("Words of the review"))

    def chosen(self) -> date:
        """The day. Raises Invalid."""
        try:
            return date.fromisoformat((self.day.data or "").strip())
        except ValueError as error:
            raise Invalid("policy_day_unreadable", field="day") from error


class CellForm(Form):
    """One limit as people write it."""

    limit = StringField(_l("Limit"))
    calendar = SelectField(_l("Calendar"), validate_choice=False)
    warn = StringField(_l("Warned at, per cent of the limit"))
    clause = StringField(_l("Clause"))
    house = BooleanField(_l("House rule: no clause gives it"))
    seen = HiddenField()

    def offer(self, calendars: Sequence[str]) -> None:
        """Fills the list of calendars."""
        self.calendar.choices = [(code, calendar_name(code)) for code in calendars]

    def put(self, cell: Cell) -> None:
        """Shows a cell as it is."""
        self.limit.data, self.calendar.data, self.warn.data = cell.limit, cell.calendar, str(cell.warn)
        self.clause.data, self.house.data = term(f"clause.{cell.clause}"), cell.house
        self.seen.data = sealed(cell)

    def cell(self, old: Cell) -> Cell:
        """What was typed; an untouched clause keeps its code. Raises Invalid."""
        share, clause = (self.warn.data or "").strip(), (self.clause.data or "").strip()
        if not (share.isascii() and share.isdigit() and len(share) < 4):
            raise Invalid("policy_warn_unreadable", field="warn")
        if not clause:
            raise Invalid("policy_say_clause", field="clause")
        kept = old.clause if clause == term(f"clause.{old.clause}") else clause[:60]
        return Cell(self.limit.data or "", self.calendar.data or "", int(share), kept, bool(self.house.data))


class SpecialForm(CellForm):
    """A limit for a class of customers or a type of request alone."""

    customer_class = SelectField(_l("Customer class"))
    request_type = SelectField(_l("Type of request"))

    def offer(self, calendars: Sequence[str]) -> None:
        """Fills the lists."""
        super().offer(calendars)
        types = [code[5:] for code in term_codes() if code.startswith("type.")]
        found = tuple(dict.fromkeys((*CLASSES, *(row[0] for row in read(ADDED, {})))))
        self.customer_class.choices = [("", _l("all")), *((c, term(f"customer_class.{c}")) for c in found)]
        self.request_type.choices = [("", _l("all")), *((t, term(f"type.{t}")) for t in types)]


class CombineForm(Form):
    """How level and channel of a kind meet."""

    unjudged = SelectField(validate_choice=False)
    P1 = SelectField("P1", validate_choice=False)
    P2 = SelectField("P2", validate_choice=False)
    P3 = SelectField("P3", validate_choice=False)
    P4 = SelectField("P4", validate_choice=False)

    def offer(self) -> None:
        """Fills the lists."""
        for level in (UNJUDGED, *LEVELS):
            self[level].choices = [(how, term(f"combine.{how}")) for how in COMBINES]
        self.unjudged.label.text = term("level.unjudged")

    def chosen(self) -> dict[str, str]:
        """Level to way of combining."""
        return {level: self[level].data or "" for level in (UNJUDGED, *LEVELS)}


def sealed(cell: Cell) -> str:
    """A cell as it stands, to see later whether somebody else has changed it."""
    return "|".join((cell.limit, cell.calendar, str(cell.warn), str(cell.house), cell.clause))


def opened(text: str) -> Cell | None:
    """The cell that was sealed; None when the page sent none."""
    parts = text.split("|", 4)
    if len(parts) != 5 or not parts[2].isdigit():
        return None
    return Cell(parts[0], parts[1], int(parts[2]), parts[4], parts[3] == "True")


def show(form: Any, refused: Refused) -> None:
    """Puts a refusal at the field it is about."""
    field = refused.facts.get("field", "")
    target = form[field] if field in form else next(iter(form))
    target.errors = [*target.errors, sentence(refused)]
