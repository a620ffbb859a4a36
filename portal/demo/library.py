"""The demonstration's knowledge: articles written and approved, a wording under review, and what they were used for."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.demo.play import Play, Stage
from portal.identity.actor import Actor
from portal.kernel.i18n import local
from portal.knowledge import actions
from portal.knowledge.seed import shipped

Act = Iterator[datetime]
DATA = Path(__file__).parent / "data" / "articles.toml"
LEFT_OPEN = 2  # the last articles of the file: one in review, one still a draft


@lru_cache(maxsize=1)
def articles() -> list[dict[str, Any]]:
    """The articles as they stand in the file."""
    return list(tomllib.loads(DATA.read_text(encoding="utf-8"))["article"])


def opened(stage: Stage, first: datetime) -> list[Act]:
    """What was written from the first day on, as acts to be played."""
    acts = [_article(stage, one, first + timedelta(minutes=3 * n)) for n, one in enumerate(articles()[:-LEFT_OPEN])]
    acts += [_fresh(stage, one, n) for n, one in enumerate(articles()[-LEFT_OPEN:])]
    return [*acts, _wording(stage)]


def _document(author: Actor, one: dict[str, Any], at: datetime) -> dict[str, Any]:
    names = ("title", "question", "answer", "keywords")
    return {
        "zh": {name: one[name] for name in names}, "en": {name: one[f"{name}_en"] for name in names},
        "request_type": one["type"], "category": one["category"], "owner_id": author.id, "off": False,
        "review_on": local(at + timedelta(days=300)).date().isoformat(),
    }  # fmt: skip


def _article(stage: Stage, one: dict[str, Any], at: datetime) -> Act:
    """Written by somebody who knows the answer, approved by the supervisor a little later."""
    author, reviewer = stage.people[one["by"]], stage.of("supervisor")[0]
    yield at
    code = actions.write_new(author, at, "article", _document(author, one, at)).code
    yield at + timedelta(minutes=1)
    actions.hand_in(author, at + timedelta(minutes=1), "article", code, "客户常问")
    yield at + timedelta(minutes=2)
    actions.approve(reviewer, at + timedelta(minutes=2), "article", code, None, "已核对口径")


def _fresh(stage: Stage, one: dict[str, Any], n: int) -> Act:
    """Written these days: the first is handed in, the second is a draft."""
    author, at = stage.people[one["by"]], stage.as_of - timedelta(hours=20 - n)
    yield at
    code = actions.write_new(author, at, "article", _document(author, one, at)).code
    if n == 0:
        yield at + timedelta(minutes=5)
        actions.hand_in(author, at + timedelta(minutes=5), "article", code, "近期来电较多")


def _wording(stage: Stage) -> Act:
    """The apology gets warmer words, which wait for somebody else."""
    quality, at = stage.of("quality")[0], stage.as_of - timedelta(hours=6)
    data = {name: value for name, value in shipped()["apology"].items() if name in ("step", "channel", "off", "en")}
    words = "{客户}，给您带来不便，我们非常抱歉。您反映的情况由{部门}负责到底，工单号{工单号}。"
    yield at
    texts = {"zh": {"label": "致歉", "text": words}}
    texts["en"] = {"label": "Apology", "text": "{customer}, we are very sorry. {department} sees {number} through."}
    actions.write(quality, at, "wording", "apology", data | texts)
    actions.hand_in(quality, at, "wording", "apology", "更具体，带上责任部门")


def said(play: Play, *codes: str) -> None:
    """Every third play speaks with standard wording."""
    if play.number % 3 == 0:
        _count(play, "wording", [(code, 1) for code in codes], "contact", None)


def answered(play: Play, *, solved: bool) -> None:
    """Every fourth play about something that an article answers was answered with it."""
    if play.number % 4:
        return
    case = play.row()
    code = _code_for(case.request_type, case.category, play.number)
    if code:
        _count(play, "article", [(code, 1)], "solve", solved)


def _code_for(request_type: str, category: str, number: int) -> str:
    found = [
        f"KB-{n:04d}"
        for n, one in enumerate(articles()[:-LEFT_OPEN], 1)
        if (one["type"], one["category"]) == (request_type, category)
    ]
    return found[number // 4 % len(found)] if found else ""


def _count(play: Play, kind: str, what: list[tuple[str, int]], deed: str, solved: bool | None) -> None:
    case = play.row()
    actions.count_use(play.agent, play.now, kind, what, case_id=case.id, entry=case.version, deed=deed, solved=solved)
