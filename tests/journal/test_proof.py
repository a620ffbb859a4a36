"""AR3, QU7, SE1: every way of altering history by direct SQL is found, or shown to be found with the anchor alone.

The tests reach behind the triggers as somebody who owns the database could.
"""

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.jobs.sealing import Sealing
from portal.jobs.verify import whole
from portal.journal import anchors, proof, seals
from portal.journal.proof import Fault, Verification
from portal.journal.stream import EMPTY, append, commitment, header
from portal.kernel.db import db, read, transaction, write
from tests.builders import NINE

AT = int(NINE.timestamp())
LATER = AT + 600


@pytest.fixture
def sealed(app, engine, at) -> None:
    """Three streams of four entries, sealed twice and anchored."""
    for part in range(2):
        with transaction():
            for number in range(2):
                for name in "abc":
                    append(f"case:{name}", "Said", {"said": f"{name}{part}{number}"}, by_id=1, at=NINE)
        Sealing().step(NINE + timedelta(minutes=5 * part))
    assert seals.newest().id == 2


@contextmanager
def unguarded():
    """A write without the triggers."""
    sqlite = db.engine.dialect.name == "sqlite"
    tables = ("journal", "journal_seal")
    with transaction() as session:
        run = session.connection().exec_driver_sql
        if sqlite:
            found = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'journal%'").all()
            for name, _ in found:
                run(f"DROP TRIGGER {name}")
            run("PRAGMA defer_foreign_keys = ON")
        else:
            for table in tables:
                run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        if sqlite:
            for _, sql in found:
                run(sql)
        else:
            for table in tables:
                run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change")


def forged(*statements: str) -> None:
    """Runs statements as the owner of the database could."""
    with unguarded():
        for statement in statements:
            db.session.connection().execute(text(statement))


def verified(*, anchored: bool = True, since: int = 0, now: int = LATER) -> Verification:
    run = Verification(now, since, anchors.place() if anchored and anchors.place().exists() else None)
    for _ in whole(run):
        pass
    return run


def faults(**how) -> set[Fault]:
    return set(verified(**how).faults)


def entry(stream: str, n: int) -> int:
    return read("SELECT id FROM journal WHERE stream = :s AND n = :n", {"s": stream, "n": n})[0][0]


def test_what_nobody_touched_is_clean_and_anchored(sealed):
    run = verified()
    assert (run.code, run.faults, run.seals, run.anchored, run.tail, run.unsealed) == (0, [], 2, 2, 0, 0)
    assert run.entries == run.total == read("SELECT count(*) FROM journal", {})[0][0]


