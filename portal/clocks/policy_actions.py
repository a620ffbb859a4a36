"""What may be done to a policy: drafted, changed cell by cell, reviewed by somebody else, approved from a day on.

An approved version is never changed; cases keep the version they were born with (SL10). Each deed is an entry of the
journal `policy:<version>`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portal.clocks import book, further, ladder_drafts, policy_drafts, policy_queries
from portal.clocks.models import PolicyVersion
from portal.clocks.policy import PolicyRefused
from portal.clocks.policy_drafts import Cell, Document
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.rules import may_review
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import local, parse_local

LONGEST = 400
FIELDS = {
    "policy_calendar_unknown": "calendar",
    "policy_warn_share_bad": "warn",
    "policy_special_of_nothing": "customer_class",
    "policy_row_twice": "customer_class",
    "policy_combine_unknown": "combine",
    "ladder_nobody": "to_{step}",
    "ladder_role_unknown": "to_{step}",
    "ladder_answer_bad": "answer_{level}",
    "ladder_quiet_bad": "quiet_from",
    "further_silence_unreadable": "{row}",
    "further_silence_no_time": "{row}",
    "further_number_bad": "{row}",
}
PLACED = ("ladder_step_not_positive", "ladder_not_in_order")  # at the minutes of a level, or at the share


def open_draft(actor: Actor, now: datetime, why: str) -> PolicyVersion:
    """A draft with the limits of the newest approved version."""
    allow(actor, "policy.draft")
    base = policy_queries.newest_approved()
    number = policy_queries.versions()[0].version + 1
    data = base.data | {"version": number, "base": base.version, "hands": [actor.id]}
    draft = PolicyVersion(
        version=number, state="draft", effective_from=now, data=data, by_id=actor.id, at=now, note=_said(why, "why")
    )
    db.session.add(draft)
    return _kept(draft, "PolicyDrafted", actor, now, base=base.version, why=draft.note)


def change_cell(
    actor: Actor, now: datetime, number: int, row_id: str, cell: Cell, *, seen: Cell | None = None
) -> PolicyVersion:
    """Writes one cell of a draft; `seen` is the cell as the person saw it."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft")
    row = policy_drafts.rows_by_id(draft.data).get(row_id)
    if row is None:
        raise Missing("no_such_row", row=row_id)
    old = policy_drafts.cell_of(row, draft.data)
    if seen is not None and seen != old:
        raise Stale("policy_cell_changed", field="limit", limit=old.limit)
    made = _sound(lambda: policy_drafts.changed(draft.data, row_id, cell), now)
    new = policy_drafts.cell_of(policy_drafts.rows_by_id(made)[row_id], made)
    return _rewritten(draft, made, actor, now, row=row_id, old=vars(old), new=vars(new))


def add_special(
    actor: Actor, now: datetime, number: int, row_id: str, customer_class: str, request_type: str, cell: Cell
) -> tuple[PolicyVersion, str]:
    """Adds a row beside another that holds for a class of customers or a type of request alone; gives its id."""
    allow(actor, "policy.draft")
    draft, made_id = _in(number, "draft"), ""
    if row_id not in policy_drafts.rows_by_id(draft.data):
        raise Missing("no_such_row", row=row_id)

    def make() -> Document:
        nonlocal made_id
        made, made_id = policy_drafts.with_special(draft.data, row_id, customer_class, request_type, cell)
        return made

    made = _sound(make, now)
    return _rewritten(draft, made, actor, now, row=made_id, old=None, new=vars(cell)), made_id


def change_combine(actor: Actor, now: datetime, number: int, kind: str, hows: Mapping[str, str]) -> PolicyVersion:
    """Says anew how level and channel of a kind combine, for each level."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft")
    if kind not in draft.data["combine"]:
        raise Missing("no_such_row", row=kind)
    made = _sound(lambda: policy_drafts.with_combine(draft.data, kind, hows), now)
    return _rewritten(draft, made, actor, now, combine=kind, old=draft.data["combine"][kind], new=dict(hows))


def change_ladder(
    actor: Actor, now: datetime, number: int, ladder: Mapping[str, Any], share: float, *, seen: str = ""
) -> PolicyVersion:
    """Writes the escalation ladder of a draft and the warning point; `seen` is the ladder as the person saw it."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft")
    if seen and seen != ladder_drafts.sealed(draft.data):
        raise Stale("ladder_moved", field="share")
    made = _sound(lambda: ladder_drafts.with_ladder(draft.data, ladder, share), now)
    old = ladder_drafts.ladder_of(draft.data)
    return _rewritten(draft, made, actor, now, ladder=ladder, old=old, share=share, old_share=draft.data["warn_share"])


