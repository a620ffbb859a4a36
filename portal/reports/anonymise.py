"""Taking names, numbers and addresses out of a sentence that goes into a report. Pure."""

import re
from collections.abc import Iterable

BLANK = "××"
_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭"
    "廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_TITLES = "先生|女士|小姐|太太|老师|师傅|经理|阿姨|大爷|大妈|总(?!部|是|共|计|体|量)"
_PLACE = r"[\u4e00-\u9fff]{1,8}?(?:省|市|区|县|镇|乡|村|路|街|巷|弄|大道|小区|花园|公寓|大厦|广场)"
_AMOUNT = (
    r"\s?(?:[MGmg](?:bps|bit|B)?(?![A-Za-z])|元|块|兆|万|分钟|小时|天|次|条)"  # a count of something: nobody's number
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"https?://\S+",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"\b[A-Za-z]{1,6}[-_]?\d[\dA-Za-z_-]{3,}",  # order, case and circuit numbers
        rf"(?<!\d)(?!\d{{1,10}}{_AMOUNT})\+?\d[\d\s-]{{5,}}\d[Xx]?",  # telephones, identity cards, accounts
        rf"(?:{_PLACE})+\s*[\dA-Za-z一二三四五六七八九十]+\s*(?:号|栋|幢|座|单元|室|层|楼)[\dA-Za-z号栋幢座单元室层楼-]*",
        r"[\dA-Za-z]+\s*(?:号|栋|幢|座)(?:楼)?\s*\d*\s*(?:单元)?\s*\d*\s*(?:室)?",
        r"\d+\s*单元\s*\d*\s*室?",
        r"\d{3,}\s*室",
        rf"[{_SURNAMES}](?:[\u4e00-\u9fff]{{0,2}}?)(?:{_TITLES})",
        r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+[A-Z][\w'-]+",
        rf"\d{{4,}}(?!\d|{_AMOUNT})",
    )
)


def anonymise(text: str, known: Iterable[str | None] = ()) -> str:
    """The text without telephone, order and identity numbers, addresses, and without the names known from the case."""
    for name in sorted({k.strip() for k in known if k and len(k.strip()) >= 2}, key=len, reverse=True):
        text = re.sub(re.escape(name), BLANK, text, flags=re.IGNORECASE)
    for pattern in _PATTERNS:
        text = pattern.sub(BLANK, text)
    return re.sub(rf"(?:{BLANK}[\s,，、]*){{2,}}", BLANK, text).strip()


_DAYS = re.compile(r"20\d\d\s*[-年./]\s*\d{1,2}(?:\s*[-月./]\s*\d{1,2}\s*日?)?|20\d\d\s*(?:年|Q[1-4])|\d{1,2}:\d\d")
_LONG = re.compile(r"\d{7,}")


def leaks(text: str, known: Iterable[str | None] = ()) -> list[str]:
    """Parts of a text that would tell whose case it was: what `anonymise` takes out, but days, years and counts."""
    plain = _DAYS.sub(" ", text)
    found = [name for name in sorted({k.strip() for k in known if k and len(k.strip()) >= 2}) if name in plain]
    for pattern in (*_PATTERNS[:-1], _LONG):
        found += [match.group(0).strip() for match in pattern.finditer(plain)]
    return list(dict.fromkeys(found))
