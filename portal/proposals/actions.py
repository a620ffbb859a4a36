"""What may be done to the rules: drafted, changed row by row, reviewed by somebody else, in force at once.

An approved version is never changed; a case keeps in its journal which version proposed. Each deed is an entry of the
journal `proposals:<version>`.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from portal.directory import lists
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.rules import may_review
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused, Stale
from portal.proposals import book, documents, queries
from portal.proposals.documents import Document
from portal.proposals.models import ProposalVersion
from portal.proposals.training import Outcome

LONGEST = 400


def open_draft(actor: Actor, now: datetime, why: str) -> ProposalVersion:
    """A draft with the rules in force; refuses while another one is open."""
    allow(actor, "proposals.draft")
    base, known = queries.newest_rules(), queries.versions("rules")
    running = next((one for one in known if one.state in ("draft", "review")), None)
    if running is not None:
        raise Invalid("proposal_draft_open", field="why", version=running.version)
    number = known[0].version + 1
    data = base.data | {"version": number, "base": base.version, "hands": [actor.id]}
    draft = ProposalVersion(
        kind="rules", version=number, state="draft", data=data, by_id=actor.id, at=now, note=_said(why)
    )
    db.session.add(draft)
    return _kept(draft, "RulesDrafted", actor, now, base=base.version, why=draft.note)


def put_row(
    actor: Actor, now: datetime, number: int, row_id: str, typed: Mapping[str, Any], *, seen: str | None = None
) -> ProposalVersion:
    """Writes a row of a draft, or with an empty id one more; `seen` is the row's sign as the person saw it.

    Raises Invalid at the field that is wrong, Stale when somebody else changed the row meanwhile.
    """
    allow(actor, "proposals.draft")
    draft = _in(number, "draft")
    old = documents.row_in(draft.data, row_id) if row_id else None
    if old is not None and seen is not None and seen != documents.sign(old):
        raise Stale("proposal_row_changed", field="words", words="、".join(old["words"])[:60])
    known: dict[str, Any] = {"units": queries.departments(), "types": lists.items("type")}
    row = documents.written(row_id or documents.new_id(draft.data), **known, **typed)
    if old is None and any(row == known | {"id": row["id"]} for known in draft.data["rules"]):
        return draft  # sent twice
    return _rewritten(draft, documents.with_row(draft.data, row), actor, now, row=row["id"], old=old, new=row)


def drop_row(actor: Actor, now: datetime, number: int, row_id: str) -> ProposalVersion:
    """Takes a row out of a draft."""
    allow(actor, "proposals.draft")
    draft = _in(number, "draft")
    old = documents.row_in(draft.data, row_id)
    return _rewritten(draft, documents.without_row(draft.data, row_id), actor, now, row=row_id, old=old, new=None)


def discard(actor: Actor, now: datetime, number: int, why: str) -> ProposalVersion:
    """Puts a draft aside for good; it stays readable."""
    allow(actor, "proposals.draft")
    draft = _in(number, "draft", "review")
    draft.state, draft.note = "discarded", _said(why)
    return _kept(draft, "RulesDiscarded", actor, now, why=draft.note)


def hand_in(actor: Actor, now: datetime, number: int, why: str) -> ProposalVersion:
    """Hands a draft in for review; refuses one that changes nothing."""
    allow(actor, "proposals.draft")
    draft = _in(number, "draft")
    if not any(documents.differences(queries.newest_rules().data, draft.data)):
        raise Refused("proposal_changes_nothing", version=number)
    draft.state, draft.note = "review", _said(why)
    return _kept(draft, "RulesHandedIn", actor, now, why=draft.note)


def send_back(actor: Actor, now: datetime, number: int, why: str) -> ProposalVersion:
    """Sends a draft back with the reason."""
    allow(actor, "proposals.review")
    draft = _reviewed(actor, now, number)
    draft.state, draft.note = "draft", _said(why)
    return _kept(draft, "RulesSentBack", actor, now, why=draft.note)


def approve(actor: Actor, now: datetime, number: int, why: str = "") -> ProposalVersion:
    """Puts a draft into force at once."""
    allow(actor, "proposals.review")
    draft = _reviewed(actor, now, number)
    draft.state, draft.since, draft.note = "effective", now, why.strip()[:LONGEST] or draft.note
    return _kept(draft, "RulesApproved", actor, now, why=draft.note)


def _in(number: int, *states: str) -> ProposalVersion:
    """The version, locked, if it is in one of these states."""
    found = queries.version(number, lock=True)
    if found.state not in states:
        raise Refused("proposal_in_other_state", version=number, state=f"term:proposal_state.{found.state}")
    return found


def _reviewed(actor: Actor, now: datetime, number: int) -> ProposalVersion:
    """A version handed in, reviewed now by somebody who has no hand in it."""
    draft = _in(number, "review")
    if not may_review(actor.id, (draft.by_id, *draft.data.get("hands", ()))):
        raise Refused("proposal_own_draft", version=number)
    draft.reviewed_by, draft.reviewed_at = actor.id, now
    return draft


def _said(words: str) -> str:
    """Words that somebody had to write."""
    text = words.strip()
    if len(text) < 2:
        raise Invalid("proposal_say_why", field="why")
    if len(text) > LONGEST:
        raise Invalid("proposal_text_long", field="why", most=LONGEST)
    return text


def _rewritten(draft: ProposalVersion, data: Document, actor: Actor, now: datetime, **facts: Any) -> ProposalVersion:
    last = max([data.get("last", 0), *(int(r["id"][1:]) for r in data["rules"] if r["id"][1:].isdecimal())])
    draft.data = data | {"hands": sorted({*data.get("hands", ()), actor.id}), "last": last}
    return _kept(draft, "RulesChanged", actor, now, **facts)


def _kept(draft: ProposalVersion, kind: str, actor: Actor, now: datetime, **facts: Any) -> ProposalVersion:
    """Notes the deed and tells every process that versions have moved."""
    stream.append(f"proposals:{draft.version}", kind, facts, by_id=actor.id, at=now)
    feed.touch(book.TOPIC, 0)
    return draft


def keep(actor: Actor, now: datetime, data: dict[str, Any], outcome: Outcome) -> Outcome:
    """Keeps a score as a version: in force at once if it may speak, else with the figures that say why not."""
    allow(actor, "proposals.train")
    known = queries.versions("score")
    number = known[0].version + 1 if known else 1
    facts = {name: value for name, value in asdict(outcome).items() if name != "version"}
    row = ProposalVersion(
        kind="score", version=number, state="effective" if outcome.live else "refused", at=now,
        since=now if outcome.live else None, by_id=None, note="",
        data=facts | (data if outcome.live else {"fields": {}}),
    )  # fmt: skip
    db.session.add(row)
    stream.append("proposals:score", "ScoreLearnt", facts | {"version": number}, by_id=actor.id, at=now)
    feed.touch(book.TOPIC, 0)
    return replace(outcome, version=number)
