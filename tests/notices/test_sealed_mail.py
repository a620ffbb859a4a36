"""AR3: once a day the auditors' mailboxes hold the number and root of a seal, whatever else they want by mail."""

from datetime import timedelta

from portal.jobs.deliver import deliver
from portal.jobs.sealing import Sealing
from portal.journal import anchors, seals, stream
from portal.kernel.db import transaction
from tests.builders import NINE


def sealed(sealing: Sealing, **later: int) -> str:
    """Something happens and is sealed; the seal as paper and mail carry it."""
    now = NINE + timedelta(**later)
    with transaction():
        stream.append("test:1", "Said", {"said": str(now)}, by_id=1, at=now)
    assert sealing.step(now)
    return anchors.short(seals.newest())


def test_the_first_seal_of_a_day_goes_to_auditors_with_an_address(app, engine, at, staff, post, wants):
    wants(staff["auditor"], other=[])
    wants(staff["agent"])
    one, two = Sealing(), Sealing()
    first = sealed(one)
    sealed(two, minutes=5)
    sealed(one, minutes=10)
    next_day = sealed(two, days=1)
    assert deliver(NINE + timedelta(days=1)) == 2
    assert [letter["To"] for letter in post.got] == ["auditor@example.com"] * 2
    for letter, words in zip(post.got, (first, next_day), strict=True):
        assert words in str(letter["Subject"])
        assert words in letter.get_content()


def test_without_a_mail_server_nothing_is_queued(app, engine, at, staff):
    sealed(Sealing())
    assert deliver(NINE) == 0
