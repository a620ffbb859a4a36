"""AR6, AR4: one field in the clear for a purpose, written down; whole numbers find, and what is found stays masked."""

import pytest
from sqlalchemy import select

from portal.archive import blind
from portal.archive.models import ArchiveAccess, ArchivedNumber
from portal.kernel.db import db, transaction
from tests.builders import closed_case, make_case
from tests.conftest import HTMX

pytestmark = pytest.mark.alike

IDENTITY = "330106199003070006"
WHY = {"purpose": "audit", "words": "抽查回访是否属实"}


@pytest.fixture
def case(app, engine, at, staff):
    with transaction():
        made = make_case(staff["agent"], description=f"请核实退款账户，身份证{IDENTITY}，王芳本人来电")
        return made.no


def looks(what="reveal"):
    return list(db.session.scalars(select(ArchiveAccess).where(ArchiveAccess.what == what).order_by(ArchiveAccess.id)))


def test_a_field_opens_for_a_purpose_and_is_written_down(case, staff, signed_in):
    auditor = signed_in(staff["auditor"])
    page = auditor.get(f"/cases/{case}").text
    assert "13800130013" not in page
    assert "王芳" not in page
    assert f"/reveal?of=case:{case}" in page
    form = auditor.get(f"/reveal?of=case:{case}&field=contact", headers=HTMX).text
    assert f'id="reveal-case-{case}-contact"' in form
    asked = {"of": f"case:{case}", "field": "contact"}
    for typed in ({"purpose": "audit", "words": ""}, {"purpose": "none", "words": "抽查回访"}):
        refused = auditor.post("/reveal", data=asked | typed, headers=HTMX)
        assert refused.status_code == 422
        assert "13800130013" not in refused.text
    assert looks() == []
    shown = auditor.post("/reveal", data=asked | WHY, headers=HTMX).text
    assert "13800130013" in shown
    assert "王芳" not in shown
    assert 'hx-trigger="load delay:60s"' in shown
    (look,) = looks()
    assert (look.person_id, look.no, look.query) == (staff["auditor"].id, case, f"contact audit {WHY['words']}")
    again = auditor.get(f"/reveal?of=case:{case}&field=contact&mask=1", headers=HTMX).text
    assert "13800130013" not in again
    assert "13800130013" not in auditor.get(f"/cases/{case}").text


def test_it_works_without_script(case, staff, signed_in):
    auditor = signed_in(staff["auditor"])
    assert "<form" in auditor.get(f"/reveal?of=case:{case}&field=name").text
    page = auditor.post("/reveal", data={"of": f"case:{case}", "field": "name"} | WHY).text
    assert "王芳" in page
    assert f'content="60;url=/cases/{case}"' in page


def test_an_identity_card_in_a_text_is_masked_for_everybody_and_opens_field_by_field(case, staff, signed_in):
    agent = signed_in(staff["agent"])
    page = agent.get(f"/cases/{case}").text
    assert IDENTITY not in page
    assert "330****0006" in page
    assert "13800130013" in page
    assert IDENTITY in agent.post("/reveal", data={"of": f"case:{case}", "field": "description"} | WHY).text
    assert looks()[-1].query.startswith("description audit")


def test_who_may_not_see_the_case_may_not_ask(case, staff, signed_in):
    asked = {"of": f"case:{case}", "field": "contact"} | WHY
    assert signed_in(staff["handler"]).post("/reveal", data=asked).status_code == 404
    assert signed_in(staff["analyst"]).post("/reveal", data=asked).status_code == 403
    assert signed_in(staff["auditor"]).post("/reveal", data=asked | {"field": "password"}).status_code == 404
    assert looks() == []


def test_a_customers_number_names_the_case_it_is_needed_for(case, staff, signed_in):
    auditor = signed_in(staff["auditor"])
    page = auditor.get("/customers/1").text
    field = page.split("of=customer:1&amp;field=")[1].split('"')[0]
    asked = {"of": "customer:1", "field": field} | WHY
    assert auditor.post("/reveal", data=asked | {"case": "CS0000-0000"}).status_code == 422
    assert auditor.post("/reveal", data=asked | {"case": case}).status_code == 200
    assert auditor.post("/reveal", data=asked).status_code == 200
    first, second = looks()
    assert (first.no, case in first.query) == ("KH000001", True)
    assert (second.no, case in second.query) == ("KH000001", False)


def test_a_whole_number_finds_and_stays_masked(case, staff, signed_in, at):
    with transaction():
        closed = closed_case(
            staff["agent"], staff["supervisor"], staff["handler"], description=f"退款，身份证{IDENTITY}", title=""
        ).no
    auditor = signed_in(staff["auditor"])
    found = auditor.post("/archive/number", data={"number": IDENTITY})
    assert closed in found.text
    assert IDENTITY not in found.text
    assert "330****0006" in found.text
    by_phone = auditor.post("/archive/number", data={"number": "138 0013 0013"}).text
    assert closed in by_phone
    assert case in by_phone
    assert "KH000001" in by_phone
    assert "王芳" not in by_phone
    assert closed not in auditor.post("/archive/number", data={"number": IDENTITY[:-1]}).text
    assert auditor.post("/archive/number", data={"number": "1380"}).status_code == 422
    assert [look.query for look in looks("number")][:2] == ["330****0006", "138****0013"]
    assert closed not in signed_in(staff["business"]).post("/archive/number", data={"number": IDENTITY}).text


def test_the_digests_say_nothing_without_the_key_and_old_records_are_caught_up(case, staff, app):
    with transaction():
        closed_case(staff["agent"], staff["supervisor"], staff["handler"])
    kept = set(db.session.scalars(select(ArchivedNumber.digest)))
    assert blind.digest("13800130013") in kept
    file = app.config["PORTAL"].data / "blind.key"
    assert file.stat().st_mode & 0o777 == 0o600
    with transaction():
        db.session.query(ArchivedNumber).delete()
    assert blind.catch_up() == 1
    assert set(db.session.scalars(select(ArchivedNumber.digest))) == kept
    assert blind.catch_up() == 0


def test_the_log_of_searches_holds_no_number(case, staff, signed_in):
    signed_in(staff["agent"]).get("/archive?q=13800130013")
    assert looks("search")[-1].query == "138****0013"
