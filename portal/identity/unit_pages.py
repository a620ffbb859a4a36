"""The departments: what each still holds, and the end of one, with all of its open work moved in the same act (OR1)."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.identity import leaving, queries, unit_actions
from portal.identity.models import Unit
from portal.identity.policy import allow
from portal.identity.queries import unit_name
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Missing, Refused
from portal.kernel.forms import Form
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import sentence


class EndForm(Form):
    """Which department goes on with the work, and why."""

    to = SelectField(_l("Department that takes the open work"), [InputRequired(_l("Choose one."))])
    reason = TextAreaField(_l("Reason"), [InputRequired(_l("Write this in a few words; it is kept in the record.")),
                                          Length(max=400)])  # fmt: skip


def units() -> Any:
    """All departments with what they hold."""
    allow(current_actor(), "people.view")
    found = [one for one in queries.units() if one.kind != unit_actions.DISSOLVED]
    return render_template(
        "identity/units.html", units=found, unit_name=unit_name, names={one.id: unit_name(one) for one in found},
        held={one.id: leaving.held_by(one.id) for one in found},
        people={one.id: len(queries.members(one.id)) for one in found},
    )  # fmt: skip


def ending(code: str) -> Any:
    """Asks where the work of a department goes before it is dissolved."""
    allow(current_actor(), "people.manage")
    return _page(queries.unit_by_code(code), EndForm(formdata=None))


def dissolve(code: str) -> Any:
    """Moves everything open to another department and ends this one, all or nothing."""
    actor, now, form = current_actor(), clock.now(), EndForm()
    allow(actor, "people.manage")
    unit = queries.unit_by_code(code)
    held = leaving.open_work_of(unit.id)
    _offer(form, unit)
    if held and not form.validate_on_submit():
        return _page(unit, form, 422)
    try:
        with transaction():
            moved = 0
            if held:
                moved = leaving.move_all(actor, now, unit.id, int(form.to.data), (form.reason.data or "").strip())
            unit_actions.dissolve(actor, now, queries.unit_by_code(code))
    except Missing:
        raise
    except Refused as refused:
        if refused.status not in (409, 422):
            raise
        form.form_errors = [sentence(refused)]
        return _page(queries.unit_by_code(code), form, refused.status)
    name = unit_name(queries.unit_by_code(code))
    flash(_("%(name)s is dissolved; %(n)s pieces of open work were moved.", name=name, n=moved), "ok")
    return redirect(url_for("identity.units"), 303)


def _offer(form: EndForm, unit: Unit) -> None:
    form.to.choices = [("", _("Choose"))] + [
        (str(one.id), unit_name(one)) for one in queries.departments() if one.id != unit.id
    ]


def _page(unit: Unit, form: EndForm, status: int = 200) -> Any:
    _offer(form, unit)
    stays = [one for one in queries.members(unit.id) if one.unit_id == unit.id]
    return render_template(
        "identity/unit_end.html", unit=unit, name=unit_name(unit), form=form, held=leaving.held_by(unit.id), stays=stays
    ), status  # fmt: skip


def register(bp: Blueprint) -> None:
    """Adds the pages to the room's URLs."""
    bp.add_url_rule("/units", "units", units)
    bp.add_url_rule("/units/<code>/end", "ending", ending)
    bp.add_url_rule("/units/<code>/end", "dissolve", dissolve, methods=["POST"])
