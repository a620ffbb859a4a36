"""Random calendars: several intervals a day, half days, holidays, make-up days, zones that change clocks or not."""

from datetime import date

from hypothesis import strategies as st

from portal.clocks.calendar import Calendar, Special

HOUR = 3600
STEADY = ("Asia/Shanghai", "UTC")  # zones in which every hour comes once
ZONES = (*STEADY, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")


@st.composite
def calendars(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> Calendar:
    """Any calendar that may be kept."""
    zone = draw(st.sampled_from(zones))
    week = [draw(intervals()) for _ in range(7)]
    if sum(b - a for day in week for a, b in day) < HOUR:
        week[draw(st.integers(0, 6))] = ((8 * HOUR, 10 * HOUR),)
    exceptions = {}
    for day in draw(st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=12, unique=True)):
        spans = draw(intervals())
        kind = draw(st.sampled_from(["half", "working"])) if spans else "holiday"
        exceptions[day] = Special(kind, spans)
    return Calendar("any", 1, zone, tuple(week), exceptions)


@st.composite
def intervals(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    marks = sorted(draw(st.lists(st.integers(0, 24 * 60), max_size=6, unique=True)))
    seconds = [minute * 60 for minute in marks]
    return tuple(zip(seconds[::2], seconds[1::2], strict=False))
