"""EM4: a situation report is called to mind at its stored instant, however late; announcements promise and take two."""

from datetime import timedelta

import pytest

from portal.incidents import actions, queries, telling
from portal.jobs.incidents import remind_of_reports
from portal.kernel.db import db, transaction
from portal.kernel.errors import Invalid
from tests.builders import NINE
from tests.incidents.builders import declared
from tests.stories.test_incident_command import assert_replay_is_the_row, told

HOUR = timedelta(hours=1)


def test_a_report_that_is_due_fires_once_and_late_and_never_is_skipped(app, engine, at, staff):
    with transaction():
        incident = declared(staff)
    assert remind_of_reports(NINE + HOUR - timedelta(minutes=1)) == 0
    assert remind_of_reports(NINE + 5 * HOUR) == 2  # the worker was away for hours
    assert remind_of_reports(NINE + 5 * HOUR) == 0
    assert told("incident_report_due") == {staff["commander"].id, staff["service_head"].id}
    with transaction():
        here = queries.incident_by_id(incident.id)
        with pytest.raises(Invalid):
            telling.put_off_report(staff["responder"], NINE + 5 * HOUR, here, until=NINE + 6 * HOUR, reason=" ")
        telling.put_off_report(staff["responder"], NINE + 5 * HOUR, here, until=NINE + 6 * HOUR, reason="厂商在途")
    assert remind_of_reports(NINE + 6 * HOUR) == 2
    with transaction():
        here = queries.incident_by_id(incident.id)
        next_report = NINE + 8 * HOUR
        telling.report_situation(staff["responder"], NINE + 7 * HOUR, here, text="切换中", next_report=next_report)
    db.session.expire_all()
    stored = queries.incident_by_id(incident.id)
    assert stored.next_report_at == stored.report_told_next == next_report
    assert_replay_is_the_row(stored)


def test_an_announcement_promises_more_news_and_is_published_by_another(app, at, staff):
    with transaction():
        incident = declared(staff)
        with pytest.raises(Invalid) as refused:
            telling.draft_announcement(staff["commander"], NINE, incident, text="正在抢修", channels="官网")
        assert refused.value.facts["field"] == "next_news"
        facts = {"text": "正在抢修", "channels": "官网", "next_news": NINE + HOUR}
        own = telling.draft_announcement(staff["commander"], NINE, incident, **facts)
        other = telling.draft_announcement(staff["responder"], NINE, incident, **facts)
        with pytest.raises(Invalid) as refused:
            telling.publish_announcement(staff["commander"], NINE, incident, n=own)
        assert refused.value.code == "publish_own"
        telling.publish_announcement(staff["commander"], NINE, incident, n=other)
    assert incident.said["n"] == other


def test_reports_end_at_the_lowest_grade_alone_and_a_higher_one_brings_its_own_cadence(
    app, engine, at, staff, signed_in
):
    with transaction():
        incident = declared(staff)
    url = f"/incidents/{incident.no}/do/situation"
    assert 'name="last"' not in signed_in(staff["responder"]).get(url, headers={"HX-Request": "true"}).text
    here = queries.incident_by_id(incident.id)
    with pytest.raises(Invalid) as refused, transaction():
        telling.report_situation(staff["responder"], NINE, here, text="恢复中", next_report=None, last=True)
    assert refused.value.code == "reports_go_on"
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.change_grade(staff["commander"], NINE, here, grade="minor", reason="范围缩小")
        assert here.next_report_at == NINE + HOUR  # what was promised stays
    answer = signed_in(staff["responder"]).post(url, data={"text": "只剩零星", "next_report": "", "last": "y"})
    assert answer.status_code == 303
    db.session.expire_all()
    here = queries.incident_by_id(incident.id)
    assert (here.reports, here.next_report_at) == (1, None)
    assert remind_of_reports(NINE + 9 * HOUR) == 0
    assert "不再续报" in signed_in(staff["commander"]).get(f"/incidents/{incident.no}").text
    with transaction():
        here = queries.incident_by_id(incident.id)
        actions.change_grade(staff["commander"], NINE + HOUR, here, grade="severe", reason="再次扩大")
        assert here.next_report_at == NINE + HOUR + timedelta(minutes=30)
    db.session.expire_all()
    assert_replay_is_the_row(queries.incident_by_id(incident.id))
