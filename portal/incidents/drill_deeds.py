"""The board's deeds that only a drill has."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.identity.actor import Actor
from portal.incidents import drill_actions as actions
from portal.incidents import drill_forms as forms
from portal.incidents import drill_queries, drill_rules, drills
from portal.incidents.deed import Deed
from portal.incidents.models import Incident
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import term


def _objectives(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(
        objective=[("", _("Please choose")), *((c, term(f"objective.{c}")) for c in drills.OBJECTIVES)],
        rating=[(c, term(f"drill_rating.{c}")) for c in drill_rules.RATINGS],
    )


def _findings(actor: Actor, now: datetime, incident: Incident, form: Any) -> None:
    form.offer(
        measure=[(str(row.id), f"{no} · {row.text} · {row.owner}") for row, no in drill_queries.waiting(incident)]
    )


def offered(actor: Actor, incident: Incident) -> dict[str, bool]:
    """Which of them make sense for this person now; none in a real incident."""
    drill = incident.exercise and incident.outcome != "dismissed"
    return {"observe": drill, "recheck": drill and bool(drill_queries.waiting(incident))}


DRILL: dict[str, Deed] = {
    "observe": Deed(
        forms.ObserveForm,
        _l("Observation"),
        "incident.verify",
        lambda a, now, i, f: actions.observe(
            a, now, i, objective=f.objective.data, rating=f.rating.data, words=f.words.data
        ),
        _objectives,
        ("active", "ended"),
        send=_l("Keep the observation"),
        note=_l("What an evaluator saw of one objective. What has to be improved becomes a measure after the end."),
    ),
    "recheck": Deed(
        forms.RecheckForm,
        _l("Test a finding again"),
        "incident.verify",
        lambda a, now, i, f: actions.recheck(
            a, now, i, measure_id=int(f.measure.data), held=f.result.data == "yes", words=f.words.data
        ),
        _findings,
        send=_l("Keep the result"),
        note=_l("The incident that the finding comes from keeps whether it held, with this drill's number."),
    ),
}
