"""The demonstration's people: its departments, and an account for every role."""

from datetime import datetime
from typing import NamedTuple

from portal.identity import actions, passwords, queries
from portal.identity.actor import ROLES, SYSTEM, Actor

PASSWORD = "demo-2026-portal"  # printed and shown for a demo store only; other stores know no default password
EVERYWHERE = frozenset(
    ("supervisor", "quality", "analyst", "commander", "watch", "responder", "auditor", "security", "admin",
     "management")
)  # fmt: skip
UNITS = (
    ("netops", "网络运维部", "Network operations", "department", "hq"),
    ("enterprise", "集团客户部", "Group customers", "department", "hq"),
    ("logistics", "物流装维部", "Logistics and installation", "department", "hq"),
    ("quality", "质量管理部", "Quality management", "department", "hq"),
    ("province", "江南省公司", "Jiangnan province", "province", "hq"),
    ("branch", "滨江分公司", "Binjiang branch", "branch", "province"),
    ("construction", "工程建设部", "Construction", "department", "hq"),
    ("purchasing", "采购部", "Purchasing", "department", "hq"),
    ("upper", "上级中心", "Upper-level centre", "department", "hq"),
)


class Colleague(NamedTuple):
    """One of the demonstration's people: login, name, role, code of the home unit."""

    login: str
    name: str
    role: str
    unit: str


PEOPLE = (
    Colleague("limin", "李敏", "agent", "service"),
    Colleague("zhoujianguo", "周建国", "supervisor", "service"),
    Colleague("chenhao", "陈浩", "handler", "tech"),
    Colleague("liuyang", "刘洋", "head", "tech"),
    Colleague("hejing", "何静", "quality", "quality"),
    Colleague("guolei", "郭磊", "analyst", "quality"),
    Colleague("zhaozhiyuan", "赵志远", "commander", "hq"),
    Colleague("dingqiang", "丁强", "watch", "hq"),
    Colleague("maxiaodong", "马晓东", "responder", "service"),
    Colleague("wugang", "吴刚", "auditor", "hq"),
    Colleague("zhengjie", "郑洁", "security", "hq"),
    Colleague("fengtao", "冯涛", "admin", "hq"),
    Colleague("xuping", "许平", "dispatcher", "netops"),
    Colleague("hanweimin", "韩为民", "management", "hq"),
    Colleague("sunyue", "孙悦", "agent", "service"),
    Colleague("tianxin", "田欣", "agent", "service"),
    Colleague("sunmei", "孙梅", "head", "service"),
    Colleague("gaofei", "高飞", "handler", "tech"),
    Colleague("wanglina", "王丽娜", "handler", "business"),
    Colleague("fanyong", "范勇", "handler", "business"),
    Colleague("songjia", "宋佳", "handler", "improvement"),
    Colleague("penglei", "彭磊", "handler", "netops"),
    Colleague("jiangtao", "蒋涛", "head", "netops"),
    Colleague("luxiaomin", "陆晓敏", "handler", "enterprise"),
    Colleague("qiandong", "钱东", "handler", "logistics"),
    Colleague("shenhong", "沈红", "head", "business"),
    Colleague("yaobin", "姚斌", "head", "improvement"),
    Colleague("dengyu", "邓宇", "head", "enterprise"),
    Colleague("caolei", "曹磊", "head", "logistics"),
    Colleague("weidong", "魏东", "commander", "hq"),
    Colleague("tanwen", "谭文", "head", "quality"),
    Colleague("jinhai", "金海", "handler", "construction"),
    Colleague("yupei", "余佩", "handler", "purchasing"),
    Colleague("shizheng", "石峥", "handler", "upper"),
    Colleague("tongbo", "童波", "head", "construction"),
    Colleague("jiyun", "季云", "head", "purchasing"),
    Colleague("moxin", "莫欣", "head", "upper"),
)


def one_per_role() -> list[Colleague]:
    """The account that the sign-in page offers for each role, in the order of the roles."""
    first = {account.role: account for account in reversed(PEOPLE)}
    return [first[role] for role in ROLES if role in first]


ACCOUNTS = tuple((one.login, PASSWORD, one.role, one.name) for one in one_per_role())  # what a demo store prints


def open_units() -> None:
    """Adds the demonstration's own units to those every installation has. Call inside transaction()."""
    known = {unit.code: unit.id for unit in queries.units()}
    for code, name, name_en, kind, parent in UNITS:
        if code not in known:
            unit = actions.add_unit(SYSTEM, code, name, name_en=name_en, kind=kind, parent_id=known.get(parent))
            known[code] = unit.id


def open_accounts(now: datetime, password_hash: str) -> dict[str, Actor]:
    """Opens every account with the one shared password; returns the people by login. Call inside transaction()."""
    units = {unit.code: unit.id for unit in queries.units()}
    people = {}
    for login, name, role, unit in PEOPLE:
        held = [(role, None if role in EVERYWHERE else units[unit])]
        person = actions.add_person(
            SYSTEM, now, login=login, name=name, password_hash=password_hash, roles=held, unit_id=units[unit]
        )
        people[login] = queries.actor_of(person)
    return people


def password_hash() -> str:
    """The hash of the shared password; takes a moment, so outside any transaction."""
    return passwords.hashed(PASSWORD)
