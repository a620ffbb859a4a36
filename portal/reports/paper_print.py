"""Reports by calendar on paper: A4, tagged as PDF/UA, our own fonts; the same frozen text gives the same bytes."""

import re
from datetime import datetime
from typing import Any

from flask import current_app

from portal.kernel import paper as sheet
from portal.kernel.errors import Invalid
from portal.kernel.i18n import instant, speaking, term
from portal.kernel.instants import epoch
from portal.reports import drafting, paper_view, quarterly, queries
from portal.reports.paper_models import Paper
from portal.reports.paper_rules import KINDS
from portal.reports.paper_view import Content
from portal.reports.recipes import prose

SHARE = re.compile(r"(\d) %")  # a per cent sign never stands alone on a line
MARKED = re.compile(r"([\d.]+[ \u00a0][^\s<]+<sup>[^<]*</sup>)")  # nor the mark of few cases without its number
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def offered() -> list[tuple[str, str]]:
    """The languages of a PDF, the reader's first."""
    found = [("zh", "PDF 中文"), ("en", "PDF English")]
    return found[::-1] if paper_view.language() == "en" else found


def paper_pdf(paper: Paper, lang: str, now: datetime) -> bytes:
    """One edition as PDF; a draft says on every page that it is one. Raises Invalid, Refused."""
    _known(lang)
    with speaking(LOCALES[lang]):
        content = paper_view.content(paper, lang)
        cover = {
            "name": term(f"paper.{paper.kind}"), "unit": paper_view.name_of(paper).partition(" · ")[2],
            "title": paper_view.period_name(paper.kind, paper.period), "edition": paper.edition,
            "period": paper_view.days_in_words(paper.kind, paper.period), "draft": not content.published,
            "prose": [section["code"] for section in prose(KINDS[paper.kind])],
        }  # fmt: skip
        page = markup(content, lang, **cover)
    return laid_out(page)


def quarterly_pdf(quarter: str, lang: str, now: datetime) -> bytes:
    """A quarter as it stands at `now`, whatever was published; the same data give the same bytes.

    Raises Invalid, Refused.
    """
    return laid_out(quarterly_page(quarter, lang, now))


def quarterly_page(quarter: str, lang: str, now: datetime) -> str:
    """The same as the HTML that is laid out."""
    _known(lang)
    span = quarterly.quarter_span(quarter, now)
    live = Paper(kind="quarterly", period=span.code, unit_id=0, edition=1, state="draft")
    data = next(one for _n, one in drafting.made(live, now) if one is not None)
    with speaking(LOCALES[lang]):
        texts = {
            str(number): {"text": row.text, "by": row.by_name, "at": epoch(row.at)}
            for number, row in queries.texts(span.code).items()
        }
        content = Content(
            data[lang], texts, data["figures"], {}, epoch(now), None, [], "", quarterly.seal_at(now), ""
        )  # fmt: skip
        return markup(
            content, lang, name=term("report.title"), unit="", title=quarterly.title_of(span), edition=0,
            period=quarterly.up_to(span), draft=False, prose=[],
        )  # fmt: skip


def _known(lang: str) -> None:
    if lang not in LOCALES:
        raise Invalid("no_such_language", field="lang")


def markup(content: Content, lang: str, **cover: Any) -> str:
    """The report as one HTML page in the language that is spoken now."""
    first = [one for one in content.sections if one["code"] == "conventions"]
    rest = [one for one in content.sections if one["code"] != "conventions"]
    return current_app.jinja_env.get_template("print/paper.html").render(
        content=content, first=first, sections=rest, lang="zh-Hans" if lang == "zh" else "en",
        made=instant(content.as_of), published=instant(content.published), numbered=_numbered(rest),
        **cover,
    )  # fmt: skip


def _numbered(sections: list[dict[str, Any]]) -> dict[str, int]:
    """Numbers of sections as they stand."""
    return {one["code"]: n for n, one in enumerate(sections, 1)}


def laid_out(page: str) -> bytes:
    """The report's HTML to PDF bytes, in its own style. Raises Refused where the machine lacks the libraries for it."""
    held = MARKED.sub(r'<span class="held">\1</span>', SHARE.sub("\\1\u00a0%", page))
    return sheet.laid_out(held, "report.css", tagged=True)
