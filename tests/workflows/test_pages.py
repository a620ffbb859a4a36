"""Orders on their pages: raised, worked on by several people, refused with what was typed, live lists."""

import io
import re

import pytest

from portal.identity import queries as people
from portal.kernel.db import transaction
from portal.workflows import course
from portal.workflows.shipped import shipped
from tests.workflows.builders import crew, filled, first, found, led, raised


@pytest.fixture
def made(app, at, staff):
    """The crew of the departments."""
    with transaction():
        return crew()


def key_of(page: str, name: str) -> str:
    """The key in the form whose fields begin with `name`."""
    return re.search(rf'name="{name}key"[^>]*value="(\w+)"', page)[1]


def fields(page: str, act: str, n: int, **given):
    prefix = f"{act}{n}-"
    return {f"{prefix}key": key_of(page, prefix)} | {prefix + name: value for name, value in given.items()}


def test_an_order_is_raised_on_its_page_once(made, staff, signed_in):
    client = signed_in(made["enterprise"])
    assert "资源核查" in client.get("/orders/new").text
    page = client.get("/orders/new?flow=verification").text
    form = {"flow": "verification", "key": re.search(r'name="key"[^>]*value="(\w+)"', page)[1], "title": "海天专线",
            "customer": "海天公司", "unit": str(people.unit_id("enterprise"))}  # fmt: skip
    refused = client.post("/orders/new", data=form)
    assert refused.status_code == 422
    assert "海天专线" in refused.text
    form |= {f"e_{code}": value for code, value in filled(shipped("verification").fields).items() if value}
    answers = [client.post("/orders/new", data=form) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert "海天公司" in client.get(answers[0].location).text
    assert "海天专线" in client.get("/orders").text


def test_a_step_needs_its_evidence_and_says_so_at_the_field(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    client = signed_in(made["enterprise"])
    page = client.get(f"/orders/{no}").text
    refused = client.post(f"/orders/{no}/steps/1/complete", data=fields(page, "complete", 1))
    assert refused.status_code == 422
    assert "确认属实后请勾选" in refused.text
    done = client.post(f"/orders/{no}/steps/1/complete", data=fields(page, "complete", 1, e_facts_complete="y"))
    assert done.status_code == 303
    assert course.standing(found(no), "request") == "done"


def test_the_second_of_two_gets_a_conflict_and_keeps_what_was_typed(made, staff, signed_in):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "verification").no
    led(boss, no, first, until="available")
    n = course.rounds(found(no), "available")[-1].n
    clients = [signed_in(made["dispatcher"]), signed_in(made["netops"])]
    pages = [c.get(f"/orders/{no}").text for c in clients]
    sent = [fields(p, "decide", n, outcome="there", e_finding=f"结论{i}") for i, p in enumerate(pages)]
    answers = [c.post(f"/orders/{no}/steps/{n}/decide", data=d) for c, d in zip(clients, sent, strict=True)]
    assert [a.status_code for a in answers] == [303, 409]
    assert "结论1" in answers[1].text
    assert clients[0].post(f"/orders/{no}/steps/{n}/decide", data=sent[0]).status_code == 303  # the same form again


def test_a_department_sees_its_orders_but_does_not_do_the_steps_of_others(made, staff, signed_in):
    boss = staff["supervisor"]
    with transaction():
        no = raised(boss, "verification").no
    led(boss, no, first, until="available")
    n = course.rounds(found(no), "available")[-1].n
    client = signed_in(made["enterprise"])
    page = client.get(f"/orders/{no}")
    assert page.status_code == 200
    assert f"/steps/{n}/decide" not in page.text
    assert f"/steps/{n}/chase" in page.text
    assert (
        client.post(
            f"/orders/{no}/steps/{n}/decide", data={f"decide{n}-outcome": "there", f"decide{n}-e_finding": "x"}
        ).status_code
        == 403
    )
    assert (
        client.post(f"/orders/{no}/steps/{n}/chase", data=fields(page.text, "chase", n, words="请尽快")).status_code
        == 303
    )
    assert signed_in(made["upper"]).get(f"/orders/{no}").status_code == 404
    assert found(no).step(n).chased == 1


def test_a_document_is_taken_in_and_sent_again(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "provisioning").no
    client = signed_in(made["enterprise"])
    page = client.get(f"/orders/{no}").text
    data = fields(page, "complete", 1) | {"complete1-e_contract_paper": (io.BytesIO(b"%PDF-1.4 contract"), "合同.pdf")}
    assert client.post(f"/orders/{no}/steps/1/complete", data=data).status_code == 303
    order = found(no)
    (file,) = order.files
    assert (file.name, file.code, course.standing(order, "request")) == ("合同.pdf", "contract_paper", "done")
    assert client.get(f"/orders/{no}/files/{file.id}").data == b"%PDF-1.4 contract"


def test_a_document_of_200_mb_is_refused_before_it_is_read(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "provisioning").no
    client = signed_in(made["enterprise"])

    sent = {"complete1-e_contract_paper": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}
    told = {"CONTENT_LENGTH": str(200 * 1024 * 1024)}  # what the browser says ahead of the body
    answer = client.post(f"/orders/{no}/steps/1/complete", data=sent, environ_overrides=told)
    assert answer.status_code == 413
    assert "超过" in answer.text
    assert not found(no).files


def test_the_list_answers_with_nothing_until_something_moves(made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    client = signed_in(made["enterprise"])
    tag = re.search(r'hx-ptag="([^"]+)"', client.get("/orders").text)[1].replace("&#34;", '"')
    assert client.get("/orders/changes", headers={"HX-Request": "true", "HX-PTag": tag}).status_code == 204
    led(staff["supervisor"], no, first, until="accept")
    answer = client.get("/orders/changes", headers={"HX-Request": "true", "HX-PTag": tag})
    assert answer.status_code == 200
    assert "hx-partial" in answer.text


@pytest.mark.parametrize("show", ["steps", "mine", "raised", "ended"])
@pytest.mark.parametrize("state", ["", "late", "soon", "paused", "returned", "outside"])
def test_every_list_and_filter_opens(show, state, made, staff, signed_in):
    boss = staff["supervisor"]
    with transaction():
        raised(boss, "verification")
        no = raised(boss, "cutover").no
    led(boss, no, first)
    client = signed_in(made["enterprise"])
    answer = client.get(f"/orders?show={show}&state={state}&flow=verification&unit={people.unit_id('enterprise')}")
    assert answer.status_code == 200


def test_lists_order_page_and_navigation_on_both_engines(engine, made, staff, signed_in):
    with transaction():
        no = raised(staff["supervisor"], "verification").no
    led(staff["supervisor"], no, first, until="complete")
    client = signed_in(made["dispatcher"])
    for show in ("steps", "mine", "raised", "ended"):
        for state in ("", "late", "soon", "paused", "returned", "outside"):
            assert client.get(f"/orders?show={show}&state={state}").status_code == 200
    assert client.get(f"/orders/{no}").status_code == 200
