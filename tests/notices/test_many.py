"""DK6: what leaves the portal says how many cases an act gave, once for each person."""

from datetime import timedelta

from portal.jobs.deliver import deliver
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.notices import many, tell
from tests.builders import NINE


def test_mail_and_robot_wait_for_the_end_of_an_act_and_say_how_many(app, engine, at, staff, post, wants, robot):
    robot()
    wants(staff["handler"])
    with many.one_act("7:act"):
        for n in range(3):
            with transaction():
                facts = {"no": f"RQ20261124-000{n}", "level": "P2", "title": "王芳"}
                tell.tell(
                    [staff["handler"].id], "assigned", subject=f"case:{n}", key=f"k{n}", facts=facts, now=NINE
                )  # fmt: skip
    assert deliver(NINE + timedelta(seconds=59)) == 0
    assert deliver(NINE + timedelta(seconds=60)) == 2
    (letter,) = post.got
    assert "3 件工单" in str(letter["Subject"])
    assert "https://portal.example.com/queues/mine" in letter.get_content()
    assert "王芳" not in letter.get_content()


def test_the_desktop_says_an_act_once_it_is_over_and_how_many_it_gave(app, at, staff, signed_in):
    handler = signed_in(staff["handler"])

    def give(n: int) -> None:
        facts = {"no": f"RQ20261124-000{n}", "level": "P2", "title": "王芳"}
        with many.one_act("7:act"), transaction():
            tell.tell([staff["handler"].id], "assigned", subject=f"case:{n}", key=f"k{n}", facts=facts, now=clock.now())

    for n in range(5):
        at(NINE + timedelta(seconds=n))
        give(n)
        early = handler.get("/notices/fresh").json
        assert (early["items"], early["held"] > 0) == ([], True)
    at(NINE + timedelta(seconds=4 + many.SETTLES))
    said = handler.get("/notices/fresh").json
    assert (said["held"], [one["text"] for one in said["items"]]) == (0, ["5 件工单：指派给您"])
