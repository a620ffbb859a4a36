"""What departments do together on a case: duties, tasks, and the answer owed to somebody who chased."""

from datetime import datetime
from typing import Any

from portal.cases.models import Case
from portal.collaboration import chasing, tasks
from portal.desk import team_forms as forms
from portal.desk.deed import OPEN, Deed, fields
from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.queries import unit_name


def _duty(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    tasks.name_duty(actor, now, case, unit_id=form.unit_id.data, duty=form.duty.data)


def _task(actor: Actor, now: datetime, case: Case, form: Any) -> None:
    tasks.give(
        actor, now, case, text=form.text.data, unit_id=form.unit_id.data, person_id=form.person_id.data or 0,
        due=getattr(form.due, "instant", None),
    )  # fmt: skip


DEEDS: dict[str, Deed] = {
    "duty": Deed("case.team", forms.DutyForm, _duty, OPEN, "", "people"),
    "task": Deed("case.task", forms.TaskForm, _task, OPEN, "", "roster"),
    "answer_delay": Deed(
        "case.contact", forms.AnswerForm, fields(chasing.answer_delay, "words"), OPEN, "", "chase",
        lambda c: bool(c.owed),
    ),
}  # fmt: skip


def fill(form: Any, case: Case) -> None:
    """The departments and people these forms offer."""
    if "unit_id" in form:
        form.unit_id.choices = [(unit.id, unit_name(unit)) for unit in people.departments()]
    if "person_id" in form:
        form.person_id.choices = forms.persons()
