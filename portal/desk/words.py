"""Words of the desk: what comes next by state, and sentences of its refusals."""

from flask_babel import lazy_gettext as _l

from portal.desk.case_words import REFUSALS as CASE_REFUSALS
from portal.desk.case_words import TERMS as CASE_TERMS
from portal.desk.time_words import TERMS as TIME_TERMS

TERMS = (
    CASE_TERMS
    | TIME_TERMS
    | {
        "today.callback": _l("Call back"),
        "today.again": _l("Try to call again"),
        "today.promise": _l("Promised"),
        "today.reply": _l("Waits for an answer"),
        "today.returned": _l("Came back"),
        "today.message": _l("Wrote after the end"),
        "today.way.reopen": _l("Reopen"),
        "today.way.follow_up": _l("New linked case"),
        "today.task": _l("Incident task"),
        "todo.registered": _l("Wait for its level, or set it"),
        "todo.to_accept": _l("Claim it and contact the customer"),
        "todo.in_work": _l("Work on it and keep the customer informed"),
        "todo.waiting": _l("Ask the customer for what is missing"),
        "todo.waiting_force_majeure": _l("Go on when the incident has ended"),
        "todo.waiting_third_party": _l("Ask the third party how far it is"),
        "todo.result_in_hand": _l("Tell the customer the result"),
        "todo.told": _l("Ask the customer whether it is solved"),
        "todo.confirmed": _l("Record the rating and close"),
        "todo.rated": _l("Close the case"),
        "todo.planned": _l("Follow the plan"),
        "clock.no_such_kind": _l("%(no)s has no clock “%(kind)s”; it has: %(kinds)s"),
        "promise.open": _l("Still to be kept"),
        "promise.today": _l("Due today"),
        "promise.broken": _l("Broken"),
        "promise.kept": _l("Kept"),
        "promise.cancelled": _l("No longer applies"),
        "promise.refused": _l("Refused: the old time stands"),
        "promise.followed": _l("Followed by a later time"),
        "promise.kind.promise": _l("Promised reply"),
        "promise.kind.extension": _l("New time agreed"),
        "promise.decision.waits": _l("Waits for approval"),
        "promise.decision.approved": _l("Approved"),
        "promise.decision.refused": _l("Refused"),
        "segment.running": _l("Time with"),
        "segment.paused": _l("Paused with"),
        "segment.line": _l("%(unit)s, %(from)s – %(to)s: %(counted)s counted, %(lost)s not counted"),
        "deed.link": _l("Link to an incident"),
    }
)
REFUSALS = CASE_REFUSALS | {
    "no_such_queue": _l("There is no queue “%(queue)s”."),
    "nothing_to_claim": _l("Nothing is left to claim here: every case of this queue has its person."),
    "nothing_to_claim_shown": _l(
        "Filters are set: of the cases they show none is left to claim. The whole queue may hold others."
    ),
    "nothing_chosen": _l("No case was chosen. Tick the rows first."),
    "too_many_chosen": _l("At most %(most)s cases at once. Choose fewer."),
    "bulk_not_now": _l("This does not fit the present state of the case."),
    "filter_name_taken": _l("“%(name)s” is already taken by another filter of this list. Choose another name."),
    "too_many_filters": _l("A list holds %(most)s filters at most. Delete one first."),
}
# looked up by words() in the row loops of templates; named here so that they are found for the catalogue
HOISTED = (
    _l("Claim"),
    _l("Unclaimed"),
    _l("Paused"),
    _l("Chased"),
    _l("Reopened"),
    _l("No news"),
    _l("Incomplete"),
    _l("Incident"),
    _l(", proposed"),
    _l("No clock"),
    _l(", proposed"),
    _l("All"),
    _l("Assignee"),
    _l("Cases"),
    _l("Channel"),
    _l("Chased"),
    _l("Claim"),
    _l("Clock"),
    _l("Customer"),
    _l("Department"),
    _l("Groups of the queue"),
    _l("Incident"),
    _l("Incomplete"),
    _l("Late"),
    _l("Level"),
    _l("Mine"),
    _l("No clock"),
    _l("No news"),
    _l("No entry for a long time"),
    _l("Number"),
    _l("Open"),
    _l("Paused"),
    _l("Received"),
    _l("Reopened"),
    _l("Soon"),
    _l("Stale"),
    _l("State"),
    _l("Still open"),
    _l("Subject"),
    _l("Time left"),
    _l("To be confirmed"),
    _l("Unclaimed"),
    _l("Waiting for customer"),
)