def change_further(
    actor: Actor, now: datetime, number: int, typed: Mapping[str, str], *, seen: str = ""
) -> PolicyVersion:
    """Writes what a draft says of silence, coming back and notices a minute; `seen` is how the person saw it."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft")
    if seen and seen != further.sealed(draft.data):
        raise Stale("further_moved", field="reopen_days")
    made = _sound(lambda: further.with_points(draft.data, typed), now)
    return _rewritten(draft, made, actor, now, further=further.points(made), old=further.points(draft.data))


def discard(actor: Actor, now: datetime, number: int, why: str) -> PolicyVersion:
    """Puts a draft aside for good; it stays readable."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft", "review")
    draft.state, draft.note = "discarded", _said(why, "why")
    return _kept(draft, "PolicyDiscarded", actor, now, why=draft.note)


def hand_in(actor: Actor, now: datetime, number: int, why: str) -> PolicyVersion:
    """Hands a draft in for review; refuses one that changes nothing or has been overtaken."""
    allow(actor, "policy.draft")
    draft = _in(number, "draft")
    base = _base_of(draft)
    if not any(policy_drafts.differences(base.data, draft.data)):
        raise Refused("policy_changes_nothing", version=number)
    draft.state, draft.note = "review", _said(why, "why")
    return _kept(draft, "PolicyHandedIn", actor, now, why=draft.note)


def send_back(actor: Actor, now: datetime, number: int, why: str) -> PolicyVersion:
    """Sends a draft back with the reason."""
    allow(actor, "policy.review")
    draft = _reviewed(actor, now, number)
    draft.state, draft.note = "draft", _said(why, "why")
    return _kept(draft, "PolicySentBack", actor, now, why=draft.note)


def approve(actor: Actor, now: datetime, number: int, day: date, why: str = "") -> PolicyVersion:
    """Puts a version into force from the beginning of a day, from this instant if the day is today."""
    allow(actor, "policy.review")
    draft = _reviewed(actor, now, number)
    base, today = _base_of(draft), local(now).date()
    if day < today:
        raise Invalid("policy_day_past", field="day", day=day.isoformat())
    since = now if day == today else parse_local(f"{day.isoformat()} 00:00")
    if since <= base.effective_from:
        held = local(base.effective_from).date().isoformat()
        raise Invalid("policy_day_before", field="day", version=base.version, day=held)
    _sound(lambda: draft.data, now)
    draft.state, draft.effective_from, draft.note = "effective", since, why.strip()[:LONGEST] or draft.note
    draft.data = draft.data | {"effective_from": day.isoformat()}
    return _kept(draft, "PolicyApproved", actor, now, day=day.isoformat(), why=draft.note)


def _in(number: int, *states: str) -> PolicyVersion:
    """The version, locked, if it is in one of these states."""
    found = policy_queries.version(number, lock=True)
    if found.state not in states:
        raise Refused("policy_in_other_state", version=number, state=f"term:policy_state.{found.state}")
    return found


def _reviewed(actor: Actor, now: datetime, number: int) -> PolicyVersion:
    """A version handed in, reviewed now by somebody who has no hand in it."""
    draft = _in(number, "review")
    if not may_review(actor.id, (draft.by_id, *draft.data.get("hands", ()))):
        raise Refused("policy_own_draft", version=number)
    draft.reviewed_by, draft.reviewed_at = actor.id, now
    return draft


def _base_of(draft: PolicyVersion) -> PolicyVersion:
    """The version a draft was opened from, which must still be the newest approved one."""
    base = policy_queries.newest_approved()
    if base.version != draft.data.get("base"):
        raise Refused("policy_overtaken", version=draft.version, newer=base.version)
    return base


def _sound(make: Any, now: datetime) -> Document:
    """What is made, if it is a sound policy; refusals name the field."""
    try:
        made: Document = make()
        policy_drafts.check(made, policy_queries.calendars(now))
    except PolicyRefused as refused:
        if "kind" in refused.facts:
            refused.facts["kind"] = f"term:clock.{refused.facts['kind']}"
        raise Invalid(refused.code, field=_field(refused), **refused.facts) from refused
    return made


def _field(refused: PolicyRefused) -> str:
    """The field of the form that a refusal is about."""
    if refused.code in PLACED:
        return ("minutes_{level}_{step}" if refused.facts["level"] else "share_{step}").format(**refused.facts)
    return FIELDS.get(refused.code, "limit").format(**refused.facts)


def _said(words: str, field: str) -> str:
    """Words that somebody had to write."""
    text = words.strip()
    if len(text) < 2:
        raise Invalid("policy_say_why", field=field)
    if len(text) > LONGEST:
        raise Invalid("policy_words_long", field=field, most=LONGEST)
    return text


def _rewritten(draft: PolicyVersion, data: Document, actor: Actor, now: datetime, **facts: Any) -> PolicyVersion:
    draft.data = data | {"hands": sorted({*data.get("hands", ()), actor.id})}
    return _kept(draft, "PolicyChanged", actor, now, **facts)


def _kept(draft: PolicyVersion, kind: str, actor: Actor, now: datetime, **facts: Any) -> PolicyVersion:
    """Notes the deed and tells every process that versions have moved."""
    stream.append(f"policy:{draft.version}", kind, facts, by_id=actor.id, at=now)
    feed.touch(book.TOPIC, 0)
    return draft
