"""Numbered sheets on paper: two on A4, blank, with a square code that leads to where they are entered."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import segno
from flask import current_app
from markupsafe import Markup

from portal.backup.models import PaperBlock, PaperSheet
from portal.identity import queries as people
from portal.kernel import paper
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, locale


class Blank(NamedTuple):
    """One blank sheet: its number, its department, the drawing of where it is entered."""

    serial: str
    unit: str
    code: Markup


def drawn(address: str) -> Markup:
    """An address as a square code, an SVG without a background."""
    return Markup(segno.make(address, error="m").svg_inline(scale=2, border=0, omitsize=True))


def blanks(rows: Iterable[PaperSheet], unit: str) -> list[Blank]:
    """The sheets that are still blank."""
    base = current_app.config["PORTAL"].url
    left = (one.serial for one in rows if one.state in ("stock", "out"))
    return [Blank(serial, unit, drawn(f"{base}/backup/enter?serial={serial}")) for serial in left]


def unit_called(unit_id: int) -> str:
    """The department in both languages, as it stands on the sheet."""
    unit = next((u for u in people.units() if u.id == unit_id), None)
    return " ".join(filter(None, (unit.name, unit.name_en))) if unit else ""


def page_of(sheets: list[Blank], made: str) -> str:
    """The sheets as one HTML page for the paper."""
    return current_app.jinja_env.get_template("print/backup_sheets.html").render(
        sheets=sheets, lang="en" if locale() == "en" else "zh-Hans", made=made
    )


def pdf_of(block: PaperBlock, rows: Iterable[PaperSheet], now: datetime) -> bytes:
    """A block's blank sheets as PDF. Raises Refused where the libraries for it lack."""
    made = _("Printed %(at)s", at=instant(now))
    return paper.laid_out(page_of(blanks(rows, unit_called(block.unit_id)), made), "kit.css")
