"""Words of taking requests down."""

from flask_babel import lazy_gettext as _l

from portal.intake import import_words

TERMS = {
    "duty.on": _l("on shift, with the fewest open cases"),
    "duty.lead": _l("nobody of the department is on shift: its head takes over"),
    "duty.none": _l("nobody of the department is on shift, and it has no head"),
    "dispatch_change.DispatchRuleAdded": _l("Rule added"),
    "dispatch_change.DispatchRuleChanged": _l("Rule changed"),
    "dispatch_change.DispatchRuleRemoved": _l("Rule removed"),
    "dispatch_change.DispatchRuleMoved": _l("Asked one place earlier"),
    "acting.self": _l("The customer"),
    "acting.other": _l("Somebody acting for the customer"),
    "missing.customer": _l("Who is asking: a telephone number, customer number or name"),
    "missing.problem": _l("What exactly happened: which product, what it shows, since when, how far it reaches"),
    "missing.time": _l("Say when it happened, such as: since 08:30 this morning"),
    "missing.demand": _l("Say what the customer wants us to do"),
}
REFUSALS = {
    "rule_changed": _l(
        "Somebody has changed the rule “%(name)s” meanwhile; the list shows it as it stands. What you typed is still here:"
        " read it, then save again."
    ),
    "caller_missing": _l("Say who is acting for the customer."),
    "complex_why_missing": _l("Say why it is complex; a request is simple until there is a reason."),
    "read_back_empty": _l("%(fact)s was ticked as read back, but nothing is written there."),
    "extra_missing": _l("This type of request also needs: %(fields)s"),
    "elements_missing": _l("Not all four elements are there yet. Everything you typed is kept."),
    "lacks_problem": _l("What exactly happened: which product, what it shows, since when, how far it reaches"),
    "lacks_time": _l("Say when it happened, such as: since 08:30 this morning"),
    "lacks_demand": _l("Say what the customer wants us to do"),
    "customer_unknown": _l("Nobody knows yet whose request %(no)s is: correct the customer first."),
    "received_ahead": _l("The time of receipt lies in the future."),
    "dispatch_name": _l("Give the rule a name; it is shown as the reason."),
    "dispatch_unit": _l("Choose the department."),
    "hotline_code": _l("The code of a hotline is letters and digits, at most 20."),
    "hotline_name": _l("Write the hotline's name."),
    "hotline_calendar": _l("Choose the calendar of its service hours."),
    "busy_span": _l("The end lies after the beginning, at most 12 hours later."),
    "busy_overlaps": _l("A busy period of this hotline overlaps with it already."),
    "hotline_unknown": _l("Choose the hotline."),
    "voicemail_no_sound": _l("Choose the recording: an audio file."),
    "voicemail_taken": _l("Somebody else has taken this voicemail."),
    "voicemail_not_taken": _l("Nobody holds this voicemail."),
    "voicemail_draft_first": _l("Your own draft of a request waits: send it or start afresh first."),
    "received_unreadable": _l("Write a time like 2026-11-24 09:12."),
}
TERMS |= import_words.TERMS
REFUSALS |= import_words.REFUSALS
