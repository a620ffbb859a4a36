"""Customer files of the demonstration: a VIP, notes, one merged and one proposed pair, a mark, a checked identity."""

from datetime import datetime, timedelta

from portal.cases import customer_actions
from portal.cases.models import Case
from portal.demo.play import Stage
from portal.demo.plots import Act
from portal.directory import actions, lists, pair_actions, queries
from portal.directory.models import Customer
from portal.kernel.db import db, read

OFTEN = (
    "SELECT k.id FROM customer k JOIN cases c ON c.customer_id = k.id WHERE k.category = :category"
    " GROUP BY k.id ORDER BY count(*) DESC, k.id LIMIT 3"
)
ASKING = (
    "SELECT id FROM cases WHERE open = :open AND request_type IN ('dispute', 'account', 'return')"
    " ORDER BY id DESC LIMIT 1"
)


def kept(stage: Stage) -> list[Act]:
    """What the service desk wrote into files in the last days, as acts to be played."""
    return [_persons(stage), _firms(stage), _checked(stage)]


def _often(category: str) -> list[Customer]:
    return [queries.customer(row[0]) for row in read(OFTEN, {"category": category})]


def _second(stage: Stage, file: Customer, at: datetime, identity: str) -> Customer:
    """Another file of the same name, as it comes about when a customer calls from elsewhere."""
    category = "company" if file.category == "vip" else file.category
    known = actions.recognise(stage.of("agent")[0], at, name=file.name, identity=identity, category=category)
    return queries.customer(known.id)


def _persons(stage: Stage) -> Act:
    """Somebody who calls often: preferences, a note, a mark that waits, and a second file that looks like the same."""
    at = stage.as_of - timedelta(days=2)
    yield at
    agent, files = stage.of("agent")[0], _often("person")
    if len(files) < 2:
        return
    first, second = files[:2]
    actions.change(agent, at, first, name=first.name, prefers="sms", prefers_time="工作日晚七点以后")
    actions.write_note(agent, at, first, text="听力不便，电话里请慢些说，也可发短信")
    actions.propose_mark(
        agent, at, second, reason="一晚来电十余次，问题已多次答复", until=stage.as_of + timedelta(days=30)
    )
    at = stage.as_of - timedelta(hours=20)
    yield at
    double = _second(stage, first, at, f"166{first.phone[3:]}")
    pair_actions.propose(agent, at, first, double, reason="同名且尾号相同，客户称换过号段")


def _firms(stage: Stage) -> Act:
    """A firm that is a VIP, and the file under its mail address that was merged into it."""
    at = stage.as_of - timedelta(days=3)
    yield at
    agent, boss, files = stage.of("agent")[0], stage.of("supervisor")[0], _often("company")
    if not files:
        return
    firm = files[0]
    actions.set_class(boss, at, firm, category="vip", reason="年合同额前十，专线客户，由客户经理对接")
    actions.add_contact(agent, at, firm, kind="other", value="企业微信群：专线保障", note="报障优先")
    other = _second(stage, firm, at, "it-service@example.cn")
    yield at + timedelta(hours=2)
    pair = pair_actions.propose(agent, at + timedelta(hours=2), firm, other, reason="同一单位的报障邮箱")
    yield at + timedelta(hours=5)
    pair_actions.merge(boss, at + timedelta(hours=5), pair)


def _checked(stage: Stage) -> Act:
    """On an open case about an account or money the identity was checked before anything was told."""
    at = stage.as_of - timedelta(minutes=50)
    yield at
    found = read(ASKING, {"open": True})
    if found:
        case = db.session.get_one(Case, found[0][0])
        asked = lists.item("type", case.request_type)
        customer_actions.check_identity(
            stage.of("supervisor")[0], at, case, right=asked.verify[: asked.least], words="逐项询问，全部答对"
        )