THIRD = "SELECT id FROM journal WHERE stream = 'case:a' AND n = 3"
HEAD_BACK = (
    "UPDATE journal_stream SET n = 3, head = (SELECT hash FROM journal WHERE stream = 'case:a' AND n = 3)"
    " WHERE stream = 'case:a'"
)
TAMPERS = {
    "edit a header": (
        ["UPDATE journal SET by_id = 9 WHERE stream = 'case:a' AND n = 2"], {Fault("entry", "case:a", 2, 1)},
    ),
    "edit a payload": (
        [f"UPDATE journal_body SET facts = '{{\"said\":\"x\"}}' WHERE journal_id = ({THIRD})"],
        {Fault("body", "case:a", 3, 2)},
    ),
    "delete within": (
        ["DELETE FROM journal_body WHERE journal_id = (SELECT id FROM journal WHERE stream = 'case:a' AND n = 2)",
         "DELETE FROM journal WHERE stream = 'case:a' AND n = 2"],
        {Fault("missing", "case:a", 2, 2), Fault("leaves", "", 0, 1)},
    ),
    "delete the last and fix the head": (
        ["DELETE FROM journal_body WHERE journal_id = (SELECT id FROM journal WHERE stream = 'case:a' AND n = 4)",
         HEAD_BACK, "DELETE FROM journal WHERE stream = 'case:a' AND n = 4"],
        {Fault("leaves", "", 0, 2)},
    ),
    "delete the last and forget the head": (
        ["DELETE FROM journal_body WHERE journal_id = (SELECT id FROM journal WHERE stream = 'case:a' AND n = 4)",
         "DELETE FROM journal WHERE stream = 'case:a' AND n = 4"],
        {Fault("leaves", "", 0, 2), Fault("missing", "case:a", 4, 0)},
    ),
    "delete a whole stream with its head": (
        ["DELETE FROM journal_body WHERE journal_id IN (SELECT id FROM journal WHERE stream = 'case:b')",
         "DELETE FROM journal WHERE stream = 'case:b'", "DELETE FROM journal_stream WHERE stream = 'case:b'"],
        {Fault("leaves", "", 0, 1), Fault("leaves", "", 0, 2)},
    ),
    "put one head back": (
        [HEAD_BACK], {Fault("head", "case:a", 4, 2)},
    ),
    "delete a head": (
        ["DELETE FROM journal_stream WHERE stream = 'case:a'"],
        {Fault("head", "case:a", n, 1 if n < 3 else 2) for n in range(1, 5)},
    ),
    "delete a seal": (
        ["DELETE FROM journal_seal WHERE id = 1"],
        {Fault("seal", "", 0, 2), Fault("leaves", "", 0, 2), Fault("anchor", "", 0, 1)},
    ),
    "move a seal": (["UPDATE journal_seal SET sealed_at = 5 WHERE id = 2"], {Fault("seal", "", 0, 2)}),
    "spoil a payload": (
        [f"UPDATE journal_body SET salt = (SELECT hash FROM journal WHERE id = 1) WHERE journal_id = ({THIRD})"],
        {Fault("body", "case:a", 3, 2)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERS)
def test_a_tamper_is_found_and_named(sealed, name):
    statements, expected = TAMPERS[name]
    forged(*statements)
    assert faults() == expected
    run = verified(anchored=False)
    assert (run.code, set(run.faults)) == (1, {fault for fault in expected if fault.what != "anchor"})


def rechained() -> None:
    """Reckons every chain, head and seal anew, as somebody could who writes to the whole store."""
    heads: dict[str, tuple[int, bytes]] = {}
    rows = read(
        "SELECT j.id, j.stream, j.n, j.at, j.occurred_at, j.by_id, j.kind, b.salt, b.facts FROM journal j"
        " JOIN journal_body b ON b.journal_id = j.id ORDER BY j.id", {},
    )  # fmt: skip
    hashes = []
    for number, stream, _n, moment, happened, by, kind, salt, facts in rows:
        last, prev = heads.get(stream, (0, EMPTY))
        body = commitment(bytes(salt), json.loads(facts) if isinstance(facts, str) else facts)
        digest = header(stream, last + 1, moment, happened, by, kind, body, prev)
        heads[stream] = (last + 1, digest)
        hashes.append((number, digest))
        write(
            "UPDATE journal SET n = :n, commitment = :c, prev = :p, hash = :h WHERE id = :id",
            {"n": last + 1, "c": body, "p": prev, "h": digest, "id": number},
        )
    write("DELETE FROM journal_stream", {})
    for stream, (n, digest) in heads.items():
        write("INSERT INTO journal_stream(stream, n, head) VALUES(:s, :n, :h)", {"s": stream, "n": n, "h": digest})
    _resealed(hashes)


def _resealed(hashes: list[tuple[int, bytes]]) -> None:
    found, before, after = seals.seals(), EMPTY, 0
    write("DELETE FROM journal_seal", {})
    for old in found:
        under = [(number, digest) for number, digest in hashes if after < number <= old.last_id]
        if under:
            made = seals.Sealed(
                old.id, under[0][0], under[-1][0], len(under), seals_root(under), EMPTY, before, old.sealed_at
            )
            made = replace(made, root=seals.bound(made))
            write(seals.ADDED, asdict(made))
            before, after = made.root, under[-1][0]


def seals_root(under: list[tuple[int, bytes]]) -> bytes:
    tree = seals.Tree()
    for _, digest in under:
        tree.add(digest)
    return tree.root()


def test_everything_reckoned_anew_is_found_with_the_anchor_alone(sealed):
    with unguarded():
        write(
            "UPDATE journal_body SET facts = :f WHERE journal_id = :id",
            {"f": '{"said": "forged"}', "id": entry("case:a", 2)},
        )
        rechained()
    assert verified(anchored=False).faults == []
    assert faults() == {Fault("anchor", "", 0, 1), Fault("anchor", "", 0, 2)}


def test_a_stream_left_out_and_everything_sealed_again_is_found_with_the_anchor_alone(sealed):
    with unguarded():
        write(
            "DELETE FROM journal_body WHERE journal_id IN (SELECT id FROM journal WHERE stream = :s)", {"s": "case:b"}
        )
        write("DELETE FROM journal WHERE stream = :s", {"s": "case:b"})
        rechained()
    assert verified(anchored=False).faults == []
    assert {fault.what for fault in faults()} == {"anchor"}


def test_seals_cut_off_with_their_entries_are_found_with_the_anchor_alone(sealed):
    with unguarded():
        write("DELETE FROM journal_body WHERE journal_id > :id", {"id": seals.seals()[0].last_id})
        write("DELETE FROM journal WHERE id > :id", {"id": seals.seals()[0].last_id})
        write("DELETE FROM journal_seal WHERE id = 2", {})
        rechained()
    assert verified(anchored=False).faults == []
    assert faults() == {Fault("anchor", "", 0, 2)}


def test_yesterdays_copy_in_place_of_the_store_is_known_by_the_newer_anchor(sealed, tmp_path):
    """F-05; a copy of SQLite's own, for PostgreSQL's is a matter of its tools."""
    if db.engine.dialect.name != "sqlite":
        return
    db.session.rollback()
    raw, kept = db.engine.raw_connection(), sqlite3.connect(tmp_path / "yesterday.db")
    raw.driver_connection.backup(kept)
    with transaction():
        append("case:a", "Said", {"said": "today"}, by_id=1, at=NINE)
    Sealing().step(NINE + timedelta(minutes=10))
    assert (seals.newest().id, faults()) == (3, set())
    raw.driver_connection.execute("PRAGMA query_only = 0")
    kept.backup(raw.driver_connection)
    raw.close()
    assert (seals.newest().id, verified(anchored=False).faults) == (2, [])
    assert faults() == {Fault("anchor", "", 0, 3)}


def test_what_is_newer_than_the_last_seal_can_be_cut_off_and_the_report_says_so(sealed):
    with transaction():
        append("case:a", "Said", {"said": "new"}, by_id=1, at=NINE)
    before = verified()
    assert (before.tail, before.unsealed) == (1, 1)
    with unguarded():
        write("DELETE FROM journal_body WHERE journal_id = :id", {"id": entry("case:a", 5)})
        write("DELETE FROM journal WHERE stream = :s AND n = 5", {"s": "case:a"})
        write(
            "UPDATE journal_stream SET n = 4, head = (SELECT hash FROM journal WHERE stream = :s AND n = 4)"
            " WHERE stream = :s", {"s": "case:a"},
        )  # fmt: skip
    assert verified().faults == []  # missed: the window is the seal's interval


def test_an_erased_body_leaves_everything_provable(sealed):
    with transaction():
        write("DELETE FROM journal_body WHERE journal_id = :id", {"id": entry("case:a", 2)})
    run = verified()
    assert (run.code, run.erased) == (0, 1)


@pytest.mark.parametrize(("seconds", "code"), [(0, 0), (360, 0), (361, 2)])
def test_an_unanchored_tail_is_in_order_for_one_interval_and_a_minute(sealed, seconds, code):
    with transaction():
        append("case:a", "Said", {"said": "new"}, by_id=1, at=NINE)
    run = verified(now=AT + seconds)
    assert (run.code, run.tail, run.tail_seconds) == (code, 1, seconds)


def test_without_anchors_everything_is_the_tail(sealed):
    run = verified(anchored=False)
    assert (run.code, run.tail, run.anchored) == (2, run.entries, 0)


def test_behind_a_seal_only_what_is_new_is_looked_at(sealed):
    run = verified(since=1)
    assert (run.code, run.entries, run.seals) == (0, 6, 1)
    forged("UPDATE journal SET by_id = 9 WHERE stream = 'case:a' AND n = 2")
    assert verified(since=1).code == 0
    forged("UPDATE journal SET by_id = 9 WHERE stream = 'case:a' AND n = 3")
    assert faults(since=1) == {Fault("entry", "case:a", 3, 2)}
    with pytest.raises(proof.NoSuchSeal):
        verified(since=7)


def test_a_missing_trigger_is_named(sealed):
    sqlite = db.engine.dialect.name == "sqlite"
    name = "journal_seal_no_update" if sqlite else "journal_seal_no_change"
    with transaction() as session:
        session.connection().exec_driver_sql(f"DROP TRIGGER {name}" + ("" if sqlite else " ON journal_seal"))
    assert verified().faults == [Fault("guard", name)]


def test_a_file_without_anchors_is_not_taken_for_one(sealed):
    anchors.place().write_text("Dear auditor,\nthe seals are in the other mail.\n")
    with pytest.raises(anchors.NoAnchors):
        verified()
