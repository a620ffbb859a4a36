"""The demonstration: made by the staff's own actions, the same for the same seed, nothing empty."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.cases.apply import apply
from portal.cases.events import from_facts
from portal.cases.models import Case
from portal.cases.rules import CLOSED_STATES, LEVELS, STATES
from portal.clocks import book, tryout_queries
from portal.clocks.models import Clock
from portal.corporate.models import GroupFile, Project
from portal.corporate.rules import STATES as PROJECT_STATES
from portal.corporate.view import verdict
from portal.demo import accounts, casting, texts
from portal.demo import build as demo
from portal.demo.play import Stage
from portal.demo.times import arrivals, first_day
from portal.identity import passwords, queries
from portal.identity.actor import ROLES
from portal.identity.models import Person
from portal.incidents.models import Incident
from portal.jobs import selfcheck
from portal.journal import stream
from portal.kernel.db import db
from portal.kernel.errors import Refused
from portal.reports.models import Paper, PaperText
from tests.stores import build, close, fill

AS_OF = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
CLOCK_CACHE = {"press", "clock_kind", "clock_start", "clock_due", "clock_warn", "notice_at", "id", "version"}
LEFT_OUT = {"id"}


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Flask]]:
    """Makes a demonstration on a store of its own."""
    made: list[Flask] = []

    def one(seed: int = 1, cases: int = 60) -> Flask:
        app = build(tmp_path_factory.mktemp("demo"))
        fill(app)
        with app.app_context():
            demo.run(seed, AS_OF, cases=cases)
        made.append(app)
        return app

    yield one
    for app in made:
        close(app)


@pytest.fixture(scope="module")
def small(make: Callable[..., Flask]) -> Iterator[Flask]:
    """A small demonstration, read by several tests."""
    app = make()
    with app.app_context():
        yield app


def rows() -> list[Case]:
    return list(db.session.scalars(select(Case).order_by(Case.id)))


def visible(app: Flask) -> list[tuple[Any, ...]]:
    with app.app_context():
        columns = [c.key for c in Case.__table__.columns if c.key not in LEFT_OUT]
        return [tuple(getattr(case, c) for c in columns) for case in rows()]


def check(cases: list[Case]) -> None:
    """What every demonstration must hold."""
    assert {c.state for c in cases} == set(STATES)
    assert {c.level for c in cases} == {"", *LEVELS}
    alive = [c for c in cases if c.open]
    late = [c for c in alive if c.clock_due and c.clock_due < AS_OF.timestamp()]
    units = {u.id: u.code for u in queries.units()}
    assert {"tech", "business", "netops", "service"} <= {units[c.unit_id] for c in late}
    soon = [c for c in alive if c.clock_due and 0 <= c.clock_due - AS_OF.timestamp() < 6 * 3600]
    assert soon
    assert {"confirmed", "unreachable"} <= {c.outcome for c in cases}
    for what in ("chases", "extensions", "pauses", "reopened"):
        assert any(getattr(c, what) for c in cases), what
    assert any(c.round > 1 for c in cases)
    assert any(c.incomplete for c in cases)
    assert all(c.received_at <= c.recorded_at <= AS_OF for c in cases)
    assert all(c.entry_at <= AS_OF for c in cases)


def check_journals(cases: list[Case]) -> None:
    """The journals rebuild the rows, and their chains hold."""
    assert stream.faults([c.stream for c in cases]) == []
    for case in cases:
        again = Case()
        lines = stream.read(case.stream)
        for line in lines:
            apply(again, from_facts(line.kind, line.facts), line.at, line.by_id)
        for column in (c.key for c in Case.__table__.columns):
            if column not in CLOCK_CACHE:
                assert getattr(again, column) == getattr(case, column), (case.no, column)
        assert [x.at for x in lines] == sorted(x.at for x in lines)
    assert selfcheck.check(AS_OF).differences == []


def test_every_state_every_level_and_every_department_has_its_cases(small):
    cases = rows()
    assert len(cases) == 62  # two of them from paper
    check(cases)


def test_the_journals_rebuild_every_case(small):
    check_journals(rows())


def test_the_numbers_grow_with_the_time_of_the_record(small):
    cases = rows()
    assert [c.recorded_at for c in cases] == sorted(c.recorded_at for c in cases)
    assert len({c.no for c in cases}) == 62


@pytest.mark.slow
def test_the_same_seed_makes_the_same_cases(small, make):
    assert visible(make(cases=60)) == visible(small)


def test_every_department_has_a_head_who_can_be_told(small):
    assert [unit.code for unit in queries.departments() if not queries.holders("head", [unit.id])] == []


def test_another_seed_casts_other_cases(small):
    people = {login: queries.actor_by_login(login) for login, *_ in accounts.PEOPLE}
    calendar = book.in_force(AS_OF).calendars["cn-business"]
    stage = Stage(AS_OF, people, {u.code: u.id for u in queries.units()}, calendar)

    def cast(seed: int) -> list[tuple[Any, ...]]:
        return [(p.received, p.level, p.theme["key"], p.caller) for p in casting.cast(seed, stage, 60)]

    assert cast(1) == cast(1)
    assert cast(1) != cast(2)


def test_there_is_an_account_for_every_role_and_the_password_fits(small):
    offered = queries.demo_accounts()
    assert [next(iter(a.roles))[0] for a in offered] == list(ROLES)
    assert [a.login for a in offered] == [login for login, _, _, _ in accounts.ACCOUNTS]
    assert passwords.matches(db.session.scalar(select(Person.password_hash).limit(1)), accounts.PASSWORD)
    assert (queries.fact("demo"), len(queries.departments())) == ("1", 11)


def test_one_emergency_is_over_and_one_goes_on(small):
    incidents = list(db.session.scalars(select(Incident).where(Incident.exercise.is_(False))))
    assert Counter(i.state for i in incidents) == {"ended": 1, "active": 1}
    assert any(c.incident_id for c in rows())


def test_two_quarterly_reports_have_their_texts(small):
    of_quarters = select(Paper.period).join(PaperText, PaperText.paper_id == Paper.id).where(Paper.kind == "quarterly")
    assert Counter(db.session.scalars(of_quarters)) == {"2026Q3": 8, "2026Q4": 8}
    states = {(paper.kind, paper.state) for paper in db.session.scalars(select(Paper))}
    assert {("quarterly", "published"), ("quarterly", "waiting"), ("unit", "review"), ("levels", "draft")} <= states


def test_eight_group_customers_and_projects_in_every_state(small):
    files, projects = (list(db.session.scalars(select(table))) for table in (GroupFile, Project))
    assert len(files) == 8
    assert {project.state for project in projects} == set(PROJECT_STATES)
    marks = {verdict(due, AS_OF)[0] for file in files for due in file.dues}
    assert marks >= {"on_time", "done_late", "late", "open"}
    assert stream.faults([one.stream for one in (*files, *projects)]) == []


def test_a_store_with_people_is_left_alone(small):
    with pytest.raises(Refused):
        demo.run(1, AS_OF)


def test_ends_are_written_as_events(small):
    ended = [c for c in rows() if c.state in CLOSED_STATES]
    assert {stream.read(c.stream)[-1].kind for c in ended} == {"Closed", "Voided", "Merged"}


def test_arrivals_grow_and_prefer_working_days():
    first = first_day(AS_OF)
    assert first == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    found = arrivals(Random(1), first, AS_OF, 4000)
    middle = first + (AS_OF - first) / 2
    assert found == sorted(found)
    assert sum(x > middle for x in found) > sum(x <= middle for x in found)


def test_texts_fill_their_blanks():
    for theme in texts.themes():
        for n in range(40):
            said = texts.say(Random(n), theme, "北苑新村", AS_OF)
            assert "{" not in said.description + said.demand
            assert 20 <= len(said.description) <= 140


@pytest.mark.slow
def test_the_whole_demonstration_holds(make):
    app = make(cases=600)
    with app.app_context():
        cases = rows()
        assert len(cases) == 602
        check(cases)
        check_journals(cases)
        assert 60 <= sum(c.open for c in cases) <= 110
        assert len({c.description for c in cases}) > 560


def test_the_demonstration_ships_its_texts():
    assert texts.DATA.exists()
    assert Path(demo.__file__).parent == texts.DATA.parents[1]


def test_the_version_a_case_was_born_with_changes_nothing_on_the_whole_demonstration(small):
    """The strongest check of the arithmetic: pauses, rounds, extensions and level changes of months of work."""
    span = tryout_queries.span_of("2026-01-01", "2026-12-31")
    tally = tryout_queries.whole(tryout_queries.trial(book.policy(1), AS_OF), span)
    assert tally.cases > 50
    assert tally.changed == 0
    derived = Clock.kind.in_(("department_result", "tier", "promise"))  # they follow from other clocks and stay
    assert tally.kept <= db.session.query(Clock).filter(derived).count() + db.session.query(Clock).count() // 100
    for side in ("", "kind", "level", "channel", "unit"):
        shares = tally.shares(side)
        assert [(s.n_before, s.met_before) for s in shares] == [(s.n_after, s.met_after) for s in shares]
