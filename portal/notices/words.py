"""What a notice says, by kind."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "notice.p1_proposed": _l("P1 proposed, not yet judged"),
    "notice.p1_judged": _l("Judged P1"),
    "notice.landed": _l("A pressing case has come to your department"),
    "notice.assigned": _l("Assigned to you"),
    "notice.transferred": _l("Transferred to your department"),
    "notice.returned": _l("Returned to your department"),
    "notice.ping_pong": _l("Handed to and fro a third time: decide who does it"),
    "notice.next_line": _l("Escalated to the next line"),
    "notice.extension_asked": _l("A new time waits for your decision"),
    "notice.extension_refused": _l("The new time was refused; the old one stands"),
    "notice.level_disputed": _l("Level disputed: verdict within 30 minutes"),
    "notice.dispute_settled": _l("The level is final"),
    "notice.dispute_lapsed": _l("No verdict within 30 minutes: the stricter level stands"),
    "notice.lowered_late": _l("Level lowered in the last quarter of its limit"),
    "notice.leaver": _l("Open cases of a colleague are yours now"),
    "notice.chased": _l("Chased"),
    "notice.result_written": _l("The result is in hand; tell the customer"),
    "notice.warn": _l("Due soon"),
    "notice.due": _l("Time has run out"),
    "notice.escalated": _l("Late for long"),
    "notice.unanswered": _l("Not acknowledged in time, passed on"),
    "notice.digest": _l("While the deadline watch was stopped"),
    "notice.storm": _l("Many deadlines in one minute"),
    "notice.incident_reported": _l("An incident was reported"),
    "notice.incident_declared": _l("The emergency plan is active"),
    "notice.incident_role": _l("You hold a role in an incident"),
    "notice.incident_task": _l("A task in an incident is yours"),
    "notice.incident_ended": _l("The incident has ended"),
}
REFUSALS: dict[str, object] = {
    "no_such_notice": _l("There is no such notice for you."),
}
