"""What may be done to a report by calendar: opened, written, handed in, sent back, signed, published, corrected.

Publishing freezes: figures and prose become one text with its hash, which stands in the journal `paper:<id>`. A
published edition is never changed; what has to be corrected is a further edition that says what it corrects.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from portal.identity import queries as people
from portal.identity.actor import Actor
from portal.identity.policy import allow
from portal.journal import anchors, seals, stream
from portal.kernel.db import db
from portal.kernel.errors import Invalid, Refused, Stale
from portal.kernel.i18n import local
from portal.kernel.instants import epoch, moment
from portal.notices.tell import tell
from portal.reports import freeze, paper_calendar, paper_queries, paper_rules
from portal.reports.paper_models import Paper, PaperText
from portal.reports.paper_rules import KINDS, Kind


class Place(NamedTuple):
    """The department a report is opened for, as a subject of policy."""

    unit_ids: frozenset[int]


def open_paper(actor: Actor, now: datetime, kind: Kind, period: str, unit_id: int = 0) -> Paper:
    """Opens a report, to be drafted by the worker on its date; one that is there already is given back."""
    allow(actor, "report.write", Place(frozenset((unit_id,)) if unit_id else frozenset()))
    paper_rules.span_of(kind, period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    found = paper_queries.newest(kind.code, period, unit_id)
    if found is not None:
        return found
    draft, due = paper_queries.instants(kind, period, now)
    row = Paper(
        kind=kind.code, period=period, unit_id=unit_id, edition=1, state="waiting", draft_at=moment(draft),
        due_at=moment(due), notice_at=max(paper_queries.tell_at(due, now), draft), hands=[], signers=[],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return _kept(row, "PaperOpened", actor, now, kind=kind.code, period=period, unit=unit_id, edition=1)


def write_text(actor: Actor, now: datetime, paper: Paper, *, section: str, text: str, seen: int | None) -> PaperText:
    """Keeps the prose of a section; an empty text takes it out. Raises Stale when somebody wrote since it was read."""
    allow(actor, "report.write", paper)
    kind = KINDS[paper.kind]
    paper_rules.in_state(paper.state, "waiting", "draft")
    name = paper_rules.prose_of(kind, section)
    said = paper_rules.prose_text(kind, name, text, _customers(kind, paper, name, now))
    where = (PaperText.paper_id == paper.id) & (PaperText.section == name)
    row = db.session.scalar(select(PaperText).where(where).with_for_update())
    if seen is not None and seen != (row.version if row else 0):
        raise Stale("text_changed_meanwhile")
    if row is None:
        row = PaperText(paper_id=paper.id, section=name, version=0)
        db.session.add(row)
    row.text, row.by_id, row.by_name, row.at = said, actor.id, actor.name, now
    row.version += 1
    paper.hands = sorted({*paper.hands, actor.id})
    _kept(paper, "TextWritten", actor, now, section=name, text=said)
    return row


def draft_anew(actor: Actor, now: datetime, paper: Paper) -> Paper:
    """Has the worker take the figures of a draft once more; prose stays."""
    allow(actor, "report.write", paper)
    paper_rules.in_state(paper.state, "draft")
    paper.state, paper.draft_at, paper.done, paper.worker = "waiting", now, 0, ""
    return _kept(paper, "PaperAskedAnew", actor, now)


def hand_in(actor: Actor, now: datetime, paper: Paper, signers: Sequence[int] = ()) -> Paper:
    """Hands a draft in for review, to named people where the report is signed."""
    allow(actor, "report.write", paper)
    kind = paper_calendar.kind_of(paper.kind)
    paper_rules.in_state(paper.state, "draft")
    span = paper_rules.span_of(kind, paper.period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    texts, hands = paper_queries.texts(paper.id), {*paper.hands, actor.id}
    offered = dict(paper_queries.signers_offered(paper))
    chosen = [one for one in dict.fromkeys(signers) if one in offered]
    if kind.signed and len(chosen) != len(set(signers)):
        raise Invalid("paper_signer_wrote", field="signers")
    paper_rules.may_hand_in(
        kind, hands, chosen if kind.signed else [], over=not span.running,
        written=kind.every in ("day", "week") or any(row.text for row in texts.values()),
    )  # fmt: skip
    for section, row in texts.items():
        paper_rules.prose_text(kind, section, row.text, _customers(kind, paper, section, now))
    paper.state, paper.handed_in_at, paper.note, paper.hands = "review", now, "", sorted(hands)
    paper.signers = [{"id": one, "name": offered[one], "at": None} for one in chosen] if kind.signed else []
    _kept(paper, "PaperHandedIn", actor, now, signers=[one["id"] for one in paper.signers])
    _tell(paper_queries.reviewers(paper), "paper_review", paper, now)
    return paper


def send_back(actor: Actor, now: datetime, paper: Paper, why: str) -> Paper:
    """Sends it back to those who wrote it, with the reason."""
    allow(actor, "report.review", paper)
    paper_rules.in_state(paper.state, "review")
    paper_rules.may_decide(actor.id, paper.hands, [dict(one, at=None) for one in paper.signers])
    paper.state, paper.note = "draft", paper_rules.words_of(why, "paper_say_why", "why")
    paper.signers = []
    _kept(paper, "PaperSentBack", actor, now, why=paper.note)
    _tell(paper.hands, "paper_back", paper, now)
    return paper


def approve(actor: Actor, now: datetime, paper: Paper) -> Paper:
    """Approves or signs it; with the last signature it is published, frozen and delivered.

    Raises Refused, besides, when its balance does not add up.
    """
    allow(actor, "report.review", paper)
    paper_rules.in_state(paper.state, "review")
    paper_rules.may_decide(actor.id, paper.hands, paper.signers)
    named = paper.signers or [{"id": actor.id, "name": actor.name, "at": None}]
    paper.signers = [one | {"at": epoch(now)} if one["id"] == actor.id else one for one in named]
    _kept(paper, "PaperSigned", actor, now)
    if all(one["at"] for one in paper.signers):
        _publish(paper, actor, now)
    return paper


def correct(actor: Actor, now: datetime, paper: Paper, why: str) -> Paper:
    """Opens the next edition of a published report; it says what it corrects and begins with the same prose."""
    allow(actor, "report.write", paper)
    paper_rules.in_state(paper.state, "published")
    said = paper_rules.words_of(why, "paper_say_what_changes", "why")
    last = paper_queries.newest(paper.kind, paper.period, paper.unit_id)
    if last is None or last.id != paper.id:
        raise Refused("paper_edition_there")
    row = Paper(
        kind=paper.kind, period=paper.period, unit_id=paper.unit_id, edition=paper.edition + 1, state="waiting",
        draft_at=now, due_at=paper.due_at, changed=said, hands=[actor.id], signers=[],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    for section, kept in freeze.opened(paper.frozen)["texts"].items():
        at = moment(kept["at"])
        db.session.add(
            PaperText(
                paper_id=row.id, section=section, text=kept["text"], by_id=actor.id, by_name=kept["by"], at=at
            )
        )  # fmt: skip
    return _kept(row, "PaperOpened", actor, now, edition=row.edition, corrects=paper.id, changed=said)


def answer(actor: Actor, now: datetime, paper: Paper, *, cause: str, measure: str, day: date | None) -> Paper:
    """The department answers an inspection: why it was so, what will be done, by which day."""
    allow(actor, "report.answer", paper)
    paper_rules.in_state(paper.state, "published")
    if not KINDS[paper.kind].answer:
        raise Refused("paper_needs_no_answer")
    if paper.answer and paper.answer.get("settled"):
        raise Refused("paper_settled")
    if day is None or day < local(now).date():
        raise Invalid("paper_day_wrong", field="day")
    said = {
        "cause": paper_rules.words_of(cause, "paper_say_why", "cause"),
        "measure": paper_rules.words_of(measure, "paper_say_measure", "measure"),
        "day": day.isoformat(), "by": actor.name, "by_id": actor.id, "at": epoch(now),
    }  # fmt: skip
    paper.answer, paper.answer_due = said, moment(paper_rules.midnight(day, local(now).tzinfo) + 86399)  # type: ignore[arg-type]
    paper.notice_at = epoch(paper.answer_due) + 1
    _kept(paper, "PaperAnswered", actor, now, **said)
    _tell(paper_queries.writers(paper), "paper_answered", paper, now)
    return paper


def settle(actor: Actor, now: datetime, paper: Paper, words: str) -> Paper:
    """The measure was followed up and shown to work, by somebody else than who promised it."""
    allow(actor, "report.review", paper)
    paper_rules.in_state(paper.state, "published")
    if not paper.answer or paper.answer.get("settled"):
        raise Refused("paper_no_answer")
    if paper.answer["by_id"] == actor.id:
        raise Refused("paper_own")
    said = paper_rules.words_of(words, "paper_say_how_shown", "words")
    paper.answer = paper.answer | {"settled": epoch(now), "settled_by": actor.name, "shown": said}
    paper.notice_at = None
    return _kept(paper, "PaperSettled", actor, now, words=said)


def store_draft(actor: Actor, now: datetime, paper: Paper, data: dict[str, Any]) -> Paper:
    """The worker hands over the figures it has drafted."""
    allow(actor, "report.write", paper)
    paper_rules.in_state(paper.state, "waiting")
    paper.state, paper.data, paper.drafted_at, paper.done, paper.worker = "draft", data, now, paper.total, ""
    _kept(paper, "PaperDrafted", actor, now, figures=len(data.get("figures", {})))
    _tell(paper_queries.writers(paper), "paper_drafted", paper, now)
    return paper


def _publish(paper: Paper, actor: Actor, now: datetime) -> None:
    paper_rules.balanced((paper.data or {}).get("figures", {}))
    kind, sealed = KINDS[paper.kind], seals.newest_at(epoch(now))
    texts = paper_queries.texts(paper.id)
    paper.frozen = freeze.spelled(paper, texts, seal=anchors.short(sealed) if sealed else "", at=epoch(now))
    paper.digest, paper.state, paper.published_at = freeze.digest(paper.frozen), "published", now
    paper.notice_at = paper_queries.next_day(epoch(now), now) if kind.answer else None
    _kept(paper, "PaperPublished", actor, now, digest=paper.digest, edition=paper.edition)
    _tell([one for one in paper_queries.readers(paper) if one != actor.id], "paper_published", paper, now)


def _customers(kind: Kind, paper: Paper, section: str, now: datetime) -> list[str]:
    """Names that must not stand in this section."""
    if kind.code != "quarterly" or section not in paper_rules.MASKED:
        return []
    span = paper_rules.span_of(kind, paper.period, epoch(now), local(now).tzinfo)  # type: ignore[arg-type]
    staff = [name for person, name in people.names().items() if person]
    return [name for name in paper_queries.customers_of(span) + staff if name not in paper_rules.NOBODY]


def _tell(who: Sequence[int], what: str, paper: Paper, now: datetime) -> None:
    tell(who, what, subject=paper.stream, key=f"{what}:{paper.id}:{paper.version}",
         facts=paper_queries.facts_of(paper), now=now)  # fmt: skip


def _kept(paper: Paper, what: str, actor: Actor, now: datetime, **facts: Any) -> Paper:
    """Notes the deed in the report's journal."""
    paper.version += 1
    stream.append(paper.stream, what, facts, by_id=actor.id, at=now)
    return paper
