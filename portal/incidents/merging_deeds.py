"""The board's deed that merges two reports of the same emergency, and the proposal to do so."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import Length

from portal.identity.actor import Actor
from portal.incidents import forms, merging_actions
from portal.incidents.deed import Deed
from portal.incidents.merging import twins
from portal.incidents.models import Incident
from portal.kernel.i18n import hm


class MergeForm(forms.Deed):
    """Into which incident, and why it is the same."""

    into = RadioField(_l("It is the same as"), [forms.NEEDED])
    reason = StringField(_l("Why it is the same"), [forms.NEEDED, Length(max=400)])


def _offer(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    """Those that may be the same, with who leads them."""
    rows = [
        (
            str(one.id),
            " · ".join(x for x in (one.no, one.title, hm(one.occurred_at), one.commander or one.reporter) if x),
        )
        for one in twins(incident)
    ]
    form.offer(into=rows)
    if len(rows) == 1 and not form.is_submitted():
        form.into.data = rows[0][0]


MERGING: dict[str, Deed] = {
    "merge": Deed(
        MergeForm,
        _l("Merge into another"),
        "incident.command",
        lambda a, now, i, f: merging_actions.merge(a, now, i, into_id=int(f.into.data), reason=f.reason.data),
        _offer,
        ("reported", "active"),
        True,
        send=_l("Merge it"),
        note=_l("This incident ends; the other one takes its open linked cases over and goes on."),
    ),
}
