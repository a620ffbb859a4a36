"""HTML on paper: A4 by WeasyPrint with our own font; whatever else a page asks for stops it."""

import hashlib
from functools import lru_cache
from io import BytesIO
from typing import Any
from unicodedata import east_asian_width

from portal.kernel.config import ROOT
from portal.kernel.errors import Refused

BASE = "report:/"
RARE = "NotoSansSC-Rare.subset.ttf"
FONTS = ("NotoSansSC-Regular.subset.ttf", "NotoSansSC-Bold.subset.ttf", RARE)
RARE_FACE = f"""
@font-face {{ font-family: "Noto Sans SC Rare"; src: url("report:/fonts/{RARE}"); }}
html {{ font-family: "Noto Sans SC", "Noto Sans SC Rare"; }}
"""
STYLES = ROOT / "templates" / "print"
INSTALL = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def cut(text: str, room: int) -> str:
    """A text that fits into so many Latin letters; a Chinese sign is as wide as two."""
    used = 0
    for place, sign in enumerate(text):
        used += 2 if east_asian_width(sign) in "WF" else 1
        if used > room:
            return text[: max(place - 1, 0)].rstrip() + "…"
    return text


@lru_cache(maxsize=1)
def _drawn_by_the_first() -> frozenset[int]:
    """The characters that the family of every page has."""
    from fontTools.ttLib import TTFont

    with TTFont(ROOT / "static" / "fonts" / FONTS[0], lazy=True) as font:
        return frozenset(font.getBestCmap())


def rare(page: str) -> bool:
    """Whether a page holds Chinese characters that only the family of rare ones has, such as in names."""
    return any(sign >= "\u2e80" and ord(sign) not in _drawn_by_the_first() for sign in set(page))


def laid_out(page: str, style: str, *, tagged: bool = False) -> bytes:
    """HTML to PDF bytes, styled by a file of templates/print; the same page gives the same bytes.

    `tagged`: as PDF/UA-1, with its structure. Rare characters come from a second family, loaded where they occur.

    Raises Refused where the machine lacks the libraries for it, or the page asks for anything but our fonts.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except (OSError, ImportError) as error:
        raise Refused("pdf_unavailable", command=INSTALL) from error

    class OurFontsOnly(URLFetcher):
        """Hands out our own fonts; whatever else a page asks for stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            """One of our font files, from the disk."""
            name = url.removeprefix(f"{BASE}/fonts/").removeprefix(f"{BASE}fonts/")
            if name not in FONTS:
                raise FatalURLFetchingError(f"not allowed in a report: {url[:100]}")
            file = ROOT / "static" / "fonts" / name
            return URLFetcherResponse(url, body=BytesIO(file.read_bytes()), headers={"Content-Type": "font/ttf"})

    fetcher, fonts = OurFontsOnly(), FontConfiguration()
    css = (STYLES / style).read_text("utf-8") + (RARE_FACE if rare(page) else "")
    sheet = CSS(string=css, base_url=BASE, url_fetcher=fetcher, font_config=fonts)
    html = HTML(string=page, base_url=BASE, url_fetcher=fetcher)
    identifier = hashlib.sha256(page.encode()).digest()[:16]
    try:
        variant: dict[str, Any] = {"pdf_variant": "pdf/ua-1", "finisher": _scoped} if tagged else {}
        return html.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_identifier=identifier, **variant)
    except FatalURLFetchingError as error:
        raise Refused("pdf_foreign_address") from error


def _scoped(_document: Any, pdf: Any) -> None:
    """Says of each heading cell whether it heads a column or a row; the layout only joins cells to their headings."""
    parts: list[Any] = [one for one in pdf.objects if isinstance(one, dict)]
    found = {one.reference: one for one in parts if one.get("Type") == "/StructElem"}
    for one in found.values():
        if one["S"] == "/TH":
            group = found[found[one["P"]]["P"]]
            one["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
