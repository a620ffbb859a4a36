"""Synthetic Chinese cases for the archive: about 340 characters each, words drawn by Zipf's law, the same for a seed.

A vocabulary of our own takes the place of a dictionary: words of one to four characters.
Chunk k depends on seed and k alone; only the dates depend on how many there are.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from portal.archive.rules import Paper
from portal.kernel.i18n import local

SEED, CHUNK, WORDS, DAYS = 20261122, 1_000, 30_000, 730
CHANNELS = ("hotline", "email", "chat", "app", "walk_in", "web")
PRODUCTS = (
    "宽带", "专线", "云主机", "光纤", "电路", "固话", "短信", "视频会议", "企业邮箱", "云桌面",
    "数据中心", "物联网卡", "VPN", "SD-WAN", "CDN", "ERP", "路由器", "交换机",
)  # fmt: skip
ISSUES = (
    "无法上网", "网速慢", "频繁掉线", "断网", "退款", "投诉", "开通延迟", "资源核查", "电路开通",
    "账单错误", "重复扣费", "发票", "催办", "升级", "割接", "变更", "续约", "密码重置", "网络中断",
    "丢包", "时延高", "赔偿",
)  # fmt: skip
ACTS = (
    "已联系客户", "现场勘查", "更换设备", "重启路由器", "核查资源", "协调部门", "客户确认",
    "满意度回访", "闭环", "派单", "调整配置", "修复线路", "补发发票", "办理退款",
)  # fmt: skip
ENGLISH = [
    "vpn",
    "timeout",
    "router",
    "firmware",
    "login",
    "error",
    "dns",
    "wifi",
    "api",
    "server",
    "packet",
    "loss",
    "ssl",
    "portal",
    "gateway",
    "reset",
    "config",
]
FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文慧玲红梅鑫宇浩然子轩欣怡雨晨佳琪思远志鹏晓东海波婷雪飞"
CITIES = [
    "东丽",
    "天津",
    "北京",
    "上海",
    "广州",
    "深圳",
    "成都",
    "武汉",
    "西安",
    "南京",
    "杭州",
    "重庆",
    "苏州",
    "青岛",
]


def zipf(count: int, power: float = 1.0) -> list[float]:
    """Cumulated weights."""
    return list(accumulate(1 / n**power for n in range(1, count + 1)))


@lru_cache(maxsize=1)
def vocabulary() -> tuple[list[str], list[float]]:
    """The words, the frequent ones first."""
    random, signs = Random(SEED), [chr(code) for code in range(0x4E00, 0x4E00 + 3_500)]
    weights, found = zipf(len(signs), 0.8), dict[str, None]()
    while len(found) < WORDS:
        length = random.choices((1, 2, 3, 4), (1, 6, 2, 1))[0] if len(found) > 50 else 1
        found["".join(random.choices(signs, cum_weights=weights, k=length))] = None
    return list(found), zipf(WORDS)


def papers(count: int, case_id: int, until: datetime, first: int = 0) -> Iterator[Paper]:
    """Cases of an archive of this size from number `first` on, the oldest two years before `until`."""
    for number in range(first, count):
        if number == first or number % CHUNK == 0:
            random = Random(f"{SEED}-{number // CHUNK}")
            for _skipped in range(number % CHUNK):
                _facts(random)
        yield _paper(number, count, case_id, until, random)


def _facts(random: Random) -> tuple[str, ...]:
    """Everything of one case that does not depend on its date."""
    words, weights = vocabulary()
    text = random.choices(words, cum_weights=weights, k=random.randint(80, 240))
    for place in range(len(text) - 6, 0, -7):
        text.insert(place, random.choice("，，，。。；"))
    product, issue = _drawn(random, PRODUCTS), _drawn(random, ISSUES)
    name = random.choice(FAMILY) + "".join(random.choices(GIVEN, k=random.choice((1, 2))))
    firm = f"{_drawn(random, CITIES)}{''.join(random.choices(GIVEN, k=2))}科技有限公司"
    said = "".join(text)
    english = f"日志显示 {_drawn(random, ENGLISH)} {_drawn(random, ENGLISH)}。" if random.random() < 0.3 else ""
    order = f"订单号DD{random.randrange(10**9):09d}。" if random.random() < 0.35 else ""
    body = f"客户{name}来电反映{product}业务{issue}，并伴有{random.choice(ISSUES)}。{said}{english}{order}"
    result = f"{_drawn(random, ACTS)}，{_drawn(random, ACTS)}。"
    phone = str(random.randrange(130_0000_0000, 199_9999_9999))
    return (
        firm, phone, f"{product}{issue}", f"{name}\n{body}\n{result}", _drawn(random, ("P4", "P3", "P2", "P1")),
        _drawn(random, CHANNELS), random.choice("234567"), random.choice(("1", "2", "3", "4", "5", "")),
    )  # fmt: skip


def _drawn(random: Random, of: list[str] | tuple[str, ...]) -> str:
    return of[min(int(random.paretovariate(1)) - 1, len(of) - 1)]


def _paper(number: int, count: int, case_id: int, until: datetime, random: Random) -> Paper:
    firm, phone, title, text, level, channel, unit, rating = _facts(random)
    at = until - timedelta(days=DAYS) * ((count - number) / count)
    no = f"CS{local(at):%y%m}-{number % 10_000_000:07d}"
    return Paper(
        case_id=case_id, no=no, cycle=1, archived_at=at.replace(microsecond=0), title=title, customer_name=firm,
        contact=phone, level=level, channel=channel, department_id=int(unit), intake_unit_id=2, outcome="confirmed",
        request_type="fault", category="product", rating=int(rating) if rating else None,
        text="\n".join((no, title, firm, phone, phone, "", text)),
    )  # fmt: skip
