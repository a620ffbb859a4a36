"""WF2, WF3: ledgers 台帐 by flow, filtered by the address, paged by key, out as a spreadsheet of the same filter."""

from datetime import timedelta
from io import BytesIO

from python_calamine import CalamineWorkbook

from portal.identity import queries as people
from portal.kernel.db import transaction
from portal.workflows import ledger
from tests.builders import NINE
from tests.workflows import builders

LATER = NINE + timedelta(days=60)


def three(staff) -> list[str]:
    """Two provisioning orders (one at its dispatch sheet) and a verification. Opens transactions."""
    with transaction():
        builders.crew()
        first = builders.raised(
            staff["supervisor"], "provisioning", NINE, title="一号专线", given={"circuit_type": "otn"}
        )
        other = builders.raised(staff["supervisor"], "provisioning", NINE + timedelta(minutes=1), title="二号专线")
        third = builders.raised(staff["supervisor"], "verification", NINE, title="核查三号")
        found = [first.no, other.no, third.no]
    builders.led(staff["supervisor"], found[0], builders.first, until="material")
    return found


def names(page: str, found: list[str]) -> list[str]:
    return [no for no in found if f">{no}<" in page]


def test_the_ledger_of_a_flow_shows_its_fields_and_filters(app, engine, at, staff, signed_in):
    found = three(staff)
    browser = signed_in(staff["supervisor"])

    def shown(**query: str) -> list[str]:
        return names(browser.get("/orders/ledger", query_string=query).get_data(as_text=True), found)

    page = browser.get("/orders/ledger?flow=provisioning").get_data(as_text=True)
    assert names(page, found) == found[:2]
    assert "OTN 专线" in page
    assert "已核实" in page  # the outside system's number of the dispatch sheet
    assert shown(flow="all") == found
    assert shown(flow="provisioning", circuit_type="otn") == found[:1]
    assert shown(flow="all", q="三号") == found[2:]
    assert shown(flow="all", q=f"{found[0]}-02") == found[:1]
    assert shown(flow="all", q="100%") == []
    assert shown(flow="all", unit=str(people.unit_id("construction"))) == []
    assert shown(flow="all", unit=str(people.unit_id("netops"))) == found[:1]
    assert shown(flow="all", state="ended") == []
    assert shown(flow="all", **{"from": "2026-11-25"}) == []
    assert shown(flow="all", **{"from": "2026-11-24", "to": "2026-11-24"}) == found
    assert shown(flow="all", timely="late") == []
    at(LATER)
    browser = signed_in(staff["supervisor"])
    assert shown(flow="all", timely="late") == found


def test_departments_see_what_concerns_them_and_the_rest_is_masked(app, engine, at, staff, signed_in):
    found = three(staff)
    assert names(signed_in(staff["business"]).get("/orders/ledger?flow=all").get_data(as_text=True), found) == []
    page = signed_in(staff["quality"]).get("/orders/ledger?flow=all").get_data(as_text=True)
    assert names(page, found) == found
    assert "海**" in page
    assert signed_in(staff["security"]).get("/orders/ledger").status_code == 403
    assert signed_in(staff["agent"]).get("/orders/ledger/file.xlsx").status_code == 403


def test_pages_follow_each_other_and_the_spreadsheet_holds_every_row(app, engine, at, staff, signed_in, monkeypatch):
    found = three(staff)
    monkeypatch.setattr(ledger, "CHUNK", 1)
    monkeypatch.setattr(ledger.page, "__defaults__", (2,))
    browser, seen, address = signed_in(staff["supervisor"]), [], "/orders/ledger?flow=all"
    for _ in range(2):
        page = browser.get(address, headers={"HX-Request": "true"}).get_data(as_text=True)
        seen += names(page, found)
        _, more, rest = page.partition('id="ledger-more"')
        address = rest.split('hx-get="')[1].split('"')[0].replace("&amp;", "&") if more else ""
    assert (sorted(seen), address) == (sorted(found), "")
    file = browser.get("/orders/ledger/file.xlsx?flow=all").data
    rows = CalamineWorkbook.from_filelike(BytesIO(file)).get_sheet_by_index(0).to_python()
    assert sorted(row[0] for row in rows[1:-1]) == sorted(found)
    assert "3" in rows[-1][0]
