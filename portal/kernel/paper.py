"""HTML on paper: A4 by WeasyPrint with our own font; whatever else a page asks for stops it."""

import hashlib
from io import BytesIO
from typing import Any

from portal.kernel.config import ROOT
from portal.kernel.errors import Refused

BASE = "report:/"
FONTS = ("NotoSansSC-Regular.subset.ttf", "NotoSansSC-Bold.subset.ttf")
STYLES = ROOT / "templates" / "print"
INSTALL = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def laid_out(page: str, style: str) -> bytes:
    """HTML to PDF bytes, styled by a file of templates/print; the same page gives the same bytes.

    Raises Refused where the machine lacks the libraries for it, or the page asks for anything but our fonts.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except (OSError, ImportError) as error:
        raise Refused("pdf_unavailable", command=INSTALL) from error

    class OurFontsOnly(URLFetcher):
        """Hands out our two fonts; whatever else a page asks for stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            """One of our font files, from the disk."""
            name = url.removeprefix(f"{BASE}/fonts/").removeprefix(f"{BASE}fonts/")
            if name not in FONTS:
                raise FatalURLFetchingError(f"not allowed in a report: {url[:100]}")
            file = ROOT / "static" / "fonts" / name
            return URLFetcherResponse(url, body=BytesIO(file.read_bytes()), headers={"Content-Type": "font/ttf"})

    fetcher, fonts = OurFontsOnly(), FontConfiguration()
    sheet = CSS(string=(STYLES / style).read_text("utf-8"), base_url=BASE, url_fetcher=fetcher, font_config=fonts)
    html = HTML(string=page, base_url=BASE, url_fetcher=fetcher)
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    try:
        return html.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_identifier=identifier)
    except FatalURLFetchingError as error:
        raise Refused("pdf_foreign_address") from error
