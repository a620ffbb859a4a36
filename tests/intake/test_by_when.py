"""SL1, SL5: by when the customer hears from us is said before anybody has judged, and is what the clocks then say."""

import pytest
from sqlalchemy import select

from portal.clocks.models import Clock
from portal.kernel.db import db, transaction
from portal.kernel.i18n import hm
from portal.kernel.instants import epoch
from tests.builders import NINE, judged_case, make_case
from tests.intake.test_form import filled


@pytest.mark.parametrize(
    ("changes", "met"),
    [
        ({"channel": "email"}, ()),
        ({"channel": "hotline", "urgency": "urgent"}, ("first_response",)),
        ({"channel": "chat", "level": "P1"}, ("acknowledgement", "first_response")),
        ({"channel": "app", "level": "P4", "complexity": "complex", "complex_why": "涉及三个系统"}, ()),
    ],
)
def test_what_is_foretold_is_what_the_clocks_say(app, engine, at, staff, signed_in, changes, met):
    agent = signed_in(staff["agent"])
    said = agent.post("/intake/check", data=filled(**changes)).get_data(as_text=True)
    assert agent.post("/intake/new", data=filled(**changes)).status_code == 303
    clocks = {c.kind: c for c in db.session.scalars(select(Clock))}
    by_when = said[said.index('id="by-when"') :]
    for kind in ("acknowledgement", "first_response", "judgement", "progress", "answer", "result"):
        if kind in clocks and kind not in met:
            assert hm(epoch(clocks[kind].effective_due), epoch(NINE)) in by_when, kind
    assert by_when.count("受理即达成") == len(met)


def test_an_unjudged_case_says_it_in_words_and_a_judged_one_has_its_level(app, at, staff, signed_in):
    with transaction():
        no = make_case(staff["agent"], channel="email").no
    page = signed_in(staff["supervisor"]).get(f"/cases/{no}").get_data(as_text=True)
    assert "前联系客户（首次响应）" in page
    assert "尚未判级" in page
    with transaction():
        no = judged_case(staff["agent"], staff["supervisor"], channel="email", contact="13800130014").no
    assert "尚未判级" not in signed_in(staff["supervisor"]).get(f"/cases/{no}").get_data(as_text=True)
