"""What may be done to the plans: drafted, written row by row, reviewed by somebody else, put in force; evaluated (EM2).

An approved version is never changed; incidents keep the version they were declared on. Each deed is an entry of the
journal `incident-plan`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.reviewing import LONGEST, by_another, in_state, said
from portal.incidents import plan_bases, plan_drafts, plan_lint, plan_queries, plans
from portal.incidents.models import Incident
from portal.incidents.plan_data import Data
from portal.incidents.plan_models import PlanEvaluation, PlanVersion
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused, Stale

CODES, STREAM = "plan", "incident-plan"


def open_draft(actor: Actor, now: datetime) -> PlanVersion:
    """The draft of the plans: the open one, or a new one that says what is in force."""
    allow(actor, "plan.edit")
    return plan_queries.open_draft() or _added(actor, now)


def write(
    actor: Actor, now: datetime, version: int, seen: int, change: Callable[[Data], Data], **facts: Any
) -> PlanVersion:
    """Writes a draft anew; `seen` is the revision on the writer's screen. Raises Stale when it was another."""
    allow(actor, "plan.edit")
    draft = _in(version, "draft")
    if seen != draft.revision:
        raise Stale("plan_changed", field="zh")
    made = change(draft.data)
    changes = [[d.part, d.place, d.code] for d in plan_drafts.differences(draft.data, made)]
    draft.data, draft.revision = made, draft.revision + 1
    draft.hands = sorted({*draft.hands, actor.id})
    return _kept(draft, "PlanWritten", actor, now, changes=changes, **facts)


def hand_in(actor: Actor, now: datetime, version: int, why: str) -> PlanVersion:
    """Hands a draft in for review; refuses one with errors, one that changes nothing, and one that was overtaken."""
    allow(actor, "plan.edit")
    draft = _sound(_in(version, "draft"))
    if not any(plan_drafts.differences(plans.document(draft.base), draft.data)):
        raise Refused("plan_changes_nothing", version=version)
    draft.state, draft.note = "review", said(why, CODES)
    return _kept(draft, "PlanHandedIn", actor, now, why=draft.note)


def send_back(actor: Actor, now: datetime, version: int, why: str) -> PlanVersion:
    """Sends a draft back with the reason."""
    allow(actor, "plan.review")
    draft = plan_queries.one(version, lock=True)
    by_another(draft, CODES, actor, now)
    draft.state, draft.note = "draft", said(why, CODES)
    return _kept(draft, "PlanSentBack", actor, now, why=draft.note)


def discard(actor: Actor, now: datetime, version: int, why: str) -> PlanVersion:
    """Puts a draft aside for good; it stays readable."""
    allow(actor, "plan.edit")
    draft = _in(version, "draft", "review")
    draft.state, draft.note = "discarded", said(why, CODES)
    return _kept(draft, "PlanDiscarded", actor, now, why=draft.note)


def approve(actor: Actor, now: datetime, version: int, why: str = "") -> PlanVersion:
    """Puts a version in force from now on; incidents that run keep the version they were declared on."""
    allow(actor, "plan.review")
    draft = plan_queries.one(version, lock=True)
    by_another(draft, CODES, actor, now)
    _sound(draft)
    draft.state, draft.effective_from, draft.note = "effective", now, why.strip()[:LONGEST] or draft.note
    return _kept(draft, "PlanApproved", actor, now, why=draft.note, data=draft.data)


def evaluate(actor: Actor, now: datetime, kind: str, words: str) -> None:
    """A plan was looked at as a whole, with the result; a year from now it is due again (EM8)."""
    allow(actor, "plan.review")
    plan = plans.latest()
    if kind not in plan.classes:
        raise Invalid("not_on_scale", field="kind")
    text = said(words, CODES)
    db.session.add(PlanEvaluation(kind=kind, version=plan.number, at=now, by_id=actor.id, words=text))
    stream.append(STREAM, "PlanEvaluated", {"kind": kind, "words": text}, by_id=actor.id, at=now)
    feed.touch(plans.TOPIC, 0)


def learn(actor: Actor, now: datetime, incident: Incident) -> int:
    """Drafts a revision of the plan from an incident's measures: each becomes a step of the class's checklist (EM8).

    The draft is opened where none is; a measure that stands there already, or in a draft under review, stays as it is.
    Returns how many steps came.
    """
    allow(actor, "incident.view", incident)
    wanted = {f"{incident.kind}.{_short(incident.no)}_{m.n}": m for m in incident.measures}
    draft = plan_queries.open_draft()
    if not wanted or incident.exercise or (draft and draft.state != "draft"):
        return 0
    known = {row["code"] for row in plan_drafts.rows(plans.document(plans.latest().number), "task", incident.kind)}
    draft = draft or _added(actor, now)
    data, came = draft.data, list[str]()
    for code, measure in wanted.items():
        if code not in known and plan_drafts.row_of(data, "task", incident.kind, code) is None:
            row = _step(code, measure.text, incident.no)
            data, came = plan_drafts.with_row(data, "task", incident.kind, code, row), [*came, code]
    if came:
        draft.data, draft.revision = data, draft.revision + 1
        _kept(draft, "PlanLearned", actor, now, incident=incident.no, steps=came)
    return len(came)


def _step(code: str, text: str, no: str) -> Data:
    """A measure as a step of a checklist: the writer of the draft says whose it is and by when."""
    return {
        "code": code, "zh": text[:200], "en": text[:200], "role": "commander", "kind": "remote", "minutes": 60,
        "proof_zh": "完成记录", "proof_en": "Record that it was done", "clause": f"EM8 {no}",
        "clause_minutes": plan_bases.HOUSE,
    }  # fmt: skip


def _short(no: str) -> str:
    return no.removeprefix("INC-").replace("-", "_")


def _added(actor: Actor, now: datetime) -> PlanVersion:
    base = plans.latest().number
    number = max([base, *(row.version for row in plan_queries.versions())]) + 1
    written = plan_bases.completed(plans.document(base), plans.document(max(plans.shipped())))
    data = written | {"number": number}
    draft = PlanVersion(
        version=number, state="draft", base=base, data=data, hands=[actor.id], revision=1, by_id=actor.id, at=now,
        note="",
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    return _kept(draft, "PlanDrafted", actor, now, base=base)


def _in(version: int, *states: str) -> PlanVersion:
    found = plan_queries.one(version, lock=True)
    in_state(found, CODES, *states)
    return found


def _sound(draft: PlanVersion) -> PlanVersion:
    if draft.base != plans.latest().number:
        raise Refused("plan_overtaken", version=draft.version, newer=plans.latest().number)
    wrong = plan_lint.errors(plan_queries.findings(draft.data))
    if wrong:
        raise Refused("plan_has_errors", count=len(wrong))
    return draft


def _kept(draft: PlanVersion, kind: str, actor: Actor, now: datetime, **facts: Any) -> PlanVersion:
    """Notes the deed and tells every process that versions have moved."""
    stream.append(STREAM, kind, {"version": draft.version} | facts, by_id=actor.id, at=now)
    feed.touch(plans.TOPIC, 0)
    return draft
