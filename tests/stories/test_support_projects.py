"""WF7: support projects: states, slips with their reasons, evidence, orders, list, export, figures."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.corporate import due_actions, listing, project_actions, queries
from portal.corporate.models import Due, Project
from portal.corporate.view import slips, verdict
from portal.jobs.dues import remind
from portal.journal import stream
from portal.kernel.db import db, transaction
from portal.kernel.errors import Forbidden, Invalid, Refused
from portal.kernel.i18n import local
from tests.builders import NINE
from tests.corporate.builders import a_document, make_group, make_project
from tests.stories.test_group_customers import noon, same, told


def due(project: Project, kind: str) -> Due:
    return next(d for d in project.dues if d.kind == kind)


def test_a_project_goes_its_way_and_every_step_replays(app, engine, at, staff):
    head, handler = staff["head"], staff["handler"]
    with transaction():
        project = make_project(head, make_group(head), leader_id=handler.id)
        milestone, task = due(project, "milestone"), due(project, "task")
        project_actions.move(head, NINE, project, state="running", reason="")
        project_actions.link_order(head, NINE, project, no="kt2026-0102")
        with pytest.raises(Invalid, match="order_known"):
            project_actions.link_order(head, NINE, project, no="KT2026-0102")
        due_actions.move(handler, NINE, project, milestone.n, day=date(2026, 12, 8), reason="设备到货推迟")
        due_actions.finish(handler, NINE, project, task.n, taken=a_document("勘察"))
        with pytest.raises(Invalid, match="project_open"):
            project_actions.move(head, NINE, project, state="ended", reason="")
        with pytest.raises(Invalid, match="text_missing"):
            project_actions.move(head, NINE, project, state="paused", reason="")
        project_actions.move(head, NINE, project, state="paused", reason="等待客户机房改造")
        project_actions.move(head, NINE, project, state="running", reason="机房已交付")
        due_actions.finish(handler, noon(date(2026, 12, 7)), project, milestone.n, words="会审通过")
        project_actions.change(head, NINE, project, name="临港扩容（二期）", leader_id=head.id, goal="")
        project_actions.move(head, noon(date(2026, 12, 9)), project, state="ended", reason="")
    assert [state for state, _ in project.spells] == ["planned", "running", "paused", "running", "ended"]
    assert project.orders == ["KT2026-0102"]
    (slip,) = slips(milestone)
    assert (local(slip["was"]).date(), local(slip["due"]).date(), slip["reason"]) == (
        date(2026, 12, 1), date(2026, 12, 8), "设备到货推迟",
    )  # fmt: skip
    assert (task.document_n, project.documents[0].n) == (3, 3)
    assert verdict(milestone, NINE) == ("on_time", "ok")  # by the day agreed; the first one was missed, see the figures
    same(project)
    assert stream.faults([project.stream]) == []


def test_figures_of_a_quarter_count_by_the_due_day_and_keep_both_days(app, engine, at, staff):
    head = staff["head"]
    with transaction():
        file = make_group(head)
        one, two, three = (make_project(head, file, name=f"项目{n}") for n in (1, 2, 3))
        due_actions.move(head, NINE, one, due(one, "milestone").n, day=date(2026, 12, 8), reason="推迟")
        due_actions.finish(head, noon(date(2026, 12, 7)), one, due(one, "milestone").n, words="")
        due_actions.finish(head, noon(date(2026, 12, 1)), two, due(two, "milestone").n, words="")
        due_actions.drop(head, noon(date(2026, 12, 3)), three, due(three, "milestone").n, reason="不做了")
        project_actions.move(head, NINE + timedelta(days=1), two, state="running", reason="")
    start, until = (int(noon(day).timestamp()) for day in (date(2026, 10, 1), date(2026, 12, 31)))
    assert queries.kept("milestone", start, until) == {"": queries.Kept(3, 2, 3, 1)}  # given up late is missed
    assert queries.kept("milestone", start, start + 1) == {}
    assert queries.kept("milestone", start, until)[""].rate == 66.7
    assert queries.projects_by_state(int(NINE.timestamp()) + 1) == {"planned": 3}
    assert queries.projects_by_state(until) == {"planned": 2, "running": 1}
    assert queries.projects_by_state(int(NINE.timestamp())) == {}


def test_what_is_near_and_what_is_overdue_is_told_to_the_one_whose_it_is(app, engine, at, staff):
    head, handler = staff["head"], staff["handler"]
    with transaction():
        project = make_project(head, make_group(head), leader_id=handler.id)
    assert remind(NINE) == 0
    assert remind(noon(date(2026, 11, 25))) == 1  # one working day before the task's day
    assert told("corporate_due") == [(handler.id, project.stream)]
    assert remind(noon(date(2026, 11, 27))) == 3  # the task is overdue: leader and head; the milestone is near
    assert sorted(told("corporate_late")) == sorted([(handler.id, project.stream), (head.id, project.stream)])


def test_the_list_is_narrowed_paged_and_exported_whole(app, engine, at, staff, signed_in, monkeypatch):
    head = staff["head"]
    with transaction():
        file = make_group(head, name="=江南精工（测试）")
        made = [make_project(head, file, name=f"项目{n}") for n in range(5)]
        project_actions.move(head, NINE, made[0], state="running", reason="")
    monkeypatch.setattr(listing, "PAGE", 2)
    monkeypatch.setattr(listing, "BATCH", 2)
    later = noon(date(2026, 11, 30))
    found = listing.projects(head, later, listing.Wanted(), size=2)
    assert [one.name for one in found] == ["项目4", "项目3"]
    assert listing.projects(head, later, listing.Wanted(), before=found[-1].id)[0].name == "项目2"
    assert [one.id for one in listing.projects(head, later, listing.Wanted(states=("running",)))] == [made[0].id]
    assert len(listing.projects(head, later, listing.Wanted("江南", late=True))) == 5
    assert listing.projects(head, later, listing.Wanted(made[2].code.lower()))[0].name == "项目2"
    assert listing.projects(staff["handler"], later, listing.Wanted(mine=True)) == []
    client = signed_in(head)
    assert client.get("/projects?state=planned&q=项目").get_data(as_text=True).count("data-row") >= 2
    rows = CalamineWorkbook.from_filelike(BytesIO(client.get("/projects/table.xlsx").data)).get_sheet_by_index(0)
    rows = rows.to_python()
    assert [row[1] for row in rows[1:-1]] == [f"项目{n}" for n in (4, 3, 2, 1, 0)]
    assert (rows[1][2], rows[-1][0]) == ("=江南精工（测试）", "共 5 个项目")
    assert signed_in(staff["agent"]).get("/projects/table.xlsx").status_code == 403
    far = "9" * 30
    for path in (f"/projects?before={far}&customer={far}", f"/corporate?before={far}&q=%25_%5C"):
        assert client.get(path).status_code == 200
    assert (client.get(f"/projects/{far}").status_code, client.get(f"/corporate/{far}").status_code) == (404, 404)


def test_a_new_project_sent_twice_is_one_and_bad_input_is_said_at_the_field(app, engine, at, staff, signed_in):
    with transaction():
        file = make_group(staff["head"])
    client = signed_in(staff["head"])
    typed = {"customer_id": file.customer_id, "name": "双路由改造", "leader_id": 0, "goal": "", "key": "k1"}
    refused = client.post("/projects/new", data=typed)
    assert refused.status_code == 422
    assert "请选择一位在用账号的同事" in refused.get_data(as_text=True)
    assert "双路由改造" in refused.get_data(as_text=True)
    typed["leader_id"] = staff["head"].id
    first, second = client.post("/projects/new", data=typed), client.post("/projects/new", data=typed)
    assert first.location == second.location
    assert len(db.session.scalars(select(Project)).all()) == 1
    page = client.get(first.location).get_data(as_text=True)
    assert "双路由改造" in page
    assert client.get(f"{first.location}/do/state").status_code == 200
    assert client.post(f"{first.location}/do/milestone", data={"seen": "1", "title": "会审", "day": "", "ahead": "2",
                       "owner_id": "0"}).status_code == 422  # fmt: skip


def test_who_only_reads_changes_nothing(app, engine, at, staff, signed_in):
    with transaction():
        project = make_project(staff["head"], make_group(staff["head"]))
    for role in ("quality", "auditor"):
        with pytest.raises(Forbidden), transaction():
            project_actions.move(staff[role], NINE, project, state="running", reason="")
        client = signed_in(staff[role])
        assert "/do/" not in client.get(f"/projects/{project.id}").get_data(as_text=True)
        assert client.get(f"/projects/{project.id}/do/state").status_code == 403
    for role in ("agent", "admin", "management"):
        assert signed_in(staff[role]).get(f"/projects/{project.id}").status_code == 404
    with pytest.raises(Refused, match="item_gone"), transaction():
        project_actions.unlink_order(staff["head"], NINE, project, no="X1")


def test_section_four_of_the_quarterly_report_counts_them(app, engine, at, staff, signed_in):
    path = "/reports/quarterly/2026Q4"
    assert "本期集团客户到期事项" in signed_in(staff["quality"]).get(path).get_data(as_text=True)  # honest while empty
    with transaction():
        make_project(staff["head"], make_group(staff["head"]))
    at(noon(date(2026, 12, 10)))
    page = signed_in(staff["quality"]).get(path).get_data(as_text=True)
    assert "期末支撑项目" in page
    assert "里程碑" in page
