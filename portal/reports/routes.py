"""URLs of the figures: this quarter at a glance, the quarterly report, its PDF, and the cases behind each figure."""

import re
from typing import Any

from flask import Response, make_response, render_template, request
from markupsafe import Markup, escape

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import local, locale
from portal.reports import (
    behind_routes,
    board_routes,
    calendar_pages,
    case_routes,
    figures,
    kpi_routes,
    late_pages,
    own_routes,
    paper_pages,
    paper_queries,
    pdf,
    quarterly,
    recount_routes,
    time_routes,
    trend_pages,
)  # fmt: skip
from portal.reports.door import bp
from portal.reports.rules import previous, quarter_code

BLUEPRINTS = (
    bp, time_routes.bp, kpi_routes.bp, board_routes.bp, own_routes.bp, paper_pages.bp, trend_pages.bp,
    calendar_pages.bp, behind_routes.bp, late_pages.bp,
)  # fmt: skip
OFFERED = 8
SHARED = (case_routes, recount_routes)  # its routes stand on the same blueprint


def unbroken(text: str) -> Markup:
    """The text with its dates kept on one line."""
    kept = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", r'<span class="nowrap">\g<0></span>', str(escape(text)))
    return Markup(f"<span>{kept}</span>")


def shell_of(document: quarterly.Document) -> dict[str, Any]:
    """What every page of a report needs besides the document."""
    return {
        "doc": document,
        "title": quarterly.title_of(document.span),
        "period": unbroken(quarterly.up_to(document.span)),
        "shown": quarterly.shown,
        "value_of": quarterly.value_of,
        "zip": zip,
        "lang_of_page": "en" if locale() == "en" else "zh",
    }


@bp.get("")
def index() -> str:
    """A quarter at a glance: tiles, charts, departments, and the list of quarterly reports."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.view")
    here = quarter_code(local(now))
    counted = figures.quarter(quarterly.quarter_span(request.args.get("quarter") or here, now))
    quarters = [previous(here, n) for n in range(OFFERED)]
    body = board_routes.drawn(
        "reports/_index_body.html", counted.counts, lambda: quarterly.glance(counted, now), key={"here": here},
        quarters=quarters, here=here, shown=quarterly.shown, value_of=quarterly.value_of, zip=zip,
    )  # fmt: skip
    span = counted.span
    return render_template(
        "reports/index.html", body=body, quarters=quarters, span=span, title=quarterly.title_of(span),
        period=unbroken(quarterly.up_to(span)),
    )  # fmt: skip


@bp.get("/quarterly/<quarter>")
def report(quarter: str) -> str:
    """The quarterly report with its eight sections."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.view")
    document = quarterly.document(quarter, now)
    paper = paper_queries.newest("quarterly", document.span.code)
    return render_template("reports/quarterly.html", paper=paper, **shell_of(document))


@bp.get("/quarterly/<quarter>.pdf")
def download(quarter: str) -> Response:
    """The quarter as it stands now as PDF, in the reader's language or ?lang=zh|en."""
    actor, now = current_actor(), clock.now()
    allow(actor, "report.view")
    lang = request.args.get("lang") or ("en" if locale() == "en" else "zh")
    body = pdf.quarterly_pdf(quarter, lang, now)
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    name = f"report-{quarterly.quarter_span(quarter, now).code}-{lang}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
