"""Kept counts equal a recount, follow what happens, give way to the rows without a worker, are proven at night."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.jobs.rolling import Rolling, keep, prove
from portal.journal import stream
from portal.kernel import feed
from portal.kernel.db import db, transaction
from portal.kernel.i18n import local
from portal.notices.models import Notice
from portal.reports import boards, figures, periods, quarterly, queries, trends
from portal.reports.metrics import counting, room, source, stretches, weekly, weeks
from portal.reports.metrics.definitions import KPIS
from portal.reports.metrics.rollups import recounted
from portal.reports.models import Rollup
from portal.reports.paper_rules import midnight
from tests.builders import NINE, closed_case, judged_case

SEPTEMBER = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)


def span(code: str, now: datetime):
    return periods.period(code, now, local(now).tzinfo)


def work(staff) -> None:
    with transaction():
        old = closed_case(staff["agent"], staff["supervisor"], staff["handler"], now=SEPTEMBER, level="P2")
        closed_case(staff["agent"], staff["supervisor"], staff["handler"], level="P3", channel="email", rating=2)
        moves = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        together.transfer(
            staff["supervisor"],
            NINE + timedelta(days=2),
            moves,
            unit_id=staff["handler"].unit_id,
            reason="属该部门职责",
        )
        cases.reopen(staff["agent"], SEPTEMBER + timedelta(days=2), old, reason="问题又出现")


def all_kept(rolling: Rolling, now: datetime, at) -> datetime:
    """Lets the worker come round until nothing is left to count."""
    for n in range(60):
        now = at(now + timedelta(seconds=6 * (n > 0)))
        rolling.rests_until = 0
        rolling.step(now)
        if not rolling.dirty:
            break
    return now


@pytest.fixture
def alive(monkeypatch):
    """A worker that gives signs of life."""
    monkeypatch.setattr(source, "ALIVE", 10**10)
    source._kept.clear()


def test_kept_counts_give_every_figure_of_a_recount(app, engine, at, staff, alive):
    work(staff)
    now = all_kept(Rolling(), at(days=3), at)
    tech = staff["handler"].unit_id
    for code in ("2026-09", "2026-11", "2026Q3", "2026Q4"):
        period = span(code, now)
        stored = source.counts(period)
        period = span(code, datetime.fromtimestamp(stored.at, UTC))
        counted = counting.count(period)
        assert type(stored).__name__ == "Stored"
        for want in ({}, {"level": "P2"}, {"channel": "email"}, {"unit": tech}, {"unit": tech, "level": "P2"}):
            mine, theirs = (room.figures(period, want, counts=one) for one in (stored, counted))
            assert {k: f for k, f in mine.items() if f != theirs[k]} == {}
            assert room.balance(stored, **want) == room.balance(counted, **want)
            for build in (boards.month, boards.hotline, boards.management, boards.department):
                assert build(stored, dict(want)) == build(counted, dict(want))


def test_a_period_read_in_stretches_is_the_same(app, engine, at, staff, monkeypatch):
    """Also what is reopened, agreed anew and closed twice; each stretch is a moment at which to give way."""
    work(staff)
    now = at(days=3)
    for code in ("2026-11", "2026Q4"):
        monkeypatch.setattr(stretches, "CASES", 4_000)
        whole = recounted(span(code, now))
        monkeypatch.setattr(stretches, "CASES", 1)
        assert len(list(counting.count(span(code, now)).reading("agreed"))) == len(stretches.stretches(span(code, now)))
        assert recounted(span(code, now)) == whole
    assert len(stretches.stretches(span("2026Q4", now))) == 4


def test_trends_read_kept_weeks_and_their_figures_open_to_their_cases(app, engine, at, staff, alive):
    """As counted from the rows; over two quarters; a difference in them is found at night too."""
    work(staff)
    now = at(days=10)
    for code in ("2026Q3", "2026Q4"):
        keep(span(code, now), 0)
    kept = trends.trends(now)
    end, zone = kept.ahead[0], local(now).tzinfo
    since = end - timedelta(weeks=13)
    known = weeks.weeks(now, midnight(since, zone))
    with transaction():
        db.session.execute(text("""UPDATE metric_rollup SET doc = replace(doc, '"days":[0', '"days":[7')"""))
    assert sum(trends.trends(now).volume.of) == sum(kept.volume.of) + 7 + 7  # they are read
    assert prove(span("2026Q3", now), now)
    assert stream.read("selfcheck")[0].facts == {"period": "2026Q3", "units": [weekly.UNIT]}
    with transaction():
        db.session.execute(text("DELETE FROM metric_rollup"))
    assert trends.trends(now) == kept
    assert weeks.weeks(now, midnight(since, zone)) == known
    first, last = (periods.code_of("week", day) for day in (since, end - timedelta(days=7)))
    spread = periods.stretch(first, last, now, zone)
    assert len(weekly.pieces(spread)) == 2
    for measure, figure in (("attainment", "attainment"), ("reopen", "reopen"), ("rating", "satisfaction")):
        places = known.places(measure, since, end)
        assert places
        for (category, unit), (n, hits) in places.items():
            want = {"category": category, "unit": str(unit)} | ({"code": "result"} if measure == "attainment" else {})
            for part, number in (("all", n), ("hit", hits)):
                assert queries.count(queries.behind(spread, figure, want, part, weekly.pieces(spread))) == number


@pytest.mark.slow
def test_a_report_reads_kept_counts_where_they_are_right_and_else_the_rows(app, engine, at, staff):
    """Everything a quarterly report says is the same either way; what nobody has looked at yet leads to the rows."""
    work(staff)
    rolling = Rolling()
    now = all_kept(rolling, at(days=60), at)  # the fourth quarter is over
    period = quarterly.quarter_span("2026Q4", now)
    kept, rows = figures.quarter(period, exact=True), figures.Quarter(counting.count(period))
    assert (type(kept.counts).__name__, type(rows.counts).__name__) == ("Stored", "Counts")
    assert kept.weeks == rows.weeks
    assert [kept.monthly("satisfaction", n) for n in range(6)] == [rows.monthly("satisfaction", n) for n in range(6)]
    assert kept.monthly("satisfaction", 5) is None
    assert kept.monthly("satisfaction", 4) == 0.0
    ours, theirs = (quarterly.document("2026Q4", now, one) for one in (kept, rows))
    for name in ours.tables:
        assert ours.tables[name] == theirs.tables[name], name
    assert (ours.charts, ours.tiles, ours.rates, ours.times) == (
        theirs.charts,
        theirs.tiles,
        theirs.rates,
        theirs.times,
    )
    assert ours.quarter.balance == theirs.quarter.balance
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P1", now=NINE + timedelta(days=1))
    assert type(figures.quarter(period, exact=True).counts).__name__ == "Counts"
    now = all_kept(rolling, at(now + timedelta(seconds=10)), at)
    assert type(figures.quarter(period, exact=True).counts).__name__ == "Stored"
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P1", now=now)
    assert type(figures.quarter(period, exact=True).counts).__name__ == "Stored"  # of another quarter


def test_a_dear_running_period_does_not_keep_the_others_waiting(app, at, staff):
    """Where a count takes longer than a minute's rest allows, all periods still come round."""
    work(staff)
    rolling, now = Rolling(), at(days=3)
    counted = []
    for _ in range(8):
        rolling.rests_until = 0
        counted.append(rolling.step(now))
        now = at(now + timedelta(seconds=400))
    assert set(counted) == {"2026-09", "2026-10", "2026-11", "2026Q3", "2026Q4"}
    assert counted[:2] == ["2026Q4", "2026-11"]


