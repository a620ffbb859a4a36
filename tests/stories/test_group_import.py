"""WF6: an old list of group customers comes in once, with columns mapped by their names, a preview and refused rows."""

from io import BytesIO

from sqlalchemy import func, select

from portal.corporate.models import GroupFile
from portal.identity import queries as people
from portal.kernel.db import db, transaction
from tests.builders import make_case

LIST = """序号,集团客户名称,联系电话,所属行业,单位地址,客户经理,合同编号,签约日期,合同到期日期
1,海天重工集团,0571-88001001,装备制造,滨江区创新路 18 号,陈浩,HT-26-001,2026/1/5,2027年12月31日
2,市第一人民医院,0571-88001002,,湖滨路 2 号,陈浩,HT-26-002,2026-02-01,2027-01-31
3,远帆国际物流,0571-88001003,物流,临港物流园,无此人,,,
4,江南银行,0571-88001004,金融,,,HT-26-004,2026-05-01,2025-05-01
5,东方精密,0571-88001005,装备制造,,handler,,,
"""


def test_an_old_list_of_group_customers_comes_in_once(app, engine, at, staff, signed_in):
    browser, unit = signed_in(staff["supervisor"]), people.unit_id("tech")
    sent = {"unit": unit, "file": (BytesIO(LIST.encode("gb18030")), "集团客户.csv")}
    place = browser.post("/corporate/import", data=sent).headers["Location"]
    page = browser.get(place).text
    assert "2 个可导入，0 个已有档案，3 个被拒绝" in page
    assert '<option value="contract_until" selected' in page.split("合同到期日期")[1]
    assert db.session.scalar(select(func.count()).select_from(GroupFile)) == 0  # a preview writes nothing
    refused = browser.get(place.replace("?", "/refused.csv?")).get_data(as_text=True)
    assert [line.split(",")[0] for line in refused.splitlines()[1:]] == ["3", "4", "5"]
    assert "这里没有已启用的账号叫“无此人”" in refused
    for _ in range(2):
        assert browser.post(place).status_code == 303
    db.session.rollback()
    files = db.session.scalars(select(GroupFile).order_by(GroupFile.customer_id)).all()
    assert [(f.manager, f.contract_from, f.contract_until, f.trade) for f in files] == [
        ("陈浩", "2026-01-05", "2027-12-31", "装备制造"), ("陈浩", "", "", "装备制造")
    ]  # fmt: skip
    assert "0 个可导入，2 个已有档案" in browser.get(place).text
    assert signed_in(staff["agent"]).get("/corporate/import").status_code == 403


def test_open_cases_are_counted_alike_on_both_pages_of_a_customer(app, at, staff, signed_in):
    browser, unit = signed_in(staff["supervisor"]), people.unit_id("tech")
    sent = {"unit": unit, "file": (BytesIO(LIST.encode()), "集团客户.csv")}
    browser.post(browser.post("/corporate/import", data=sent).headers["Location"])
    with transaction():
        make_case(staff["agent"], contact="0571-88001001", customer_name="海天重工集团", customer_category="company")
    number = db.session.scalars(select(GroupFile.customer_id).order_by(GroupFile.customer_id)).first()
    assert "1 件在办" in browser.get(f"/customers/{number}").text
    assert "1 件在办，0 张业务工单" in browser.get(f"/corporate/{number}").text
