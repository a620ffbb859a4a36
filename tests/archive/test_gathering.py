"""What waits to be sorted into PostgreSQL's index while many records come: found all the same, and none of it left."""

import random

import pytest
from sqlalchemy import text

from portal.archive.indexes import NOWHERE, Match
from portal.archive.stores import open_quarter, store
from portal.kernel.db import transaction
from tests.archive.test_legacy_import import sheet, taken

QUARTER, RECORDS, TOKENS = "2019q1", 170, 600
USUAL = 1024 // 8  # pages that wait at most where people file one by one


@pytest.fixture(params=[pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request):
    """The one engine that sorts in later."""
    return request.param


@pytest.fixture
def filed(app, engine):
    """Records of a quarter, filed together as those of another system are."""
    with transaction():
        open_quarter(QUARTER)
    with transaction():
        store().gather()
        rows = ((place, store().spelled([f"{place}a{n}" for n in range(TOKENS)])) for place in range(RECORDS))
        store().add(QUARTER, rows)


def waiting():
    """How many pages were waiting; they are sorted in by asking."""
    with transaction() as session:
        return session.scalar(text(f"SELECT gin_clean_pending_list('archive_{QUARTER}_t')"))


def places(token):
    return store().search(QUARTER, Match((token,)), RECORDS, RECORDS)


def test_many_records_wait_together_and_are_found_meanwhile(filed):
    assert places("7a599") == [7]
    assert waiting() > USUAL + 20


def test_once_settled_hardly_any_wait_and_nothing_else_has_changed(filed):
    with transaction():
        store().settle(QUARTER)
    assert waiting() <= USUAL
    assert [places(f"{place}a0") for place in (0, 7, 169)] == [[0], [7], [169]]
    with transaction() as session:
        assert session.scalar(text(f"SELECT count(*) FROM archive_{QUARTER} WHERE place = {NOWHERE}")) == 0


def test_who_files_one_record_later_gathers_no_more_than_usual(filed):
    with transaction():
        store().settle(QUARTER)
    for place in range(RECORDS, 2 * RECORDS):
        with transaction():
            store().add(QUARTER, [(place, store().spelled([f"{place}a{n}" for n in range(TOKENS)]))])
    assert waiting() <= USUAL + 2


def test_taking_over_another_systems_archive_leaves_hardly_any(app, engine, at, staff, tmp_path):
    with transaction():
        open_quarter(QUARTER)
    draw = random.Random(5)
    texts = ["".join(chr(draw.randrange(0x4E00, 0x9FA0)) for _ in range(400)) for _ in range(RECORDS)]
    rows = [(f"KF-{n}", "2019-03-05 16:00", "", said, "", "", "P2", "tech", "", "", "") for n, said in enumerate(texts)]
    assert taken(sheet(tmp_path / "old.csv", rows)).added == RECORDS
    assert waiting() <= USUAL
