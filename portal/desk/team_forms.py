"""The forms of duties and tasks."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from portal.desk.case_forms import NEEDED, DeedForm, words_field
from portal.identity import queries as people
from portal.identity.queries import unit_name
from portal.intake.forms import choices, readable_time
from portal.kernel.forms import SelectField
from portal.kernel.i18n import gettext as _


def persons() -> list[tuple[int, str]]:
    """People by department; the first choice is the whole department."""
    found: list[tuple[int, str]] = [(0, _("The whole department"))]
    for unit in people.departments():
        found += [(one.id, f"{unit_name(unit)} · {one.name}") for one in people.members(unit.id)]
    return found


class DutyForm(DeedForm):
    """A department and its duty."""

    unit_id = SelectField(_l("Department"), coerce=int)
    duty = words_field(_l("Its duty on this case"), 400)


class TaskForm(DeedForm):
    """A task with a due time of its own."""

    text = words_field(_l("What is to be done"), 1000)
    unit_id = SelectField(_l("Department"), coerce=int)
    person_id = SelectField(_l("Member of staff"), coerce=int)
    due = StringField(_l("Due"), [NEEDED, Length(max=30), readable_time])


class AnswerForm(DeedForm):
    """The reason of a delay."""

    words = words_field(_l("Why it takes longer, and what comes next"), 2000)


class OrderForm(TaskForm):
    """A task without a case."""

    key = HiddenField()
    kind = SelectField(_l("Kind of task"), choices=lambda: choices("task", ("assigned", "supervised")))


class TaskWordForm(DeedForm):
    """What is said of a task."""

    words = TextAreaField(_l("What was done, and the evidence; or why it comes back"), [Length(max=4000)])
    due = StringField(_l("New due time"), [Length(max=30), readable_time])

    def keep(self, *names: str) -> Any:
        """The form with these fields only."""
        for name in [f.short_name for f in self if f.short_name not in (*names, "seen", "csrf_token")]:
            del self[name]
        return self
