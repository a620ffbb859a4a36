"""The archives that are measured are what the portal files: rows, texts, numbers and tokens of records made ahead."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.archive import blind
from portal.archive.indexes import Match
from portal.archive.models import Archived, ArchivedNumber, ArchivedText
from portal.archive.rules import row_tokens
from portal.archive.stores import quarters, store
from portal.kernel.db import db, transaction
from tests.bench import shelf
from tests.bench.casegen import papers
from tests.builders import NINE, make_case

COUNT = 60


def test_records_made_ahead_are_filed_as_the_portal_files_them(app, engine, at, staff, tmp_path):
    with transaction():
        assert make_case(staff["agent"]).id == shelf.CASE
    shelf._make(0, COUNT, NINE, [tmp_path])
    assert sum(map(shelf._file_some, shelf._lots(shelf._spooled(tmp_path, COUNT)))) == COUNT
    while blind.catch_up():
        pass
    expected = list(papers(COUNT, shelf.CASE, NINE))
    filed = db.session.execute(
        select(Archived, ArchivedText.text).join(ArchivedText, ArchivedText.id == Archived.id)
    ).all()
    assert {row.no: (row.title, row.archived_at, text) for row, text in filed} == {
        one.no: (one.title, one.archived_at, one.text) for one in expected
    }
    assert len(quarters()) > 1
    assert expected[-1].archived_at < NINE < expected[-1].archived_at + timedelta(days=30)
    known = {row.place: set(row_tokens(row, text)) for row, text in filed if row.quarter == filed[7][0].quarter}
    for token in row_tokens(*filed[7])[::9]:
        having = {place for place, found in known.items() if token in found}
        assert set(store().hits([filed[7][0].quarter], Match(all=(token,)))[0]) == having, token
    assert db.session.scalar(select(func.count()).select_from(ArchivedNumber)) >= COUNT
