"""Texts of our own from which archived cases are generated, and papers made of them."""

from datetime import datetime, timedelta
from random import Random

from portal.archive.rules import Paper
from portal.kernel.i18n import local
from tests.builders import NINE

WORDS = (
    "宽带", "退款", "光猫", "专线业务", "账单", "测速", "重启", "夜间", "限速", "客户", "要求",
    "书面说明", "移机", "停机", "流量", "VPN业务", "wifi信号", "LOS灯", "5G套餐", "App闪退", "携号转网",
    "违约金", "上门", "师傅", "未到", "合同", "资源核查", "集团", "王芳", "于敏", "欧阳修远", "鑫源商贸",
    "invoice", "refund late", "500M", "99.5元", "机房", "断网", "语音留言",
)  # fmt: skip


def sentence(random: Random, words: int = 14) -> str:
    """A line that reads like a complaint of no sense."""
    return "".join(random.choice(WORDS) + random.choice(("", "", "，", "。", " ")) for _ in range(words))


def phone(random: Random) -> str:
    """A mobile number."""
    return f"1{random.choice('3578')}{random.randrange(10**9):09d}"


def some_paper(number: int, case_id: int = 1, seed: int = 7, at: datetime | None = None) -> Paper:
    """The paper of a closed case, always the same for the same number."""
    random = Random(f"{seed}-{number}")
    moment = at or NINE + timedelta(hours=number)
    no, title, contact = f"CS{local(moment):%y%m}-{number:04d}", sentence(random, 4), phone(random)
    name = random.choice(("王芳", "于敏", "欧阳修远", "鑫源商贸有限公司"))
    order = f"ORD{random.randrange(10**10)}"
    return Paper(
        case_id=case_id, no=no, cycle=1, archived_at=moment, title=title, customer_name=name, contact=contact,
        level=random.choice(("P1", "P2", "P3", "P4")), channel=random.choice(("hotline", "email", "app", "walk_in")),
        department_id=random.choice((2, 3, 4)), intake_unit_id=2, outcome=random.choice(("confirmed", "unreachable")),
        request_type="fault", category=random.choice(("product", "delivery")), rating=random.choice((None, 1, 5)),
        text="\n".join((no, title, name, contact, contact, order, sentence(random), sentence(random))),
    )  # fmt: skip
