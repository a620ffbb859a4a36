"""The forms of a group customer's file and of support projects."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length
from wtforms.validators import Optional as MayBeEmpty

from portal.corporate import due_rules, rules
from portal.corporate.queries import colleagues
from portal.directory import lists
from portal.intake.forms import choices
from portal.kernel import clock
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local

NEEDED = InputRequired(_l("Write this in a few words; it is kept in the record."))
CHOOSE = InputRequired(_l("Choose one."))
DAY = InputRequired(_l("Choose a day."))


class OwnerForm(Form):
    """What all forms carry: the version that the person saw, and the number of the item, if it is about one."""

    seen = HiddenField()
    n = HiddenField()

    def prepare(self, owner: Any, item: Any) -> None:
        """First values, where nothing was typed."""
        for name in ("person_id", "manager_id", "leader_id", "owner_id"):
            if name in self:
                self[name].choices = [(0, self.nobody(name, owner)), *colleagues()]
        if not self.is_submitted():
            self.seen.data = str(owner.version) if owner is not None else ""
            self.n.data = str(getattr(item, "n", item) or "")
            self.begin(owner, item)

    def nobody(self, name: str, owner: Any) -> str:
        """The word for naming nobody."""
        return str(owner.responsible[1] or "–") if name == "owner_id" and owner is not None else "–"

    def begin(self, owner: Any, item: Any) -> None:
        """What stands there now."""


def reason_field() -> Any:
    """A reason that is needed."""
    return TextAreaField(_l("Reason"), [NEEDED, Length(max=400)])


class FactsForm(OwnerForm):
    """Basic facts."""

    trade = StringField(_l("Trade"), [NEEDED, Length(max=80)])
    address = StringField(_l("Address"), [Length(max=200)])
    manager_id = SelectField(_l("Account manager"), coerce=int)
    contract_no = StringField(_l("Contract number"), [Length(max=60)])
    contract_from = DateField(_l("Contract from"), [MayBeEmpty()])
    contract_until = DateField(_l("Contract until"), [MayBeEmpty()])

    def begin(self, owner: Any, item: Any) -> None:
        """What the file says now."""
        if owner is None:
            return
        for name in ("trade", "address", "manager_id", "contract_no"):
            self[name].data = getattr(owner, name)
        for name in ("contract_from", "contract_until"):
            self[name].data = day_of(getattr(owner, name))

    def typed(self) -> dict[str, Any]:
        """The facts as the action takes them; days as text."""
        return {
            "trade": self.trade.data, "address": self.address.data or "", "manager_id": self.manager_id.data or 0,
            "contract_no": self.contract_no.data or "", "contract_from": day_text(self.contract_from.data),
            "contract_until": day_text(self.contract_until.data),
        }  # fmt: skip


def day_text(day: Any) -> str:
    """A day as `YYYY-MM-DD`, nothing for none."""
    return day.isoformat() if day else ""


def day_of(text: str) -> date | None:
    """The day a text names, None for an empty one."""
    return date.fromisoformat(text) if text else None


class OpenForm(FactsForm):
    """A customer becomes a group customer."""

    customer = StringField(_l("Number of the customer file"), [NEEDED, Length(max=20)], description=_l("Like KH000012"))
    unit_id = SelectField(_l("Department in charge"), coerce=int)


class ServiceForm(OwnerForm):
    """A service held."""

    kind = SelectField(_l("Kind of service"))
    circuit_no = StringField(_l("Circuit number"), [NEEDED, Length(max=60)])
    bandwidth = StringField(_l("Bandwidth"), [Length(max=40)], description=_l("Like 100 Mbit/s"))
    end_a = StringField(_l("End A"), [Length(max=120)])
    end_z = StringField(_l("End Z"), [Length(max=120)])
    since = DateField(_l("In use since"), [MayBeEmpty()])
    state = SelectField(_l("State"))
    order_no = StringField(_l("Order number"), [Length(max=40)])
    note = StringField(_l("Remark"), [Length(max=200)])

    def prepare(self, owner: Any, item: Any) -> None:
        """The kinds and states there are."""
        self.kind.choices = lists.choices("service", getattr(item, "kind", ""))
        self.state.choices = choices("service_state", rules.SERVICE_STATES)
        super().prepare(owner, item)

    def begin(self, owner: Any, item: Any) -> None:
        """What the service is now."""
        if not item:
            return
        for name in ("kind", "circuit_no", "bandwidth", "end_a", "end_z", "state", "order_no", "note"):
            self[name].data = getattr(item, name)
        self.since.data = day_of(item.since)


class ContactForm(OwnerForm):
    """Somebody to speak with."""

    side = RadioField(_l("Whose side"), [CHOOSE])
    duty = SelectField(_l("Concerned with"))
    name = StringField(_l("Name (of the customer's side)"), [Length(max=80)])
    person_id = SelectField(_l("Colleague (of our side)"), coerce=int)
    mobile = StringField(_l("Mobile"), [Length(max=30)])
    email = StringField(_l("E-mail"), [Length(max=120)])
    note = StringField(_l("Remark"), [Length(max=120)])

    def prepare(self, owner: Any, item: Any) -> None:
        """Sides and duties."""
        self.side.choices = choices("side", rules.SIDES)
        self.duty.choices = choices("contact_duty", rules.DUTIES)
        if not self.is_submitted() and item in rules.SIDES:
            self.side.data = item
        super().prepare(owner, None if item in rules.SIDES else item)


class ReasonForm(OwnerForm):
    """Only a reason."""

    reason = reason_field()


class DocumentForm(OwnerForm):
    """A document of the dossier."""

    topic = SelectField(_l("Kind of document"))
    title = StringField(_l("Title"), [Length(max=160)], description=_l("Empty: the name of the file"))
    file = FileField(_l("File"))

    def prepare(self, owner: Any, item: Any) -> None:
        """The kinds of documents."""
        self.topic.choices = choices("topic", rules.TOPICS)
        super().prepare(owner, item)


class DuesForm(OwnerForm):
    """What all plans say: whose it is, and how long before the day to remind."""

    owner_id = SelectField(_l("Responsible"), coerce=int)
    ahead = IntegerField(_l("Remind so many working days before"), [InputRequired(_l("Write a number."))])

    def begin(self, owner: Any, item: Any) -> None:
        """The house's custom."""
        self.ahead.data = due_rules.AHEAD
        if "year" in self:
            self.year.data = local(clock.now()).year  # type: ignore[attr-defined]


