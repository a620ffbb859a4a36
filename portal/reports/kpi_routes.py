"""URLs of the metrics room: all figures of a period on screen, as CSV, XLSX and PDF, and their definitions."""

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from portal.cases.rules import CHANNELS, LEVELS
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock, csvs, sheets
from portal.kernel.errors import Invalid
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, local, locale, speaking, term
from portal.reports import pdf, periods, quarterly, queries
from portal.reports.metrics import calls as hotline
from portal.reports.metrics import lines, room, source
from portal.reports.metrics.definitions import FAMILIES
from portal.reports.rules import Span

bp = Blueprint("kpi", __name__, url_prefix="/reports/figures")
OFFERED = {"day": 7, "week": 6, "month": 6, "quarter": 4, "year": 2}


def asked_span() -> Span:
    """The period asked for, else the running quarter. Raises Invalid."""
    now = clock.now()
    here = local(now)
    code = request.args.get("period") or periods.code_of("quarter", here)
    zone: ZoneInfo = here.tzinfo  # type: ignore[assignment]
    return periods.period(code, now, zone)


def asked_filters(*names: str) -> dict[str, Any]:
    """The filters asked for, checked. Raises Invalid."""
    found: dict[str, Any] = {}
    known = {"level": LEVELS, "channel": CHANNELS, "live": ("no",)}
    for name in names or ("unit", "level", "channel"):
        value = request.args.get(name, "")
        if not value:
            continue
        if name == "unit":
            found[name] = queries.number_of(value)
        elif value in known[name]:
            found[name] = value
        else:
            raise Invalid("no_such_figure", field=name, figure=value[:20])
    return found


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: (value, word), the first one all."""
    units = queries.unit_names()
    return {
        "unit": [("", _("All departments")), *((str(key), quarterly.unit_name(units, key)) for key in units)],
        "level": [("", _("All levels")), *((level, level) for level in LEVELS)],
        "channel": [("", _("All channels")), *((code, term(f"channel.{code}")) for code in CHANNELS)],
    }


def frame(span: Span, want: dict[str, Any]) -> dict[str, Any]:
    """What every page of figures needs: period, its neighbours, filters, words."""
    kind = periods.kind_of(span.code)
    here = local(clock.now())
    return {
        "span": span, "kind": kind, "title": lines.title_of(span), "period": lines.up_to(span), "filters": want,
        "choices": choices(), "shown": lines.shown,
        "kinds": [(one, periods.code_of(one, min(here, local(span.end - 1)))) for one in periods.KINDS],
        "periods": periods.earlier(kind, here, OFFERED[kind]),
    }  # fmt: skip


def _asked() -> tuple[Span, dict[str, Any], list[lines.Line], Any]:
    allow(current_actor(), "report.view")
    span, want = asked_span(), asked_filters()
    counts = source.counts(span, want)
    return counts.span, want, lines.lines(room.figures(counts.span, want, counts=counts)), counts


@bp.get("")
def index() -> str:
    """Every figure of a period with its formula, in groups; what has no facts stands there with the reason."""
    span, want, found, counts = _asked()
    return render_template(
        "reports/figures.html", groups=lines.grouped(found), limits=_limits(found),
        balance=room.balance(counts, **want), exercises=counts.exercises, **frame(span, want),
    )  # fmt: skip


@bp.get("/file.csv")
def as_csv() -> Response:
    """The same lines as a CSV file."""
    span, _want, found, _counts = _asked()
    return csvs.sent([lines.heads(), *(lines.cells(one) for one in found)], _name(span))


@bp.get("/file.xlsx")
def as_xlsx() -> Response:
    """The same lines as a spreadsheet."""
    span, _want, found, _counts = _asked()
    columns = [sheets.Column(head, 40 if n in (0, 9, 10) else 14) for n, head in enumerate(lines.heads())]
    made = sheets.table(lines.title_of(span), columns, (lines.cells(one) for one in found), foot=_("%d figures"))
    return sheets.sent(made, _name(span))


@bp.get("/file.pdf")
def paper() -> Response:
    """The same lines on paper, in the reader's language or ?lang=zh|en."""
    allow(current_actor(), "report.view")
    lang = request.args.get("lang") or ("en" if locale() == "en" else "zh")
    if lang not in pdf.LOCALES:
        raise Invalid("no_such_language", field="lang")
    with speaking(pdf.LOCALES[lang]):
        span, want, found, counts = _asked()
        page = render_template(
            "print/figures.html", lang="zh-Hans" if lang == "zh" else "en", groups=lines.grouped(found),
            limits=_limits(found), balance=room.balance(counts, **want), exercises=counts.exercises,
            made=instant(counts.at),
            said=" · ".join(_words(want)), **frame(span, want),
        )  # fmt: skip
        name = _name(span)
    answer = make_response(pdf.laid_out(page))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


def _limits(found: list[lines.Line]) -> list[tuple[str, list[lines.Line]]]:
    return lines.limits(dict(lines.grouped(found))["attainment"])


def _words(want: dict[str, Any]) -> list[str]:
    offered = choices()
    return [dict(offered[name]).get(str(value), str(value)) for name, value in want.items()]


def _name(span: Span) -> str:
    return f"figures-{span.code}"


@bp.get("/calls")
def calls() -> str:
    """The calls behind the hotline's figures, the latest first; no number of a caller is kept."""
    allow(current_actor(), "report.view")
    span, number = asked_span(), queries.page_number(request.args.get("page", "1"))
    found = hotline.listed(span, number, queries.PAGE + 1)
    return render_template(
        "reports/calls.html", calls=found[: queries.PAGE], page=number, more=len(found) > queries.PAGE, span=span,
        title=lines.title_of(span), period=lines.up_to(span),
    )  # fmt: skip


@bp.get("/definitions")
def definitions() -> str:
    """What each figure is: both names, formula, what it leaves out, the fact it needs, and where that comes from."""
    allow(current_actor(), "report.view")
    return render_template("reports/definitions.html", rows=[(kpi, *_both(kpi)) for kpi in FAMILIES])


def _both(kpi: Any) -> tuple[str, str, str]:
    names = []
    for lang in ("zh_Hans_CN", "en"):
        with speaking(lang):
            names.append(lines.name_of(kpi))
    return names[0], names[1], lines.formula_of(kpi)
