"""Words of the roster."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "shift.hotline": _l("Hotline shift"),
    "shift.desk": _l("Day shift"),
    "shift.field": _l("Field duty"),
    "shift.night": _l("Night duty"),
    "shift.command": _l("Command centre duty"),
    "shift.standby": _l("Standby"),
    "handover.open": _l("open and pressing"),
    "handover.callback": _l("call back"),
    "handover.promise": _l("promised"),
    "handover.reply": _l("unanswered since"),
    "event.SheetGiven": _l("Hand-over sheet given"),
    "event.SheetAccepted": _l("Hand-over sheet accepted"),
    "event.ShiftAdded": _l("Shift entered"),
    "event.ShiftRemoved": _l("Shift taken out"),
    "event.ShiftNoted": _l("Hand-over note written"),
}
REFUSALS: dict[str, object] = {
    "no_such_sheet": _l("There is no such hand-over sheet."),
    "sheet_note_long": _l("At most %(most)s characters."),
    "own_sheet": _l("Somebody else accepts your sheet."),
    "sheet_accepted": _l("%(name)s has accepted this sheet already."),
    "no_such_shift": _l("There is no such shift."),
    "shift_ends_before": _l("The end must lie after the beginning."),
    "shift_too_long": _l("A shift lasts at most %(hours)s hours. Is the date right?"),
    "shift_overlaps": _l("This person is on duty from %(since)s to %(until)s already."),
    "shift_note_long": _l("At most %(most)s characters."),
    "choose_shift_kind": _l("Choose a kind."),
    "choose_person": _l("Choose a person."),
    "person_not_active": _l("%(name)s has no open account."),
    "person_of_another_unit": _l("%(name)s does not belong to this department."),
    "role_not_held": _l("%(name)s does not hold the role %(role)s."),
    "shift_is_over": _l("This shift is over; it stays in the roster."),
}
