"""IN14: the customer file keeps who, what class, what was noted; two people merge two files, one parts them."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from portal.cases.queries import cases_of
from portal.clocks.kept import class_of
from portal.directory import actions, pair_actions, pairs, queries
from portal.directory.apply import apply
from portal.directory.events import __dict__ as kinds
from portal.directory.models import Customer
from portal.directory.rules import marked
from portal.journal import stream
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from tests.builders import NINE, closed_case, judged_case, make_case
from tests.incidents.builders import reported

pytestmark = pytest.mark.alike

COLUMNS = ("name", "number", "phone", "email", "category", "prefers", "prefers_time", "nuisance", "merged_into")


def file_of(identity: str) -> Customer:
    found = queries.find(identity)
    assert found
    return found


def relived(file: Customer) -> Customer:
    """The file built again from its journal."""
    made = Customer()
    for line in stream.read(file.stream):
        facts = {k: tuple(v) if isinstance(v, list) else v for k, v in line.facts.items()}
        apply(made, kinds[line.kind](**facts), line.at, line.by_id)
    return made


def two_files(staff) -> tuple[Customer, Customer]:
    """One customer who called from two telephones."""
    with transaction():
        first = make_case(staff["agent"])
        second = make_case(staff["agent"], contact="13900130013", description="光猫红灯闪烁，网络时断时续，请派人检修")
        one, two = queries.customer(first.customer_id), queries.customer(second.customer_id)
        for file, number in ((one, "13900130013"), (two, "13700130014")):
            actions.add_contact(staff["agent"], NINE, file, kind="phone", value=number)
    return one, two


def test_every_change_of_a_file_is_an_event_and_replays(app, engine, at, staff):
    agent, boss = staff["agent"], staff["supervisor"]
    with transaction():
        file = queries.customer(make_case(agent).customer_id)
        actions.change(agent, NINE, file, name="王芳芳", prefers="sms", prefers_time="晚上七点后")
        actions.add_contact(agent, NINE, file, kind="document", value="330102199001011234", note="身份证")
        actions.add_contact(agent, NINE, file, kind="email", value="Wang@Example.com")
        actions.write_note(agent, NINE, file, text="听力不便，请慢些说")
        actions.set_class(boss, NINE, file, category="vip", reason="年消费前百名")
        actions.propose_mark(agent, NINE, file, reason="一晚来电四十次", until=NINE + timedelta(days=30))
    again = relived(file)
    assert [getattr(again, c) for c in COLUMNS] == [getattr(file, c) for c in COLUMNS]
    assert [(c.kind, c.folded) for c in again.contacts] == [(c.kind, c.folded) for c in file.contacts]
    assert file_of("wang@example.com").id == file_of("138 0013 0013").id == file.id
    assert file.version == len(stream.read(file.stream)) == 7
    with pytest.raises(Forbidden), transaction():
        actions.set_class(agent, NINE, file, category="person", reason="不再符合")
    with pytest.raises(Invalid, match="contact_known"), transaction():
        actions.add_contact(agent, NINE, file, kind="phone", value="+86 138-0013-0013")


def test_a_nuisance_mark_needs_a_second_person_ends_by_itself_and_blocks_nothing(app, engine, at, staff):
    with transaction():
        file = queries.customer(make_case(staff["agent"]).customer_id)
        actions.propose_mark(staff["supervisor"], NINE, file, reason="反复辱骂坐席", until=NINE + timedelta(days=7))
        with pytest.raises(Refused, match="own_proposal"):
            actions.decide_mark(staff["supervisor"], NINE, file, approved=True, words="")
    assert marked(file, NINE) is None
    with transaction():
        actions.lift_mark(staff["supervisor"], NINE, file, reason="误报")
        actions.propose_mark(staff["agent"], NINE, file, reason="反复辱骂坐席", until=NINE + timedelta(days=7))
        actions.decide_mark(staff["supervisor"], NINE, file, approved=True, words="")
        make_case(staff["agent"])
    assert marked(file, NINE)
    assert marked(file, NINE + timedelta(days=7)) is None


def test_merging_points_cases_follow_and_parting_gives_back_what_was(app, engine, at, staff):
    one, two = two_files(staff)
    before = [(c.kind, c.value) for c in two.contacts], cases_of(two.id)
    agent, boss = staff["agent"], staff["supervisor"]
    assert [(p.main.id, p.other.id, p.grounds) for p in pairs.likely(agent)] == [
        (one.id, two.id, ("phone", "name_tail"))
    ]
    with transaction():
        pair = pair_actions.propose(agent, NINE, one, two)
        with pytest.raises(Refused, match="own_proposal"):
            pair_actions.merge(agent, NINE, pair)
    assert pairs.likely(agent) == []
    assert len(pairs.waiting(boss)) == 1
    with transaction():
        pair_actions.merge(boss, NINE, pair)
    assert file_of("13700130014").id == one.id  # the number of the merged file is found, and leads to the main one
    assert len(cases_of(one.id)) == len(cases_of(two.id)) == 2
    with transaction():
        later = make_case(agent, contact="13700130014")
    assert later.customer_id == one.id
    with pytest.raises(Refused, match="file_merged"), transaction():
        actions.write_note(agent, NINE, two, text="写错了地方")
    with transaction():
        pair_actions.part(boss, NINE, two, reason="是两位客户，同名")
    assert [(c.kind, c.value) for c in two.contacts] == before[0]
    assert [c.id for c in cases_of(two.id)] == [c.id for c in before[1]]
    assert later in cases_of(one.id)  # what came after the merging stays with the main file
    assert queries.pair_of(one.id, two.id).state == "parted"
    assert [line.kind for line in stream.read(two.stream)][-3:] == ["PairProposed", "FileMerged", "FileParted"]
    for file in (one, two):
        again = relived(file)
        assert [getattr(again, c) for c in COLUMNS] == [getattr(file, c) for c in COLUMNS]


def test_a_pair_is_refused_with_itself_when_merged_and_with_two_documents_without_a_reason(app, engine, at, staff):
    one, two = two_files(staff)
    agent, boss = staff["agent"], staff["supervisor"]
    with transaction():
        with pytest.raises(Invalid, match="pair_itself"):
            pair_actions.propose(agent, NINE, one, one)
        for file, number in ((one, "330102199001011234"), (two, "330102199001015678")):
            actions.add_contact(agent, NINE, file, kind="document", value=number)
        with pytest.raises(Invalid, match="pair_documents"):
            pair_actions.propose(agent, NINE, one, two)
        pair = pair_actions.propose(agent, NINE, one, two, reason="换领了新的身份证件")
        pair_actions.merge(boss, NINE, pair)
        with pytest.raises(Invalid, match="pair_merged"):
            pair_actions.propose(agent, NINE, one, two, reason="换领了新的身份证件")


def test_merged_files_in_a_chain_lead_to_one(app, engine, at, staff):
    one, two = two_files(staff)
    with transaction():
        three = queries.customer(make_case(staff["agent"], contact="13600000000").customer_id)
        for main, other in ((two, three), (one, two)):
            pair_actions.merge(
                staff["supervisor"], NINE, pair_actions.propose(staff["agent"], NINE, main, other, reason="同一住户")
            )
    assert queries.root(three.id).id == one.id
    assert queries.family(one.id) == [one.id, two.id, three.id]
    with transaction():
        pair_actions.part(staff["supervisor"], NINE, two, reason="分户了")
    assert queries.family(one.id) == [one.id]
    assert queries.root(three.id).id == two.id


def test_the_page_shows_years_of_a_customer_and_masks_what_is_not_needed(app, engine, at, staff, signed_in):
    agent = staff["agent"]
    with transaction():
        case = closed_case(agent, staff["supervisor"], staff["handler"])
        for n in range(25):
            make_case(agent, NINE + timedelta(minutes=n), description=f"第 {n} 次询问账单明细如何下载")
        actions.write_note(agent, NINE, queries.customer(case.customer_id), text="下午联系")
    at(hours=2)
    url = f"/customers/{case.customer_id}"
    page = signed_in(agent).get(url).text
    assert "13800130013" in page
    assert "下午联系" in page
    assert page.count('class="hit"') >= 20
    ids = sorted(found.id for found in cases_of(case.customer_id, size=50))
    older = signed_in(agent).get(f"{url}?before={ids[-20]}")
    assert case.no in older.text
    masked = signed_in(staff["quality"]).get(url).text
    assert "13800130013" not in masked
    assert "138****0013" in masked
    assert "下午联系" not in masked
    assert signed_in(staff["business"]).get(url).status_code == 404  # that department never had a case of this customer
    assert signed_in(staff["handler"]).get(url).status_code == 200
    for text in ("王芳", "0013", "138001", f"kh{case.customer_id:06d}"):
        assert url in signed_in(agent).get("/customers", query_string={"q": text}).text
    assert url not in signed_in(staff["quality"]).get("/customers", query_string={"q": "0013"}).text


def test_deeds_of_a_file_over_http_keep_what_was_typed(app, at, staff, signed_in):
    with transaction():
        file = queries.customer(make_case(staff["agent"]).customer_id)
        version, url = file.version, f"/customers/{file.id}"
    agent, boss = signed_in(staff["agent"]), signed_in(staff["supervisor"])
    wrong = agent.post(f"{url}/do/contact", data={"kind": "email", "value": "nobody", "seen": str(version)})
    assert wrong.status_code == 422
    assert 'value="nobody"' in wrong.text
    done = agent.post(f"{url}/do/contact", data={"kind": "email", "value": "a@b.cn", "seen": str(version)})
    assert done.status_code == 303
    late = agent.post(f"{url}/do/note", data={"text": "晚上联系", "seen": str(version)})
    assert late.status_code == 409
    assert "晚上联系" in late.text
    assert boss.post(f"{url}/do/class", data={"category": "vip", "reason": "重点客户"}).status_code == 303
    assert agent.get(f"{url}/do/class").status_code == 403
    for name in ("change", "contact", "drop", "note", "pair", "mark"):
        assert agent.get(f"{url}/do/{name}").status_code == 200
    assert agent.get("/customers/pairs").status_code == 200


def test_the_class_of_then_is_found_again_after_it_was_changed_or_the_file_merged(app, engine, at, staff):
    one, two = two_files(staff)
    agent, boss = staff["agent"], staff["supervisor"]
    with transaction():
        actions.set_class(boss, NINE + timedelta(hours=1), one, category="vip", reason="重点客户")
        pair = pair_actions.propose(agent, NINE + timedelta(hours=2), one, two)
        pair_actions.merge(boss, NINE + timedelta(hours=3), pair)
    then = [[class_of(file.id, NINE + timedelta(hours=h)) for h in (0, 2, 4)] for file in (one, two)]
    assert then == [["person", "vip", "vip"], ["person", "person", "vip"]]


def test_the_one_search_finds_everything_else_beside_the_archive_once_its_hits_stand(app, engine, at, staff, signed_in):
    """DK4: open cases by any word, by a part of number or telephone; customers, incidents and articles."""
    with transaction():
        case = make_case(staff["agent"])
        incident = reported(staff["agent"])
    agent, asked = signed_in(staff["agent"]), {"HX-Request": "true"}

    def part(words: str, browser: Any = agent) -> str:
        return browser.get(f"/archive/elsewhere?q={quote(words)}", headers=asked).get_data(as_text=True)

    page = agent.get(f"/archive?q={case.customer_name}").get_data(as_text=True)
    assert 'hx-get="/archive/elsewhere?q=' in page
    assert f"/customers/{case.customer_id}" not in page
    for words in (case.customer_name, case.no[-4:], case.contact[-4:], "光猫 红色"):
        assert f'href="/cases/{case.no}"' in part(words), words
    for words in ("光猫 绿色", "%", "_", "光猫%红色"):
        assert f'href="/cases/{case.no}"' not in part(words), words
    assert f'href="/customers/{case.customer_id}"' in part(case.customer_name)
    assert f'href="/incidents/{incident.no}"' in part(incident.title[:4])
    assert agent.get("/archive/elsewhere?q=x").location == "/archive?q=x"
    assert f"/cases/{case.no}" not in part(case.customer_name, signed_in(staff["business"])), "another department's"
    assert signed_in(staff["dispatcher"]).get("/archive/elsewhere?q=x", headers=asked).status_code == 403


def test_what_narrows_the_search_narrows_its_open_cases_too(app, engine, at, staff, signed_in):
    with transaction():
        case = judged_case(staff["agent"], staff["supervisor"], level="P2", unit="service")
    agent = signed_in(staff["agent"])

    def found(query: str) -> bool:
        page = agent.get(f"/archive/elsewhere?q={quote('光猫 ' + query)}", headers={"HX-Request": "true"})
        return f'href="/cases/{case.no}"' in page.get_data(as_text=True)

    for fits in ("", "level:P1,P2", "-level:P1", "-绿色", "dept:客户服务部", "-outcome:confirmed"):
        assert found(fits), fits
    for shut in (
        "level:P3",
        "-level:P2",
        "-红色",
        "-dept:客户服务部",
        "outcome:confirmed",
        "satisfied:yes",
        "2026-03..2026-12",
    ):
        assert not found(shut), shut


def test_a_case_of_another_department_is_named_without_a_way_to_it(app, at, staff, signed_in):
    with transaction():
        theirs = judged_case(staff["agent"], staff["supervisor"], unit="tech")
        other = judged_case(staff["agent"], staff["supervisor"], unit="business")
    page = signed_in(staff["handler"]).get(f"/customers/{theirs.customer_id}", headers={"Accept-Language": "zh"}).text
    assert theirs.customer_id == other.customer_id
    assert f'href="/cases/{theirs.no}"' in page
    assert f'href="/cases/{other.no}"' not in page
    assert "其他部门的工单" in page
