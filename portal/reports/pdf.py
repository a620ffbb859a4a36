"""The quarterly report on paper: the same document, laid out as A4 by WeasyPrint with our own font and nothing else."""

import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import current_app

from portal.kernel.config import ROOT
from portal.kernel.errors import Invalid, Refused
from portal.kernel.i18n import instant, speaking
from portal.reports import quarterly

BASE = "report:/"
FONTS = ("NotoSansSC-Regular.subset.ttf", "NotoSansSC-Bold.subset.ttf")
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
STYLES = ROOT / "templates" / "print" / "report.css"
INSTALL = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


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
    """HTML to PDF bytes. Raises Refused where the machine lacks the libraries for it."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except (OSError, ImportError) as error:
        raise Refused("pdf_unavailable", command=INSTALL) from error

    class OurFontsOnly(URLFetcher):
        """Hands out the report's two fonts; whatever else a page asks for stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            """One of our font files, from the disk."""
            name = url.removeprefix(f"{BASE}/fonts/").removeprefix(f"{BASE}fonts/")
            if name not in FONTS:
                raise FatalURLFetchingError(f"not allowed in a report: {url[:100]}")
            file = ROOT / "static" / "fonts" / name
            return URLFetcherResponse(url, body=BytesIO(file.read_bytes()), headers={"Content-Type": "font/ttf"})

    fetcher, fonts = OurFontsOnly(), FontConfiguration()
    sheet = CSS(string=STYLES.read_text("utf-8"), base_url=BASE, url_fetcher=fetcher, font_config=fonts)
    html = HTML(string=page, base_url=BASE, url_fetcher=fetcher)
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    try:
        return html.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_identifier=identifier)
    except FatalURLFetchingError as error:
        raise Refused("pdf_foreign_address") from error
