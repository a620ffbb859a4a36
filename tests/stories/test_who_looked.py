"""AR4, F-94: every look at customer data is an access event, found by person, case, customer and time; exceptions."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.archive import access, exceptions, looking
from portal.archive.models import ArchiveAccess
from portal.cases import actions as cases
from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.kernel.db import read as store_read
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.conftest import HTMX

pytestmark = pytest.mark.alike


@pytest.fixture
def case(app, engine, at, staff):
    looking.forget()
    with transaction():
        return judged_case(staff["agent"], staff["supervisor"], unit="tech").no


def log():
    rows = db.session.scalars(select(ArchiveAccess).order_by(ArchiveAccess.id))
    return [(row.what, row.no, row.query) for row in rows]


def kinds(staff, until=None):
    end = until or clock.now() + timedelta(days=1)
    return [(one.kind, one.no) for one in exceptions.found(staff["auditor"], NINE - timedelta(days=2), end)]


def test_pages_parts_and_lists_are_noted_once_in_ten_minutes(case, staff, signed_in, at):
    handler = signed_in(staff["handler"])
    handler.get(f"/cases/{case}")
    handler.get(f"/cases/{case}/changes", headers=HTMX)
    handler.get(f"/cases/{case}/do/note", headers=HTMX)
    handler.get("/queues/tech")
    handler.get("/customers/1")
    handler.get("/customers?q=王芳")
    assert log() == [
        ("view", case, ""), ("list", "", "queue tech"), ("view", "KH000001", ""), ("list", "", "customers 王芳"),
    ]  # fmt: skip
    at(minutes=11)
    handler.get(f"/cases/{case}/changes", headers=HTMX | {"HX-PTag": "old"})
    assert log()[-1] == ("view", case, "")
    assert len(log()) == 5
    signed_in(staff["business"]).get(f"/cases/{case}")
    assert len(log()) == 5


def test_the_log_is_asked_by_person_case_customer_and_time_and_looking_at_it_is_noted(case, staff, signed_in, at):
    signed_in(staff["handler"]).get(f"/cases/{case}")
    signed_in(staff["agent"]).get("/customers/1")
    auditor = signed_in(staff["auditor"])
    assert auditor.get("/archive/access").text.count("陈浩") > 1
    for address, found in (
        (f"person={staff['agent'].id}", ["KH000001"]), (f"no={case}", [case]), ("no=KH000001", ["KH000001", case]),
        ("what=view&from=2026-11-24&to=2026-11-24", ["KH000001", case]), ("to=2026-11-20", []),
    ):  # fmt: skip
        page = auditor.get(f"/archive/access?{address}").text
        table = page.split("<tbody>")[1].split("</tbody>")[0] if "Nobody" not in page and "<tbody>" in page else ""
        assert [no for no in ("KH000001", case) if no in table] == found, address
    assert [what for what, _no, _query in log()].count("log") == 6
    assert auditor.get("/archive/access?from=yesterday").status_code == 422


def test_levels_set_otherwise_than_proposed_or_judged_before_are_on_the_list(case, staff, at):
    with transaction():
        other = judged_case(staff["agent"], staff["supervisor"], level="P2")
        for level, changed in (("P3", False), ("P4", True)):
            cases.judge(
                staff["supervisor"], NINE + timedelta(minutes=5), other, level=level, impact="single", urgency="low",
                harm=False, reason="复核后调整", unit_id=other.unit_id, changed=changed,
            )  # fmt: skip
        no = other.no
    for since in (NINE - timedelta(days=1), NINE + timedelta(minutes=1)):
        found = exceptions.found(staff["auditor"], since, NINE + timedelta(days=1), "overruled")
        both = [(no, "P2 → P3"), (no, "P3 → P2")]
        assert [(one.no, one.said) for one in found] == both[: 1 + (since < NINE)]


def test_the_list_asks_the_store_no_oftener_for_more_cases(case, staff, monkeypatch):
    counts = []
    for some in (1, 3):
        with transaction():
            for _ in range(some):
                new = make_case(staff["agent"])
                cases.judge(
                    staff["supervisor"], NINE + timedelta(minutes=5), new, level="P4", impact="single", urgency="low",
                    harm=False, reason="属建议", unit_id=new.unit_id, changed=False,
                )  # fmt: skip
        reads = []
        monkeypatch.setattr(exceptions, "read", lambda *asked, to=reads: to.append(1) or store_read(*asked))
        found = exceptions.found(staff["auditor"], NINE + timedelta(minutes=1), NINE + timedelta(days=1), "overruled")
        counts.append((len(found), len(reads)))
    assert [found for found, _ in counts] == [1, 4]
    assert counts[0][1] == counts[1][1]


def test_what_asks_for_a_question_is_on_the_list(case, staff, signed_in, at, monkeypatch):
    monkeypatch.setattr(exceptions, "MASS", 2)
    with transaction():
        for _ in range(3):
            make_case(staff["agent"], NINE, received=NINE - timedelta(hours=2))
        cases.contact(
            staff["agent"], NINE, make_case(staff["agent"]), direction="out", means="phone", reached=True,
            words="补记昨天的通话",
        )  # fmt: skip
    supervisor = signed_in(staff["supervisor"])
    for n in range(1, 4):
        supervisor.get(f"/cases/CS2611-000{n}")
    at(hours=15)  # midnight
    handler, auditor = signed_in(staff["handler"]), signed_in(staff["auditor"])
    handler.get(f"/cases/{case}")
    field = auditor.get("/customers/1").text.split("of=customer:1&amp;field=")[1].split('"')[0]
    auditor.post("/reveal", data={"of": "customer:1", "field": field, "purpose": "audit", "words": "抽查回访"})
    found = kinds(staff)
    assert ("reveal", "KH000001") in found
    assert ("mass", "") in found
    assert {no for kind, no in found if kind == "back"} == {"CS2611-0002", "CS2611-0003", "CS2611-0004"}
    assert "night" in {kind for kind, _no in found}
    page = auditor.get("/archive/access/exceptions?from=2026-11-22&to=2026-11-26").text
    assert "CS2611-0002" in page
    assert signed_in(staff["agent"]).get("/archive/access/exceptions").status_code == 403


def test_the_archives_own_looks_are_noted_as_before(case, staff, signed_in):
    with transaction():
        no = closed_case(staff["agent"], staff["supervisor"], staff["handler"]).no
    agent = signed_in(staff["agent"])
    agent.get("/archive?q=光猫")
    agent.get(f"/archive/{no}")
    agent.get(f"/archive/{no}/versions/1")
    agent.get(f"/cases/{no}/sheet")
    found = [what for what, _no, _query in log()]
    assert found[:3] == ["search", "open", "open"]
    assert "print" in found
    assert access.KINDS


# addresses that show no case and no customer, or (archive) write their looks down themselves
BY_THEMSELVES = {
    "archive", "access", "audit", "numbers", "reveal", "versions", "retention", "proof", "order_sheets",
    "incident_past", "reports.cases_csv", "reports.cases_xlsx", "behind", "ledger.file",
    "projects.document", "projects.table", "backup.kit", "backup.sheets", "desk.queue_sheet",
}  # fmt: skip
SHOW_NOBODY = {
    "absences", "announcements", "api", "articles", "asked", "calendar", "calendars", "delivery", "dispatch", "drills",
    "flows", "health", "identity", "kpi", "ladder", "lateness", "lists", "my_notices", "offline", "papers", "plans",
    "policies", "proposals", "paper_calendar", "reports", "roster", "screens", "shell", "static", "styles",
    "time_reports", "timeliness", "trends", "wordings", "status", "boards", "backup", "voicemails", "imports",
    "group_imports", "order_imports", "projects", "own.people", "tasks.new", "intake.form", "raising.new", "board.slow",
    "desk.front", "desk.clock", "desk.counts", "desk.queues", "desk.saved", "desk.columns", "desk.in_queue", "calls",
}  # fmt: skip


def test_every_address_is_noted_or_shows_nobody(app):
    known = BY_THEMSELVES | SHOW_NOBODY
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]
    left = {
        rule.endpoint for rule in rules
        if rule.endpoint not in looking.LISTS and rule.endpoint.partition(".")[0] not in looking.ROOMS
        and not known & {rule.endpoint, rule.endpoint.partition(".")[0]}
    }  # fmt: skip
    assert left == set()
    assert set(looking.LISTS) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_ones_own_pages_are_looks_too_once_in_ten_minutes(case, staff, signed_in):
    handler = signed_in(staff["handler"])
    for _ in range(2):
        for address in ("/desk", "/notices", "/tasks", "/handover", "/promises"):
            assert handler.get(address).status_code == 200, address
    assert log() == [
        ("list", "", "desk home"), ("list", "", "notices notices"), ("list", "", "tasks index"),
        ("list", "", "handover index"), ("list", "", "promises promised"),
    ]  # fmt: skip
    agent = signed_in(staff["agent"])
    agent.post("/intake/similar", data={"contact": "13800130013", "description": "光猫 LOS 灯常亮红色"})
    assert log()[-1] == ("list", "", "similar near")
    page = signed_in(staff["auditor"]).get("/archive/access").text
    assert "notices notices" not in page
