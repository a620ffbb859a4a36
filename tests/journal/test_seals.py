"""AR3, QU7: every entry comes under exactly one seal, also those committed late, and every seal is anchored outside."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.jobs.loop import Worker
from portal.jobs.sealing import Sealing
from portal.journal import anchors, merkle, seals, stream
from portal.kernel.db import db, read, transaction
from portal.kernel.i18n import local
from tests.builders import NINE

MINUTE = timedelta(minutes=1)


def append(count: int, name: str = "test:1") -> None:
    with transaction():
        for number in range(count):
            stream.append(name, "Said", {"said": number}, by_id=1, at=NINE)


def hashes() -> list[bytes]:
    return [bytes(row[0]) for row in read("SELECT hash FROM journal ORDER BY id", {})]


def test_the_worker_seals_what_is_new_every_five_minutes_and_at_midnight(app, engine, at):
    append(2)
    worker = Worker()
    worker.sealing.step(NINE)
    first = seals.newest()
    assert (first.id, first.count) == (1, len(hashes()))
    append(3)
    worker.sealing.step(NINE + 4 * MINUTE)
    assert seals.newest() == first
    worker.sealing.step(NINE + 5 * MINUTE)
    second = seals.newest()
    assert (second.id, second.count, second.prev_root) == (2, 3, first.root)
    assert second.tree == merkle.root(hashes()[-3:])
    assert (second.first_id, second.last_id) == (first.last_id + 1, first.last_id + 3)
    assert [seals.bound(seal) == seal.root for seal in seals.seals()] == [True, True]
    worker.sealing.step(NINE + 10 * MINUTE)
    assert seals.newest() == second
    midnight = local(NINE).replace(hour=0, minute=0) + timedelta(days=1)
    append(1)
    worker.sealing.step(midnight - MINUTE)
    append(1)
    worker.sealing.step(midnight)
    assert [seal.sealed_at for seal in seals.seals(2)] == [
        int(moment.timestamp()) for moment in (midnight - MINUTE, midnight)
    ]


def test_every_seal_has_its_line_outside_and_a_broken_line_is_passed_over(app, engine, at):
    sealing, file = Sealing(), anchors.place()
    append(2)
    sealing.step(NINE)
    with file.open("a") as out:
        out.write("2 99 9 broken off")
    append(2)
    sealing.step(NINE + 5 * MINUTE)
    again = Sealing()
    again.step(NINE + 6 * MINUTE)
    assert [(line.seal, line.last_id, line.count, line.root) for line in anchors.lines(file)] == [
        (seal.id, seal.last_id, seal.count, seal.root) for seal in seals.seals()
    ]
    assert file.read_text().splitlines()[0].endswith(" 2026-11-24T01:00:00Z")


def test_a_file_that_cannot_be_written_is_caught_up_with_later(app, engine, at, caplog):
    folder = anchors.place().parent
    folder.write_text("in the way")
    sealing = Sealing()
    append(1)
    for minute in range(6):
        sealing.step(NINE + minute * MINUTE)
    assert len(caplog.records) == 1
    folder.unlink()
    sealing.step(NINE + 7 * MINUTE)
    assert [line.seal for line in anchors.lines(anchors.place())] == [1]


def test_many_entries_come_under_several_seals_none_left_out(app, engine, at):
    append(25)
    asked = seals.look()
    while seals.seal_next(asked, int(NINE.timestamp()), most=10):
        pass
    found = seals.seals()
    assert [seal.count for seal in found][:-1] == [10] * (len(found) - 1)
    assert sum(seal.count for seal in found) == len(hashes())
    cut = found[0].count
    assert found[0].tree == merkle.root(hashes()[:cut])


def test_seals_cannot_be_altered(app, engine, at):
    append(1)
    Sealing().step(NINE)
    for attack in (
        "UPDATE journal_seal SET count = 0", "DELETE FROM journal_seal", "DELETE FROM archive_access",
        "UPDATE archive_access SET no = ''",
    ):  # fmt: skip
        with transaction() as session:
            session.connection().execute(
                text("INSERT INTO archive_access(person_id, what, query, no, at) VALUES(1, 'open', '', '', 1)")
            )
        with pytest.raises(DBAPIError, match="append only"), transaction() as session:
            session.connection().execute(text(attack))


@pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_an_entry_committed_late_is_not_left_out(app, engine, at):
    appended, may_commit = threading.Event(), threading.Event()

    def late() -> None:
        with app.app_context(), transaction():
            stream.append("test:late", "Said", {}, by_id=1, at=NINE)
            appended.set()
            may_commit.wait(20)

    Sealing().step(NINE)
    before = seals.newest().last_id
    writer = threading.Thread(target=late)
    writer.start()
    assert appended.wait(20)
    append(1, "test:quick")
    sealing = Sealing()
    assert sealing.step(NINE + 5 * MINUTE) is False  # the quicker one has a higher number: nothing is sealed yet
    assert seals.newest().last_id == before
    may_commit.set()
    writer.join()
    append(1, "test:after")
    assert sealing.step(NINE + 5 * MINUTE) is True
    assert seals.newest().count == 2
    assert sealing.step(NINE + 10 * MINUTE) is True
    assert sum(seal.count for seal in seals.seals()) == len(hashes())


def writing(app, name: int) -> None:
    """One of many writers: on streams of its own, slow now and then."""
    with app.app_context():
        for number in range(20):
            with transaction():
                stream.append(f"test:{name}:{number % 3}", "Said", {"n": number}, by_id=1, at=NINE)
                if number % 7 == 0:
                    db.session.connection().execute(text("SELECT pg_sleep(0.02)"))
        db.session.remove()


@pytest.mark.parametrize("engine", [pytest.param("postgres", marks=pytest.mark.postgres)])
def test_eight_writers_and_two_sealers_leave_nothing_out(app, engine, at):
    writers = [threading.Thread(target=writing, args=(app, name)) for name in range(8)]
    for writer in writers:
        writer.start()
    moment, sealers = NINE, (Sealing(), Sealing())
    while any(writer.is_alive() for writer in writers):
        moment += 5 * MINUTE
        for sealing in sealers * 3:
            sealing.step(moment)
    for sealing in sealers:
        sealing.step(moment + 5 * MINUTE)
    found, after = seals.seals(), 0
    assert sum(seal.count for seal in found) == len(hashes())
    assert len(found) > 1
    for seal in found:
        rows = read(seals.LEAVES, {"after": after, "until": seal.last_id, "most": 10_000})
        assert merkle.root(bytes(row[1]) for row in rows) == seal.tree
        after = seal.last_id
