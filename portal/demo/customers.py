"""Who calls: made-up persons and firms with stable numbers, some of them again and again."""

from random import Random
from typing import NamedTuple

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = (
    "建华", "秀英", "志强", "丽萍", "海燕", "国栋", "晓明", "雪梅", "文博", "佳怡", "宏伟", "淑芬", "子轩",
    "雨桐", "俊杰", "思远", "玉兰", "永康", "春霞", "立新", "婷婷", "少华", "凤英", "浩然", "美玲", "德明",
    "静怡", "世杰", "桂芳", "一鸣",
)  # fmt: skip
PLACES = (
    "滨江区望湖花园", "城东锦绣苑", "高新区科创路", "老城鼓楼街", "北苑新村", "开发区银杏大道", "南湖壹号院",
    "临港物流园",
    "西溪雅居", "大学城丹桂苑", "湖滨路中段", "火车站东广场", "青石桥社区", "云栖里", "体育中心南门", "纺织厂宿舍",
)  # fmt: skip
FIRMS = (
    ("江南精工机械有限公司", "临港物流园"), ("望湖连锁超市有限公司", "城东锦绣苑"), ("启明教育科技有限公司",
    "大学城丹桂苑"),
    ("滨江区第二人民医院", "湖滨路中段"), ("云帆冷链物流有限公司", "临港物流园"), ("华泽新材料股份有限公司",
    "开发区银杏大道"),
    ("聚鲜餐饮管理有限公司", "老城鼓楼街"), ("安居物业服务有限公司", "北苑新村"), ("翔宇汽车零部件有限公司",
    "开发区银杏大道"),
    ("数海信息技术有限公司", "高新区科创路"), ("恒源热力有限公司", "青石桥社区"), ("百草堂医药连锁有限公司",
    "火车站东广场"),
    ("卓越会展服务有限公司", "体育中心南门"), ("绿野农业合作社", "青石桥社区"), ("锦程出行服务有限公司",
    "火车站东广场"),
    ("大运河文旅集团有限公司", "老城鼓楼街"),
)  # fmt: skip


class Caller(NamedTuple):
    """A customer of the demonstration: name, telephone number, whether a firm, where."""

    name: str
    contact: str
    category: str
    place: str


def company(rng: Random) -> Caller:
    """One of the firms; each has its own number."""
    index = rng.randrange(len(FIRMS))
    name, place = FIRMS[index]
    return Caller(name, number_of(index), "company", place)


def number_of(index: int) -> str:
    """The telephone number of a firm."""
    return f"0571-8{2600000 + 7919 * (index + 1):07d}"


def person(rng: Random, people: int) -> Caller:
    """One of so many persons; the first tenth of them call often."""
    index = rng.randrange(people // 10) if rng.random() < 0.25 else rng.randrange(people)
    own = Random(f"caller:{index}")
    name = own.choice(SURNAMES) + own.choice(GIVEN)
    phone = f"1{own.choice(('38', '39', '50', '59', '86', '88'))}{own.randrange(1000):03d}{index:05d}"
    return Caller(name, phone, "person", own.choice(PLACES))
