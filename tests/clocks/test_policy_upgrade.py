"""A store of before knows no new kinds of clocks: an upgrade adds them as a version of their own, and nothing else."""

from datetime import timedelta

from portal.cases import actions as cases
from portal.clocks import book
from portal.clocks.kept import clocks_of
from portal.clocks.models import PolicyVersion
from portal.clocks.policy import load_policy
from portal.clocks.seed import seeded_policy
from portal.kernel.db import db, transaction
from tests.builders import NINE, judged_case

NEW = ("next_reply", "department_result", "tier", "promise", "pause", "approval")


def as_before(version):
    """The document as the first release shipped it."""
    shipped = seeded_policy()
    return shipped | {
        "rows": [row | {"house": True} for row in shipped["rows"] if row["kind"] not in NEW],
        "combine": {kind: how for kind, how in shipped["combine"].items() if kind not in NEW},
    }


def said(staff, case, hour):
    now = NINE + timedelta(hours=hour)
    until = now + timedelta(hours=1)
    cases.contact(
        staff["agent"], now, case, direction="out", means="phone", reached=True, words="已说明进展", promised=until
    )


def test_an_upgrade_adds_the_new_kinds_and_running_cases_keep_their_version(app, engine, at, staff):
    with transaction():
        db.session.get_one(PolicyVersion, 1).data = as_before(1)
    book.forget()
    with transaction():
        before = judged_case(staff["agent"], staff["supervisor"], level="P2", channel="email")
        said(staff, before, 1)
        assert book.complete(NINE + timedelta(hours=2)) == 2
    with transaction():
        assert book.complete(NINE + timedelta(hours=3)) is None
        after = judged_case(
            staff["agent"], staff["supervisor"], level="P2", channel="email", now=NINE + timedelta(hours=3)
        )
        said(staff, after, 4)
        said(staff, before, 4)
    assert "promise" not in {c.kind for c in clocks_of(before.id)}
    assert "promise" in {c.kind for c in clocks_of(after.id)}
    policy = load_policy(book.newest().data)
    assert {row.house for row in policy.rows if row.kind == "result"} == {True}
    assert set(NEW) <= set(policy.by_kind)
    book.forget()