class MaintenanceForm(DuesForm):
    """An item of a year's maintenance plan."""

    title = StringField(_l("What is maintained"), [NEEDED, Length(max=160)])
    year = IntegerField(_l("Year"), [InputRequired(_l("Write a number."))])
    months = SelectMultipleField(_l("Months"), coerce=int)

    def prepare(self, owner: Any, item: Any) -> None:
        """Twelve months."""
        self.months.choices = [(n, _("month %(n)s", n=n)) for n in range(1, 13)]
        super().prepare(owner, item)


class ReportForm(DuesForm):
    """The reports of a year that the customer is owed."""

    code = SelectField(_l("Kind of report"))
    title = StringField(_l("Title"), [Length(max=160)], description=_l("Empty: the word of the kind"))
    year = IntegerField(_l("Year"), [InputRequired(_l("Write a number."))])
    every = SelectField(_l("One for each"))
    after = IntegerField(_l("Due so many days after its period"), [InputRequired(_l("Write a number."))])

    def prepare(self, owner: Any, item: Any) -> None:
        """Kinds and periods."""
        self.code.choices = lists.choices("report")
        self.every.choices = choices("every", tuple(due_rules.EVERY))
        super().prepare(owner, item)

    def begin(self, owner: Any, item: Any) -> None:
        """Ten days after the period."""
        super().begin(owner, item)
        self.after.data = 10


class OnceForm(DuesForm):
    """One thing by one day: an optimisation plan, a milestone, a task."""

    title = StringField(_l("Title"), [NEEDED, Length(max=160)])
    day = DateField(_l("By which day"), [DAY])


class DoneForm(OwnerForm):
    """The tick, with note and document."""

    words = TextAreaField(_l("What came of it"), [Length(max=2000)])
    file = FileField(_l("Document that shows it"))


class MoveForm(OwnerForm):
    """Another day."""

    day = DateField(_l("New day"), [DAY])
    reason = reason_field()


class AdvanceForm(OwnerForm):
    """How far an optimisation plan is."""

    phase = RadioField(_l("It is now"), [CHOOSE])
    words = TextAreaField(_l("Remark"), [Length(max=2000)])

    def prepare(self, owner: Any, item: Any) -> None:
        """The other phases."""
        left = tuple(phase for phase in due_rules.PHASES if phase != getattr(item, "phase", ""))
        self.phase.choices = choices("phase", left)
        super().prepare(owner, item)


class ProjectForm(OwnerForm):
    """What a project is."""

    name = StringField(_l("Name of the project"), [NEEDED, Length(max=120)])
    leader_id = SelectField(_l("Responsible"), coerce=int)
    goal = TextAreaField(_l("What it is for"), [Length(max=2000)])

    def begin(self, owner: Any, item: Any) -> None:
        """What it says now."""
        if owner is not None:
            self.name.data, self.leader_id.data, self.goal.data = owner.name, owner.leader_id, owner.goal


class NewProjectForm(ProjectForm):
    """A new project of a group customer; the key makes a second post find the first one's project."""

    customer_id = SelectField(_l("Customer"), coerce=int)
    key = HiddenField()


class StateForm(OwnerForm):
    """Where the project stands."""

    state = RadioField(_l("The project is now"), [CHOOSE])
    reason = TextAreaField(_l("Reason (needed for a pause and for going on after one)"), [Length(max=400)])

    def prepare(self, owner: Any, item: Any) -> None:
        """The ways from here."""
        self.state.choices = choices("project_state", rules.NEXT[owner.state])
        super().prepare(owner, item)


class OrderForm(OwnerForm):
    """The number of an order."""

    no = StringField(_l("Order number"), [NEEDED, Length(max=40)])