def test_what_happens_is_counted_again_and_nothing_else(app, engine, at, staff):
    work(staff)
    rolling = Rolling()
    now = all_kept(rolling, at(days=3), at)
    before = {row.period: row.counted_at for row in db.session.scalars(select(Rollup).where(Rollup.unit_id == 0))}
    now = at(now + timedelta(seconds=30))
    with transaction():
        judged_case(staff["agent"], staff["supervisor"], level="P1", now=now)
    now = all_kept(rolling, at(now + timedelta(seconds=10)), at)
    db.session.expire_all()
    after = {row.period: row.counted_at for row in db.session.scalars(select(Rollup).where(Rollup.unit_id == 0))}
    assert {code for code in after if code != "-" and after[code] != before[code]} == {"2026-11", "2026Q4"}
    kept = {row.unit_id: row.doc for row in db.session.scalars(select(Rollup).where(Rollup.period == "2026Q4"))}
    assert kept == recounted(span("2026Q4", datetime.fromtimestamp(after["2026Q4"], UTC)))


def test_without_a_worker_the_rows_are_counted(app, at, staff):
    work(staff)
    now = at(days=3)
    keep(span("2026Q4", now), 0)
    with transaction():
        db.session.execute(text("UPDATE metric_rollup SET doc = '{}'"))
    feed.feed.heartbeat = 0
    assert room.figure(source.counts(span("2026Q4", now)), "received").value == 2


def test_a_document_is_shown_for_a_short_while_after_it_was_touched(app, at, alive):
    now = int(NINE.timestamp())
    assert source.fresh(now, 1000, 0)
    assert source.fresh(now, 1000, now - 60)
    assert not source.fresh(now, 1000, now - 61)
    assert source.fresh(now, 10_000, now - 600)


def test_at_night_a_difference_is_told_and_mended(app, engine, at, staff):
    work(staff)
    now = at(days=3)
    past = span("2026Q3", now)
    keep(past, 0)
    assert prove(past, now)
    assert stream.read("selfcheck") == []
    kept = db.session.scalar(select(Rollup.doc).where(Rollup.period == "2026Q3", Rollup.unit_id == 0))
    wrong = json.loads(kept)
    wrong["cells"]["received"][0][4] += 1
    with transaction():
        db.session.execute(
            text("UPDATE metric_rollup SET doc = :d WHERE period = '2026Q3' AND unit_id = 0"), {"d": json.dumps(wrong)}
        )
    assert prove(past, now)
    (line,) = stream.read("selfcheck")
    assert (line.kind, line.facts) == ("FiguresDiffered", {"period": "2026Q3", "units": [0]})
    assert db.session.scalar(select(Notice.kind).where(Notice.person_id == staff["admin"].id)) == "figures_differ"
    db.session.expire_all()
    assert db.session.scalar(select(Rollup.doc).where(Rollup.period == "2026Q3", Rollup.unit_id == 0)) == kept
    assert not prove(span("2026Q4", now), now)  # it runs


def test_every_figure_of_rows_can_be_kept():
    assert {kpi.mode for kpi in KPIS.values()} == {"count", "hits", "hit", "miss", "length", "elsewhere", "calls"}
