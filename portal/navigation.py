"""What stands in the side navigation, for whom, and which pages belong to which item."""

from typing import Any

from flask_babel import lazy_gettext as _l

# (heading, [(endpoint, icon, label, verb)]); items a role cannot use are absent
NAVIGATION: list[tuple[Any, list[tuple[str, str, Any, str]]]] = [
    ("", [
        ("desk.home", "home", _l("My desk"), "notice.read"),
        ("intake.form", "intake", _l("Log a request"), "case.log"),
        ("voicemails.index", "phone", _l("Voicemails"), "case.log"),
        ("roster.week", "roster", _l("Duty roster"), "roster.view"),
        ("handover.index", "transfer", _l("Shift hand-over"), "case.work"),
        ("announcements.index", "info", _l("Announcements"), "announcement.view"),
    ]),
    (_l("Queues"), [
        ("desk.mine", "mine", _l("My cases"), "queue.view"),
        ("desk.following", "eye", _l("Following"), "case.follow"),
        ("desk.queues", "inbox", _l("Department queues"), "queue.view"),
        ("desk.judging", "flag", _l("To be judged"), "case.judge"),
        ("desk.promised", "clock", _l("Promises"), "queue.view"),
        ("tasks.index", "roster", _l("Tasks"), "task.view"),
        ("summaries.daily", "clipboard-check", _l("Daily summary of P2"), "daily.view"),
        ("summaries.grooming", "calendar-check", _l("Weekly grooming of P4"), "daily.view"),
    ]),
    (_l("Find"), [
        ("archive.search", "archive", _l("Archive"), "archive.search"),
        ("customers.index", "user", _l("Customer files"), "customer.view"),
        ("articles.index", "book", _l("Knowledge articles"), "article.view"),
        ("wordings.index", "chat", _l("Standard wording"), "wording.view"),
    ]),
    (_l("Group business"), [
        ("orders.index", "transfer", _l("Orders"), "order.view"),
        ("corporate.index", "building", _l("Group customers"), "corporate.view"),
        ("projects.index", "clipboard-check", _l("Support projects"), "project.view"),
    ]),
    (_l("Emergency"), [("incidents.index", "incident", _l("Incident command"), "incident.view")]),
    (_l("Figures"), [("reports.index", "chart", _l("Reports"), "report.view")]),
    (_l("Administration"), [
        ("identity.people", "people", _l("People"), "people.view"),
        ("policies.index", "clipboard-check", _l("Limits"), "policy.view"),
        ("flows.index", "transfer", _l("Workflows"), "flow.view"),
        ("proposals.index", "tag", _l("Proposals"), "proposals.view"),
        ("calendars.index", "calendar-check", _l("Calendars"), "calendar.view"),
        ("lists.index", "list", _l("Lists"), "list.edit"),
        ("delivery.index", "send", _l("Sending"), "delivery.manage"),
        ("dispatch.index", "transfer", _l("Dispatch rules"), "dispatch.edit"),
        ("imports.index", "upload", _l("Import"), "case.import"),
    ]),
]  # fmt: skip
# pages that belong to another page's item
BELONGS = {
    "desk.queue": "desk.queues",
    "desk.saved": "desk.queues",
    "desk.save": "desk.queues",
    "desk.columns": "desk.queues",
    "desk.choose": "desk.queues",
    "identity.new_person": "identity.people",
    "identity.add_person": "identity.people",
    "identity.one_person": "identity.people",
    "identity.new_password": "identity.people",
    "identity.disabling": "identity.people",
    "identity.give_role": "identity.people",
    "identity.end_role": "identity.people",
    "identity.move": "identity.people",
    "absences.index": "roster.week",
    "absences.new": "roster.week",
    "absences.enter": "roster.week",
}
WHOLE_ROOMS = {
    "calendars": "calendars.index",
    "delivery": "delivery.index",
    "imports": "imports.index",
    "dispatch": "dispatch.index",
    "voicemails": "voicemails.index",
    "intake": "intake.form",
    "roster": "roster.week",
    "handover": "handover.index",
    "announcements": "announcements.index",
    "archive": "archive.search",
    "customers": "customers.index",
    "corporate": "corporate.index",
    "projects": "projects.index",
    "lists": "lists.index",
    "incidents": "incidents.index",
    "orders": "orders.index",
    "raising": "orders.index",
    "reports": "reports.index",
    "tasks": "tasks.index",
    "policies": "policies.index",
    "flows": "flows.index",
    "articles": "articles.index",
    "asked": "articles.index",
    "wordings": "wordings.index",
    "proposals": "proposals.index",
    "time_reports": "reports.index",
}
