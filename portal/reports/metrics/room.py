"""The door to the figures: `figures(period, filters)`, one figure, the balance. Whoever shows a figure asks here.

A figure of a running period is as of the instant of the count. Filters: level, channel, type, unit (ids of
departments), live ("no": without the channels where taking the request is the first response).
"""

from collections.abc import Mapping
from typing import Any

from portal.reports.metrics import calls, elsewhere
from portal.reports.metrics.counting import Counts, count
from portal.reports.metrics.definitions import KPIS, Kpi
from portal.reports.rules import Balance, Figure, Span, share

FILTERS = ("level", "channel", "type", "unit", "live")


def figures(span: Span, filters: Mapping[str, Any] | None = None, *, counts: Counts | None = None) -> dict[str, Figure]:
    """Every defined figure of a period by its code, those without their fact with the reason; nothing is left out."""
    found = counts or count(span)
    return {code: figure(found, code, **(filters or {})) for code in KPIS}


def figure(counts: Counts, code: str, /, **want: Any) -> Figure:
    """One figure with the same of the period before and the way to its cases. Raises KeyError for an unknown code."""
    kpi = KPIS[code]
    if kpi.absent:
        return Figure(code, None, kpi.unit, 0, 0, missing=kpi.absent)
    if kpi.mode == "calls":
        return calls.figure(kpi, counts.span)
    if kpi.mode == "elsewhere":
        return elsewhere.figure(kpi, counts.span) if not want else Figure(code, None, kpi.unit, 0, 0, missing="whole")
    asked = want | ({"live": "no"} if kpi.written else {})
    link = {"figure": code.partition(".")[0], "period": counts.span.code}
    link |= {name: str(value) for name, value in asked.items()} | ({"code": kpi.only} if kpi.only else {})
    if kpi.mode == "length":
        return _length(counts, kpi, link, asked)
    return _share(counts, kpi, link, asked | ({"code": kpi.only} if kpi.only else {}))


def _length(counts: Counts, kpi: Kpi, link: dict[str, str], want: dict[str, Any]) -> Figure:
    """Median, with mean and 90th percentile beside it."""
    now, old = (counts.lengths(kpi.relation, before=before, **want) for before in (False, True))
    return Figure(
        kpi.code, now.median, "s", now.n, now.n, old.median, more_is_better=False, filter=link, mean=now.mean,
        p90=now.p90,
    )  # fmt: skip


def _share(counts: Counts, kpi: Kpi, link: dict[str, str], want: dict[str, Any]) -> Figure:
    """A number of rows or hits, or the share of hits or misses."""
    now, old = (counts.pair(kpi.relation, before=before, **want) for before in (False, True))
    if kpi.mode in ("count", "hits"):
        value, before = (pair[kpi.mode == "hits"] for pair in (now, old))
        known = None if kpi.code == "opening" else float(before)
        link |= {"part": "hit"} if kpi.mode == "hits" else {}
        return Figure(kpi.code, value, "cases", value, value, known, filter=link)
    part, older = (pair[1] if kpi.mode == "hit" else pair[0] - pair[1] for pair in (now, old))
    response = None
    if kpi.code == "satisfaction":
        asked = counts.pair("asked", **want)
        response = share(asked[1], asked[0])
    return Figure(
        kpi.code, share(part, now[0]), "%", part, now[0], share(older, old[0]), kpi.target, kpi.more_is_better, link,
        response=response,
    )  # fmt: skip


def balance(counts: Counts, **want: Any) -> Balance:
    """Opening stock, what came and went, closing stock counted case by case; a department's with what passed."""
    codes = ("opening", "received", "reopened", "closed", "merged", "void", "closing", "waiting")
    passed = {"taken": "taken_over", "handed": "handed_on"} if "unit" in want else {}
    named = {code: code for code in codes} | passed
    number = {name: int(figure(counts, code, **want).value or 0) for name, code in named.items()}
    outcomes = {code: counts.pair("closings", code=code, **want)[0] for code in counts.values("closings", "code")}
    return Balance(**number, outcomes={code: n for code, n in outcomes.items() if n})
