"""URL of the trends: weeks past and to come, what is unusual, where it is weak."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template
from markupsafe import Markup

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.i18n import local, locale
from portal.reports import periods, queries, tables, trends
from portal.reports.rules import quarter_code
from portal.reports.trends import Trend, Trends

bp = Blueprint("trends", __name__, url_prefix="/reports/trends")
KEPT = 600  # seconds: weeks that are over change little
BEHIND = {"attainment": "attainment", "reopen": "reopen", "rating": "satisfaction"}
DRAWN: dict[str, dict[str, Any]] = {
    "volume": {"figure": "received", "code": None},
    "attainment": {"figure": "attainment", "code": "result"},
}
_kept: dict[tuple[str, int], dict[str, Markup]] = {}


@bp.get("")
def index() -> str:
    """Volumes and attainment by week with a forecast, marks and weak spots."""
    allow(current_actor(), "report.view")
    now = clock.now()
    return render_template("reports/trends.html", body=_drawn(now), quarter=quarter_code(local(now)))


def _drawn(now: datetime) -> Markup:
    """The trends of this store in this language as of the last ten minutes."""
    key = (str(current_app.config["SQLALCHEMY_DATABASE_URI"]), int(now.timestamp()) // KEPT)
    mine = _kept.get(key)  # another thread may clear the rest meanwhile
    if mine is None:
        _kept.clear()
        mine = _kept[key] = {}
    if locale() not in mine:
        mine[locale()] = Markup(_draw(trends.trends(now)))
    return mine[locale()]


def _draw(found: Trends) -> str:
    units = queries.unit_names()
    return render_template(
        "reports/_trends_body.html", trends=found, charts_=[_chart("volume", found.volume, found),
        _chart("attainment", found.attainment, found)], zip=zip,
        units={key: tables.unit_name(units, key) for key in units}, shown=trends.WEEKS_SHOWN,
        mondays=found.volume.mondays, week_of=_week, behind=BEHIND, stretch=_stretch(found),
    )  # fmt: skip


def _week(monday: date) -> str:
    """The code of a week, as the list of cases takes it."""
    return periods.code_of("week", monday)


def _stretch(found: Trends) -> dict[str, str]:
    """The weeks in which weak spots are looked for, as the list of cases takes them."""
    end = found.ahead[0]
    return {"period": _week(end - timedelta(weeks=trends.WEEKS_WEAK)), "until": _week(end - timedelta(weeks=1))}


def _chart(name: str, trend: Trend, found: Trends) -> dict[str, Any]:
    """One drawing: the weeks shown, then those to come with what is expected and between what."""
    back = -trends.WEEKS_SHOWN
    values, made = trend.values[back:], trend.forecast
    ahead = found.ahead if made else []
    return {
        "name": name, "unit": " %" if name == "attainment" else "", "made": made, "n": len(values),
        "labels": [f"{day:%y-%m-%d}" for day in [*trend.mondays[back:], *ahead]],
        "weeks": [_week(day) for day in trend.mondays[back:]], **DRAWN[name],
        "values": values, "expected": made.values if made else [], "low": made.low if made else [],
        "high": made.high if made else [], "of": trend.of[back:],
    }  # fmt: skip
