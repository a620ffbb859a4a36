"""WF3: sheets of ended orders are found by the archive search; searching and opening are written down."""

from sqlalchemy import select

from portal.archive.models import ArchiveAccess
from portal.kernel.db import db, transaction
from tests.conftest import HTMX
from tests.workflows import builders


def test_an_ended_order_is_found_by_its_sheet(app, engine, at, staff, signed_in):
    with transaction():
        builders.crew()
        no = builders.raised(staff["supervisor"], "provisioning").no
        running = builders.raised(staff["supervisor"], "provisioning").no
    builders.led(staff["supervisor"], no, builders.first)
    browser = signed_in(staff["supervisor"])
    assert "/archive/orders?" in browser.get(f"/archive?q={no}-02").get_data(as_text=True)
    for said in (f"{no}-02", "海天", no):
        page = browser.get(f"/archive/orders?q={said}", headers=HTMX).get_data(as_text=True)
        assert no in page
        assert running not in page
    assert browser.get(f"/archive/orders?q={no}").status_code == 303
    opened = browser.get(f"/archive/orders/{no}?q=x")
    assert opened.headers["Location"].endswith(f"/orders/{no}")
    db.session.rollback()
    looks = [(look.what, look.no) for look in db.session.scalars(select(ArchiveAccess).order_by(ArchiveAccess.id))]
    assert looks[-1] == ("open", no)
    assert ("search", "") in looks
    assert no not in signed_in(staff["business"]).get(f"/archive/orders?q={no}", headers=HTMX).get_data(as_text=True)
    assert signed_in(staff["business"]).get(f"/archive/orders/{no}").status_code == 404
    assert signed_in(staff["security"]).get("/archive/orders?q=x", headers=HTMX).status_code == 403
