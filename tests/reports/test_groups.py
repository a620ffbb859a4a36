"""RE2: section 2 of the quarterly report counts the group customers on file, their contracts and services."""

from portal.corporate import actions
from portal.kernel.db import transaction
from portal.kernel.i18n import speaking
from portal.reports import groups
from portal.reports.quarterly import quarter_span
from tests.builders import NINE
from tests.corporate.builders import a_service, make_group
from tests.reports.papers import JANUARY


def test_files_contracts_and_services_of_the_quarter(app, engine, at, staff):
    span, head = quarter_span("2026Q4", JANUARY), staff["head"]
    assert groups.on_file(span)[2] == groups.services(span)[2] == []
    with transaction():
        file = make_group(head)
        make_group(
            head,
            name="海天",
            phone="0571-80000001",
            contract_no="",
            contract_from="2026-01-01",
            contract_until="2027-02-28",
        )
        make_group(head, name="山河", phone="0571-80000002", contract_from="2025-01-01", contract_until="2026-12-31")
        make_group(head, JANUARY, name="来年", phone="0571-80000003")
        told = ({}, {"since": "2026-12-01"}, {"kind": "voice", "state": "suspended"}, {"state": "closed"},
                {"since": "2027-01-03"})  # fmt: skip
        for n, facts in enumerate(told):
            actions.set_service(head, NINE, file, **a_service(circuit_no=f"HZ-{n}", **facts))
    with speaking("en"):
        assert groups.on_file(span)[2] == [
            ("On file", [3]), ("Taken on in the period", [3]), ("With a contract in force", [3]),
            ("Contract ended in the period", [1]), ("Contract ends within 90 days after it", [1]),
        ]  # fmt: skip
        assert groups.services(span)[2] == [("Data line", [2, 0, 0, 1]), ("Voice trunk", [0, 0, 1, 0])]
    assert [row[1] for row in groups.on_file(quarter_span("2026Q3", JANUARY))[2]] == []
