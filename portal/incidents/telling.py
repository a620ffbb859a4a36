"""What is written down and said in an incident: entries, reports, announcements, figures, criteria, cases."""

from dataclasses import replace
from datetime import datetime

from portal.cases import actions as cases
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.incidents import events as e
from portal.incidents import grading_actions, news_actions, news_queries, news_rules, plans, queries, rules
from portal.incidents.force_majeure_actions import let_one_run
from portal.incidents.models import Incident
from portal.incidents.record import record
from portal.kernel.errors import Invalid, Refused


def enter(
    actor: Actor, now: datetime, incident: Incident, *, kind: str, text: str, reason: str = "", options: str = ""
) -> None:
    """Adds a decision (with its reason and the options considered, EM6) or information to the timeline."""
    allow(actor, "incident.act", incident)
    rules.not_ended(incident)
    rules.one_of(kind, rules.ENTRY_KINDS, "kind")
    if kind == "decision":
        rules.require(reason, "reason")
    event = e.Entered(kind, rules.require(text, "text"), reason.strip(), options.strip())
    record(incident, event, by=actor, at=now)


def correct(actor: Actor, now: datetime, incident: Incident, *, n: int, text: str) -> None:
    """Writes an entry that takes the place of an earlier one; the earlier one stays."""
    allow(actor, "incident.act", incident)
    rules.not_ended(incident)
    lines = queries.history(incident)
    if not any(line.n == n and line.kind in ("Entered", "Corrected") for line in lines):
        raise Invalid("no_such_entry", field="n")
    if any(line.kind == "Corrected" and line.facts["n"] == n for line in lines):
        raise Refused("corrected_already")
    record(incident, e.Corrected(n, rules.require(text, "text")), by=actor, at=now)


def report_situation(
    actor: Actor, now: datetime, incident: Incident, *, text: str, next_report: datetime | None, last: bool = False
) -> None:
    """What is known now, and the promise when the next report comes, or that this was the last one (EM4)."""
    allow(actor, "incident.act", incident)
    if next_report is None and not last:
        raise Invalid("words_missing", field="next_report")
    due = None if last or next_report is None else rules.ahead(next_report, now, "next_report")
    record(incident, rules.report_situation(incident, plans.of(incident.plan_version), text, due), by=actor, at=now)


def put_off_report(actor: Actor, now: datetime, incident: Incident, *, until: datetime, reason: str) -> None:
    """The next report comes later than promised; the timeline keeps the reason (EM4)."""
    allow(actor, "incident.act", incident)
    rules.running(incident)
    due, before = rules.ahead(until, now, "until"), incident.next_report_at
    event = e.ReportPutOff(due, int(before.timestamp()) if before else 0, rules.require(reason, "reason"))
    record(incident, event, by=actor, at=now)


def draft_announcement(
    actor: Actor,
    now: datetime,
    incident: Incident,
    *,
    text: str,
    channels: str,
    recovery: datetime | None = None,
    next_news: datetime | None = None,
    restored: bool = False,
    text_en: str = "",
) -> int:
    """Writes a text for customers that is not said yet; returns its number.

    Places such as {预计恢复时间} take the values that are known now; the rest is filled before it is published. It
    promises when they hear more, unless it says that service is back (`restored`).
    """
    allow(actor, "incident.act", incident)
    rules.running(incident)
    if next_news is None and not restored:
        raise Invalid("news_needed", field="next_news")
    if not news_rules.channels(channels):
        raise Invalid("words_missing", field="channels")
    n = max((a["n"] for a in incident.announcements), default=0) + 1
    event = e.AnnouncementDrafted(
        n, rules.require(text, "text"), rules.require(channels, "channels"),
        rules.ahead(recovery, now, "recovery") if recovery else None,
        rules.ahead(next_news, now, "next_news") if next_news else None, restored, text_en.strip(),
    )  # fmt: skip
    values = news_queries.values_of(incident, event.recovery, event.next_news)
    filled = [news_rules.filled(words, values[lang]) for lang, words in (("zh", event.text), ("en", event.text_en))]
    record(incident, replace(event, text=filled[0], text_en=filled[1]), by=actor, at=now)
    return n


def publish_announcement(actor: Actor, now: datetime, incident: Incident, *, n: int) -> None:
    """Another person than who wrote it approves a draft: from now on it is what customers were told last.

    Every linked case is put on the work list; the worker writes the entries and tells the departments.
    """
    allow(actor, "incident.command", incident)
    rules.running(incident)
    draft = news_rules.one(incident, n)
    values = news_queries.values_of(incident, draft["recovery"], draft["next_news"])
    record(incident, news_rules.publish(incident, n, actor.id, values, now), by=actor, at=now)
    news_actions.spread(actor, now, incident, n)


def estimate_affected(actor: Actor, now: datetime, incident: Incident, *, count: int, basis: str) -> None:
    """How many customers are affected, and what the figure rests on."""
    allow(actor, "incident.act", incident)
    rules.not_ended(incident)
    if count < 0:
        raise Invalid("not_on_scale", field="count")
    record(incident, e.AffectedEstimated(count, rules.require(basis, "basis")), by=actor, at=now)
    grading_actions.look_again(actor, now, incident)


def link_cases(
    actor: Actor, now: datetime, incident: Incident, *, numbers: list[str], since: datetime | None = None
) -> int:
    """Links customers' cases by their numbers, and all that resemble it received since then; all or none. How many."""
    allow(actor, "incident.link", incident)
    rules.not_ended(incident)
    found = queries.cases_by_no([*numbers, *(queries.alike_since(incident, since) if since else ())])
    if not found:
        raise Invalid("no_numbers", field="numbers")
    for case in found:
        if case.incident_id is not None:
            raise Refused("linked_already", no=case.no)
        if case.exercise != incident.exercise:
            raise Refused("exercise_apart", no=case.no)
        cases.link(actor, now, case, incident_id=incident.id, incident_no=incident.no, title=incident.title)
        record(incident, e.CaseLinked(case.id, case.no), by=actor, at=now)
    if incident.said and incident.state == "active":  # those who come later hear what was said last
        news_actions.spread(actor, now, incident, incident.said["n"])
    grading_actions.look_again(actor, now, incident)
    return len(found)


def unlink_case(actor: Actor, now: datetime, incident: Incident, *, number: str, reason: str) -> None:
    """Takes back a link, with the reason."""
    allow(actor, "incident.link", incident)
    rules.not_ended(incident)
    why = rules.require(reason, "reason")
    for case in queries.cases_by_no([number]):
        if case.incident_id != incident.id:
            raise Refused("not_linked", no=case.no)
        let_one_run(actor, now, case)
        cases.unlink(actor, now, case, incident_no=incident.no, reason=why)
        record(incident, e.CaseUnlinked(case.id, case.no, why), by=actor, at=now)


def settle_criterion(
    actor: Actor, now: datetime, incident: Incident, *, code: str, how: str, waived: bool = False
) -> None:
    """An end criterion is met (how was it found out?), or the commander sets it aside with a reason."""
    allow(actor, "incident.command" if waived else "incident.act", incident)
    rules.open_criterion(incident, code)
    words = rules.require(how, "how")
    event = e.CriterionWaived(code, words) if waived else e.CriterionMet(code, words)
    record(incident, event, by=actor, at=now)
