"""What may be done to flows: drafted, written step by step, reviewed by somebody else, approved from a day on.

An approved version is never changed; orders keep the version they began on (WF5). Each deed is an entry of the journal
`flow:<code>`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.reviewing import LONGEST, by_another, in_state, said
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import local, parse_local
from portal.workflows import flow_drafts, versions
from portal.workflows.definition import from_data, to_data
from portal.workflows.flow_drafts import Data
from portal.workflows.flow_models import FlowVersion
from portal.workflows.lint import CODE, errors, lint

CODES = "flow"


def open_draft(actor: Actor, now: datetime, flow: str) -> FlowVersion:
    """The draft of a flow: the open one, or a new one that says what the newest version says."""
    allow(actor, "flow.edit")
    held = versions.open_draft(flow)
    if held is not None:
        return held
    base = versions.newest_approved(flow) or versions.of_flow(flow)[0]
    return _added(actor, now, flow, dict(base.data), base.version, "")


def bring(actor: Actor, now: datetime, data: Any, *, key: str = "") -> FlowVersion:
    """A draft from imported data: of a new flow, or the next version of one; it replaces what an open draft says."""
    allow(actor, "flow.edit")
    known = versions.made_by(key)
    if known is not None:
        return known
    made = to_data(flow_drafts.defined(data))
    flow = made["flow"]
    if not CODE.fullmatch(flow):
        raise Invalid("flow_code_bad", field="text", word=flow[:40])
    held = versions.open_draft(flow)
    if held is None:
        rows = versions.flows().get(flow, [])
        return _added(actor, now, flow, made, rows[0].version if rows else 0, key)
    return _written(actor, now, held, held.revision, lambda _old: made)


def write(
    actor: Actor, now: datetime, flow: str, version: int, seen: int, change: Callable[[Data], Data]
) -> FlowVersion:
    """Writes a draft anew; `seen` is the revision on the writer's screen. Raises Stale when it was another."""
    allow(actor, "flow.edit")
    return _written(actor, now, _in(flow, version, "draft"), seen, change)


def hand_in(actor: Actor, now: datetime, flow: str, version: int, why: str) -> FlowVersion:
    """Hands a draft in for review; refuses one with errors, and one that changes nothing."""
    allow(actor, "flow.edit")
    draft = _sound(_in(flow, version, "draft"), now)
    base = versions.newest_approved(flow)
    if base is not None and not any(flow_drafts.differences(base.data, draft.data)):
        raise Refused("flow_changes_nothing", version=version)
    draft.state, draft.note = "review", said(why, CODES)
    return _kept(draft, "FlowHandedIn", actor, now, why=draft.note)


def send_back(actor: Actor, now: datetime, flow: str, version: int, why: str) -> FlowVersion:
    """Sends a draft back with the reason."""
    allow(actor, "flow.review")
    draft = _reviewed(actor, now, flow, version)
    draft.state, draft.note = "draft", said(why, CODES)
    return _kept(draft, "FlowSentBack", actor, now, why=draft.note)


def discard(actor: Actor, now: datetime, flow: str, version: int, why: str) -> FlowVersion:
    """Puts a draft aside for good; it stays readable."""
    allow(actor, "flow.edit")
    draft = _in(flow, version, *versions.OPEN)
    draft.state, draft.note = "discarded", said(why, CODES)
    return _kept(draft, "FlowDiscarded", actor, now, why=draft.note)


def approve(actor: Actor, now: datetime, flow: str, version: int, day: date, why: str = "") -> FlowVersion:
    """Puts a version into force from the beginning of a day, from this instant if the day is today."""
    allow(actor, "flow.review")
    draft, today = _sound(_reviewed(actor, now, flow, version), now), local(now).date()
    if day < today:
        raise Invalid("flow_day_past", field="day", day=day.isoformat())
    since = now if day == today else parse_local(f"{day.isoformat()} 00:00")
    base = versions.newest_approved(flow)
    if base is not None and since <= base.effective_from:
        held = local(base.effective_from).date().isoformat()
        raise Invalid("flow_day_before", field="day", version=base.version, day=held)
    draft.state, draft.effective_from, draft.note = "effective", since, why.strip()[:LONGEST] or draft.note
    return _kept(draft, "FlowApproved", actor, now, day=day.isoformat(), why=draft.note)


def _added(actor: Actor, now: datetime, flow: str, data: Data, last: int, key: str) -> FlowVersion:
    number = max([last, *(row.version for row in versions.flows().get(flow, []))]) + 1
    draft = FlowVersion(
        flow=flow, version=number, state="draft", effective_from=now, data=data, hands=[actor.id], by_id=actor.id,
        at=now, note="", key=key or None,
    )  # fmt: skip
    db.session.add(draft)
    return _kept(draft, "FlowDrafted", actor, now, base=last, data=data)


def _written(actor: Actor, now: datetime, draft: FlowVersion, seen: int, change: Callable[[Data], Data]) -> FlowVersion:
    in_state(draft, CODES, "draft")
    if seen != draft.revision:
        raise Stale("flow_changed", field="name_zh")
    made = to_data(flow_drafts.defined(change(draft.data)))
    changes = [[one.step, one.what] for one in flow_drafts.differences(draft.data, made)]
    draft.data, draft.revision = made, draft.revision + 1
    draft.hands = sorted({*draft.hands, actor.id})
    return _kept(draft, "FlowWritten", actor, now, changes=changes, data=made)


def _sound(draft: FlowVersion, now: datetime) -> FlowVersion:
    wrong = errors(lint(from_data(draft.data, draft.version), versions.known(now)))
    if wrong:
        raise Refused("flow_has_errors", count=len(wrong))
    return draft


def _in(flow: str, version: int, *states: str) -> FlowVersion:
    found = versions.one(flow, version, lock=True)
    in_state(found, CODES, *states)
    return found


def _reviewed(actor: Actor, now: datetime, flow: str, version: int) -> FlowVersion:
    """A version handed in, reviewed now by somebody who has no hand in it."""
    draft = versions.one(flow, version, lock=True)
    by_another(draft, CODES, actor, now)
    return draft


def _kept(draft: FlowVersion, kind: str, actor: Actor, now: datetime, **facts: Any) -> FlowVersion:
    """Notes the deed and tells every process that versions have moved."""
    stream.append(f"flow:{draft.flow}", kind, {"version": draft.version} | facts, by_id=actor.id, at=now)
    feed.touch(versions.TOPIC, 0)
    return draft
