"""The flows walked to their ends in the browser, each step by whoever holds it: five roles, both languages (WF)."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.kernel import clock
from portal.kernel.db import db, transaction
from portal.workflows import queries, rules
from portal.workflows.shipped import FLOWS
from tests.browser.conftest import BOTH
from tests.workflows import builders

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PDF = {"name": "方案与报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 paper"}
CHOICES = {"scope": "cross_province", "action": "open", "grade": "major"}
PICTURED = ("sheets", "far_done", "review", "coordinate", "joint_review")


def fill(form) -> None:
    """Fills in everything a form asks for, as somebody would who has all of it at hand."""
    for field in form.locator("input:not([type=hidden]), select, textarea").all():
        kind = field.get_attribute("type") or field.evaluate("e => e.tagName.toLowerCase()")
        FILL.get(kind, write)(form, field)


def code_of(field) -> str:
    """The definition's code of a field; empty for the portal's own fields."""
    return (field.get_attribute("name") or "").rpartition("e_")[2]


def write(form, field) -> None:
    """A number or a few words."""
    field.fill("100" if field.get_attribute("inputmode") == "decimal" else "已核实 checked")


def tick(form, field) -> None:
    """A check of the step; of departments that get sheets two are enough."""
    if "-e_" in field.get_attribute("name") or form.locator("input[type=checkbox]:checked").count() < 2:
        field.check()


def pick(form, field) -> None:
    """The choice that the walk needs, else the first."""
    values = [o.get_attribute("value") for o in field.locator("option").all()]
    wanted = CHOICES.get(code_of(field))
    field.select_option(wanted if wanted in values else next(filter(None, values)))


def later(form, field) -> None:
    """An instant in three days."""
    field.fill(f"{datetime.fromtimestamp(clock.millis() // 1000, UTC) + timedelta(days=3):%Y-%m-%dT%H:%M}")


FILL = {
    "file": lambda form, field: field.set_input_files(PDF),
    "checkbox": tick,
    "radio": lambda form, field: form.locator(f"[name='{field.get_attribute('name')}']").first.check(),
    "select": pick,
    "date": lambda form, field: field.fill("2026-12-18"),
    "datetime-local": later,
}


def do(w, step, act: str) -> None:
    """Opens one form of a step, fills it in and sends it; the page says that it is done."""
    fold = w.page.locator(f"#d-{act}-{step.n}")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    fill(fold.locator("form"))
    fold.locator("[data-submit]").click()
    w.page.wait_for_selector(".banner-ok")


def next_step(no: str):
    """What is to be done next on an order: a sheet that is out before the step that collects it; None at the end."""
    db.session.expire_all()
    order = builders.found(no)
    ready = [s for s in order.steps if s.state == "open"]
    return order, next((s for s in ready if s.kind == "sheet"), ready[0] if ready else None)


def deeds(order, step) -> list[str]:
    """Which forms the step needs, in turn."""
    if step.kind == "sheet":
        return ["answer"]
    if step.kind == "sheets" and not rules.sheets_of(order, step.n):
        return ["send"]
    asks = {one.kind for one in queries.way_of(order).definition.step(step.code).evidence}
    first = ["party"] if step.outside and not step.party else []
    held = any(row.state == "held" for row in order.reservations)
    first += ["reserve"] if "reservation" in asks and not held else []
    return [*first, "decide" if step.kind == "decision" else "complete"]


@pytest.mark.parametrize("locale", BOTH)
@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_is_walked_to_its_end_by_those_who_hold_its_steps(served, window, flow, locale):
    with transaction():
        builders.make_person(role="handler", unit="business", login="o_business")
        builders.crew()
    codes = {number: code for code, number in queries.unit_ids().items()}
    logins = {"tech": "handler", "service": "supervisor", "hq": "supervisor", "improvement": "supervisor"}
    windows = {}

    def of(login: str):
        if login not in windows:
            windows[login] = window(login, locale=locale)
        return windows[login]

    raiser = of("o_enterprise")
    raiser.go(f"/orders/new?flow={flow}")
    form = raiser.page.locator("form[data-submit-key]")
    fill(form)
    raiser.shot(f"{flow}-raise")
    form.locator("[name=then]").click()
    raiser.page.wait_for_url("**/orders/WO*")
    no, seen = raiser.page.url.rsplit("/", 1)[1], set()
    assert builders.found(no).steps[0].state == "done"
    for _ in range(60):
        order, step = next_step(no)
        if step is None:
            break
        unit = codes[step.unit_id]
        role = "o_dispatcher" if step.role == "dispatcher" else "o_head" if step.role == "head" else ""
        who = role or logins.get(unit, f"o_{unit}")
        w = of(who)
        w.go(f"/orders/{no}")
        for act in deeds(order, step):
            do(w, step, act)
        if step.code not in seen and step.code in PICTURED:
            w.shot(f"{flow}-{step.code}")
        seen.add(step.code)
    assert builders.found(no).result == "completed"
    if flow == "provisioning":
        assert builders.found(no).facts["scope"] == "cross_province"
    raiser.go(f"/orders/{no}")
    assert raiser.fits()
    raiser.shot(f"{flow}-ended")
    phone = window("o_enterprise", locale=locale, width=360, height=740)
    phone.go(f"/orders/{no}")
    assert phone.fits()
    phone.shot(f"{flow}-ended-phone")
    boss = of("supervisor")
    boss.go(f"/archive/orders/{no}?q={no}")
    assert boss.page.locator("#sealed.banner-ok").count() == 1
    assert boss.fits()
    boss.shot(f"{flow}-record")
    # whoever raises, dispatches, heads, does a step, and who reads the record; nobody dispatches a fault
    assert len(windows) >= (4 if flow == "fault" else 5)
