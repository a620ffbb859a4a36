"""The quarterly report on paper: the same document, laid out as A4 by WeasyPrint with our own font and nothing else."""

from datetime import datetime

from flask import current_app

from portal.kernel import paper
from portal.kernel.errors import Invalid
from portal.kernel.i18n import instant, speaking
from portal.reports import quarterly

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def quarterly_pdf(quarter: str, lang: str, now: datetime) -> bytes:
    """A quarter's report as PDF; the same data at the same `now` give the same bytes. Raises Invalid, Refused."""
    if lang not in LOCALES:
        raise Invalid("no_such_language", field="lang")
    with speaking(LOCALES[lang]):
        document = quarterly.document(quarter, now)
        page = markup(document, lang)
    return laid_out(page)


def markup(document: quarterly.Document, lang: str) -> str:
    """The report as one HTML page in the language that is forced now."""
    return current_app.jinja_env.get_template("print/quarterly.html").render(
        doc=document,
        lang="zh-Hans" if lang == "zh" else "en",
        title=quarterly.title_of(document.span),
        period=quarterly.up_to(document.span),
        made=instant(document.made_at),
        shown=quarterly.shown,
        value_of=quarterly.value_of,
        zip=zip,
    )


def laid_out(page: str) -> bytes:
    """The report's HTML to PDF bytes, in its own style. Raises Refused where the machine lacks the libraries for it."""
    return paper.laid_out(page, "report.css")
