"""What may be done to wording and articles: written, handed in, approved or sent back by another person, counted.

An approved version is never changed. Each deed is an entry of the journal `knowledge:<code>`.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.identity.rules import may_review
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Missing, Refused, Stale
from portal.kernel.i18n import local, parse_local
from portal.knowledge import queries, rules
from portal.knowledge.models import KnowledgeUse, KnowledgeVersion


def write_new(actor: Actor, now: datetime, kind: str, data: dict[str, Any], *, key: str = "") -> KnowledgeVersion:
    """The first draft of a new wording or article; the form's key makes a second post find the first draft."""
    allow(actor, f"{kind}.draft")
    known = queries.made_by(key)
    if known is not None:
        return known
    made = rules.checked(kind, data) | {"hands": [actor.id]}
    draft = KnowledgeVersion(
        kind=kind, code=queries.next_code(kind), version=1, state="draft", effective_from=now, data=made,
        by_id=actor.id, at=now, key=key or None, note="",
    )  # fmt: skip
    db.session.add(draft)
    return _kept(draft, "KnowledgeDrafted", actor, now, data=made)


def write(
    actor: Actor, now: datetime, kind: str, code: str, data: dict[str, Any], *, seen: int | None = None
) -> KnowledgeVersion:
    """Keeps what was written as the open draft, or opens the next version; `seen`: the revision on the writer's screen.

    Raises Stale when somebody else has written meanwhile.
    """
    allow(actor, f"{kind}.draft")
    draft, made = queries.open_draft(kind, code, lock=True), rules.checked(kind, data)
    if seen is not None and seen != (draft.revision if draft else 0):
        raise Stale("knowledge_changed")
    if draft is None:
        last = queries.versions(kind, code)[0]
        draft = KnowledgeVersion(
            kind=kind, code=code, version=last.version + 1, state="draft", effective_from=now, data={}, revision=0,
            by_id=actor.id, at=now, note="",
        )  # fmt: skip
        db.session.add(draft)
    rules.must_be(draft.state, "draft")
    draft.data = made | {"hands": sorted({*draft.data.get("hands", ()), actor.id})}
    draft.revision += 1
    return _kept(draft, "KnowledgeWritten", actor, now, data=made)


def hand_in(actor: Actor, now: datetime, kind: str, code: str, why: str = "") -> KnowledgeVersion:
    """Hands the draft in for review; refuses one that says what is in force already."""
    allow(actor, f"{kind}.draft")
    draft = _open(kind, code, "draft")
    before = queries.held(kind, now, fresh=True).get(code)
    if before is not None and _said(before.data) == _said(draft.data):
        raise Refused("knowledge_changes_nothing")
    draft.state, draft.note = "review", _note(why)
    return _kept(draft, "KnowledgeHandedIn", actor, now, why=draft.note)


def discard(actor: Actor, now: datetime, kind: str, code: str, why: str = "") -> KnowledgeVersion:
    """Puts the draft aside for good; it stays readable."""
    allow(actor, f"{kind}.draft")
    draft = _open(kind, code, *rules.OPEN)
    draft.state, draft.note = "discarded", _note(why)
    return _kept(draft, "KnowledgeDiscarded", actor, now, why=draft.note)


def decline(actor: Actor, now: datetime, kind: str, code: str, why: str) -> KnowledgeVersion:
    """Sends the draft back with the reason."""
    allow(actor, f"{kind}.review")
    draft = _reviewed(actor, now, kind, code)
    if len(why.strip()) < 2:
        raise Invalid("knowledge_say_why", field="why")
    draft.state, draft.note = "draft", _note(why)
    return _kept(draft, "KnowledgeDeclined", actor, now, why=draft.note)


def approve(actor: Actor, now: datetime, kind: str, code: str, day: date | None = None, why: str = "") -> Any:
    """Puts the draft into force, at once or from the beginning of a day."""
    allow(actor, f"{kind}.review")
    draft, today = _reviewed(actor, now, kind, code), local(now).date()
    if day is not None and day < today:
        raise Invalid("knowledge_day_past", field="day")
    draft.data = rules.checked(kind, draft.data)
    since = now if day in (None, today) else parse_local(f"{day} 00:00")
    later = [one for one in queries.approved(kind, fresh=True) if one.code == code and one.since > since]
    if later:
        raise Invalid("knowledge_day_before", field="day", version=later[-1].version)
    draft.state, draft.note, draft.effective_from = "effective", _note(why), since
    return _kept(draft, "KnowledgeApproved", actor, now, since=int(draft.effective_from.timestamp()), why=draft.note)


def count_use(
    actor: Actor, now: datetime, kind: str, what: Iterable[tuple[str, int]], *, case_id: int, entry: int, deed: str,
    solved: bool | None = None,
) -> None:  # fmt: skip
    """Notes which versions (code, number) were used in an entry of a case's journal; unknown ones are passed over."""
    allow(actor, f"{kind}.view")
    wanted = list(dict.fromkeys(what))
    known = queries.approved_numbers(kind, [code for code, _version in wanted])
    for code, version in wanted:
        if (code, version) in known:
            db.session.add(
                KnowledgeUse(
                    kind=kind, code=code, version=version, case_id=case_id, entry=entry, deed=deed,
                    person_id=actor.id, at=now, solved=solved,
                )
            )  # fmt: skip


def _open(kind: str, code: str, *states: str) -> KnowledgeVersion:
    draft = queries.open_draft(kind, code, lock=True)
    if draft is None:
        raise Missing("no_open_draft", name=code)
    rules.must_be(draft.state, *states)
    return draft


def _reviewed(actor: Actor, now: datetime, kind: str, code: str) -> KnowledgeVersion:
    """A draft handed in, reviewed now by somebody who has no hand in it."""
    draft = _open(kind, code, "review")
    if not may_review(actor.id, draft.data["hands"]):
        raise Refused("knowledge_own_draft")
    draft.reviewed_by, draft.reviewed_at = actor.id, now
    return draft


def _said(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in ("hands", "shipped")}


def _note(words: str) -> str:
    return words.strip()[: rules.LONGEST["note"]]


def _kept(draft: KnowledgeVersion, kind: str, actor: Actor, now: datetime, **facts: Any) -> KnowledgeVersion:
    """Notes the deed and tells every process that texts have moved."""
    facts = {"kind": draft.kind, "version": draft.version} | facts
    stream.append(f"knowledge:{draft.code}", kind, facts, by_id=actor.id, at=now)
    feed.touch(queries.TOPIC, 0)
    return draft
