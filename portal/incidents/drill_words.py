"""Words of drills and wall screens: objectives, ratings, events, and sentences of their refusals."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "objective.declare": _l("Time to declare"),
    "objective.staff": _l("Time until everybody is in place"),
    "objective.report": _l("First situation report"),
    "objective.tasks": _l("Tasks done on time"),
    "objective.handover": _l("Command handed over"),
    "objective.findings": _l("Earlier findings tested again"),
    "drill_rating.performed": _l("Without difficulty"),
    "drill_rating.some": _l("With some difficulty"),
    "drill_rating.major": _l("With great difficulty"),
    "drill_rating.unable": _l("Not achieved"),
    "incident.done.observe": _l("The observation is kept."),
    "incident.done.recheck": _l("The finding was tested again; its own incident keeps the result."),
    "event.DrillBegun": _l("Drill begun"),
    "event.InjectCame": _l("Inject"),
    "event.FindingChecked": _l("Earlier finding tested again"),
    "event.Observed": _l("Observation"),
    "notice.drill_inject": _l("Something new in the drill"),
    "notice.drill_due": _l("A drill is to be held"),
    "notice.drill_unplanned": _l("A required drill has not been planned yet"),
    "notice.drill_overdue": _l("A required drill is overdue"),
}
REFUSALS = {
    "screen_name": _l("Write where the screen hangs."),
    "no_such_screen": _l("There is no such screen."),
    "no_such_drill": _l("There is no such drill."),
    "no_drill": _l("Incident %(no)s is real: this belongs to drills alone."),
    "drill_begun_already": _l("This drill has begun already or was dropped."),
    "inject_unreadable": _l("Line %(line)s: write minutes and words, like “T+10 a customer calls”."),
    "too_many_injects": _l("At most %(most)s injects."),
}
