"""How a report by calendar reads: name and period in words, sections with their prose, what may be done to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.identity.actor import Actor
from portal.identity.policy import may
from portal.identity.rules import may_review
from portal.kernel.errors import Refused
from portal.kernel.i18n import day, instant, locale, sentence, term
from portal.kernel.instants import epoch
from portal.reports import freeze, paper_queries, paper_rules
from portal.reports.blocks import Section
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS, days_of
from portal.reports.recipes import prose


@dataclass(frozen=True)
class Content:
    """What a report says in one language: sections with blocks, prose by section, and the facts of its cover."""

    sections: list[Section]
    texts: Mapping[str, Mapping[str, Any]]
    figures: Mapping[str, Any]
    material: Mapping[str, list[str]]
    as_of: int | None
    published: int | None
    signers: list[dict[str, Any]]
    changed: str
    seal: str
    digest: str


def language() -> str:
    """zh or en, as the reader speaks."""
    return "en" if locale() == "en" else "zh"


def content(paper: Paper, lang: str) -> Content:
    """A published report as it was frozen; a draft as it stands. Speaks the language for sections without figures."""
    if paper.state == "published":
        kept = freeze.opened(paper.frozen)
        data, texts = kept["data"], kept["texts"]
        return Content(
            data[lang], texts, data["figures"], {}, data["as_of"], kept["published"], kept["signers"],
            kept["changed"], kept["seal"], paper.digest,
        )  # fmt: skip
    data = paper.data or {}
    rows = paper_queries.texts(paper.id)
    texts = {
        section: {"text": row.text, "by": row.by_name, "at": epoch(row.at), "version": row.version}
        for section, row in rows.items()
    }
    return Content(
        data.get(lang) or prose(KINDS[paper.kind]), texts, data.get("figures", {}),
        data.get("material", {}).get(lang, {}), data.get("as_of"), None, paper.signers, paper.changed, "", "",
    )  # fmt: skip


def name_of(paper: Paper) -> str:
    """The report's name, with its department's."""
    unit = paper_queries.unit_of(paper.unit_id)[1 if locale() == "en" else 0]
    return term(f"paper.{paper.kind}") + (f" · {unit}" if unit else "")


def period_name(kind: str, period: str) -> str:
    """A period in words: a day, a week with its days, a month, a quarter."""
    every = KINDS[kind].every
    if every == "day":
        return period
    first, after = days_of(every, period)
    if every == "week":
        facts = {"week": period[5:], "year": period[:4], "first": f"{first:%m-%d}"}
        return term("paper.period.week") % (facts | {"last": f"{after - timedelta(days=1):%m-%d}"})
    if every == "month":
        month = f"{first:%B}" if locale() == "en" else f"{first.month} 月"
        return term("paper.period.month") % {"year": period[:4], "month": month}
    return term("report.quarter") % {"year": period[:4], "quarter": period[5]}


def days_in_words(kind: str, period: str) -> str:
    """The first and last day of a period."""
    first, after = days_of(KINDS[kind].every, period)
    last = after - timedelta(days=1)
    return first.isoformat() if first == last else term("report.period") % {"first": first, "last": last}


def deeds(actor: Actor, paper: Paper, newest: bool) -> list[str]:
    """What this person may do to it as it stands."""
    writes, reviews = (may(actor, verb, paper) for verb in ("report.write", "report.review"))
    if paper.state == "draft":
        return ["hand_in", "anew"] if writes else []
    if paper.state == "review":
        named = [int(one["id"]) for one in paper.signers]
        mine = may_review(actor.id, paper.hands) and (not named or actor.id in named)
        signed = any(one["id"] == actor.id and one.get("at") for one in paper.signers)
        return ["approve", "send_back"] if reviews and mine and not signed else []
    if paper.state != "published":
        return []
    found = []
    if KINDS[paper.kind].answer and newest and not (paper.answer or {}).get("settled"):
        found += ["answer"] if may(actor, "report.answer", paper) else []
        promised = paper.answer and paper.answer["by_id"] != actor.id
        found += ["settle"] if reviews and promised else []
    return found + (["correct"] if writes and newest else [])


def writable(actor: Actor, paper: Paper) -> bool:
    """Whether this person may write in it now."""
    return paper.state in ("waiting", "draft") and may(actor, "report.write", paper)


def unbalanced(paper: Paper) -> str:
    """Why it cannot be published as it stands: the sentence about a balance that does not add up; empty otherwise."""
    try:
        paper_rules.balanced((paper.data or {}).get("figures", {}) if paper.state in ("draft", "review") else {})
    except Refused as refused:
        return str(sentence(refused))
    return ""


def next_words(paper: Paper, now: datetime) -> str:
    """What comes next, in a sentence."""
    if paper.state == "waiting":
        code = "drafting" if paper.worker else "queued" if paper.draft_at <= now else "ahead"
        return term(f"paper.next.{code}") % {"at": instant(paper.draft_at)}
    if paper.state == "review":
        lacking = [str(one["name"]) for one in paper.signers if not one.get("at")]
        return term("paper.next.signing") % {"names": _listed(lacking)} if lacking else term("paper.next.review")
    if paper.state == "published" and KINDS[paper.kind].answer and not (paper.answer or {}).get("settled"):
        day_ = (paper.answer or {}).get("day")
        return term("paper.next.follow") % {"day": day_} if day_ else term("paper.next.answer")
    return term(f"paper.next.{paper.state}")


def _listed(names: list[str]) -> str:
    return (", " if locale() == "en" else "、").join(names)


def standing(paper: Paper, now: datetime) -> str:
    """On time, late, or still open: a code."""
    if paper.edition > 1:
        return ""
    end = paper.published_at or now
    if end > paper.due_at:
        return "late"
    return "in_time" if paper.published_at else "open"


def moved(old: Paper | None, new: Paper) -> list[tuple[str, Any, Any]]:
    """Figures that differ from the edition before, as their numbers."""
    if old is None or not old.frozen:
        return []
    before = freeze.opened(old.frozen)["data"]["figures"]
    after = freeze.opened(new.frozen)["data"]["figures"] if new.frozen else (new.data or {}).get("figures", {})
    return paper_rules.differences(before, after) if after else []


def facts_line(paper: Paper, now: datetime) -> str:
    """One line of facts under the heading."""
    parts = [period_name(paper.kind, paper.period), term("paper.edition") % {"n": paper.edition}]
    parts.append(term("paper.due_line") % {"day": day(paper.due_at)})
    state = standing(paper, now)
    return " · ".join([*parts, *([term(f"paper.standing.{state}")] if state else [])])


def figure_name(code: str) -> str:
    """A kept figure's name: `attainment.result` is that of the limit."""
    name, _, kind = code.partition(".")
    return term(f"figure.{name}") + (f" · {term(f'clock.{kind}')}" if kind else "")


def figure_value(value: Any) -> str:
    """A kept figure as it reads in a comparison."""
    if isinstance(value, list):
        return f"{value[0]} ({value[1]} / {value[2]})" if value[0] is not None else "–"
    if isinstance(value, dict):
        return " · ".join(f"{term(f'figure.{name}')} {n}" for name, n in value.items() if not isinstance(n, dict))
    return "–" if value is None else str(value)
