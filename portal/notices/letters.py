"""What a notice says outside the portal: its kind, number, level, limit, due instant and a link; no customer data."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, locale, span, term

Facts = Mapping[str, Any]
GAP = " · "


def headline(kind: str, facts: Facts) -> str:
    """One line: what it is and whose number, e.g. on the desktop and as a mail's subject."""
    if facts.get("many", 1) > 1:
        return _("%(n)s cases: %(what)s", n=facts["many"], what=term(f"notice.{kind}"))
    drill = term("notice.exercise") if facts.get("exercise") else None
    report = report_of(facts) if facts.get("paper") else None
    words = [drill, report, facts.get("no"), facts.get("level"), term(f"notice.{kind}")]
    return " ".join(str(word) for word in words if word)


def report_of(facts: Facts) -> str:
    """The report a notice is about, with the department whose it is."""
    unit = facts.get("paper_unit_en" if locale() == "en" else "paper_unit")
    return term(f"paper.{facts['paper']}") + (f" · {unit}" if unit else "")


def line(kind: str, facts: Facts) -> str:
    """The same with limit and due instant, as a digest and a robot say it."""
    parts = [headline(kind, facts)]
    if facts.get("clock"):
        parts.append(term(f"clock.{facts['clock']}"))
    if facts.get("due"):
        parts.append(_("due %(at)s", at=instant(facts["due"])))
    if facts.get("count"):
        parts.append(_("%(n)s deadlines", n=facts["count"]))
    return GAP.join(parts)


def link(base: str, subject: str, facts: Facts) -> str:
    """The address of what a notice is about: a case, incident or order, a list of cases, else the list of notices."""
    if subject.startswith("list:"):
        return f"{base}/queues/{subject[5:]}".rstrip("/")
    if subject.startswith("paper:"):
        return f"{base}/reports/papers/{subject[6:]}"
    room = {"case": "cases", "incident": "incidents", "order": "orders"}.get(subject.partition(":")[0])
    no = facts.get("no")
    return f"{base}/{room}/{quote(str(no), safe='')}" if room and no else f"{base}/notices"


def mail(kind: str, facts: Facts, address: str, number: str, late: int = 0) -> tuple[str, str]:
    """Subject and text of a mail; `number` is the notice's own, the same at every try; `late` in seconds."""
    rows = [
        (_("Number"), facts.get("no")), (_("Level"), facts.get("level")), (_("Notice"), term(f"notice.{kind}")),
        (_("Limit"), term(f"clock.{facts['clock']}") if facts.get("clock") else None),
        (_("Due"), instant(facts.get("due")) if facts.get("due") else None),
        (_("How many"), facts.get("count")), (_("Told"), _late(late)), (_("Open"), address),
    ]  # fmt: skip
    said = "\n".join(_("%(name)s: %(value)s", name=name, value=value) for name, value in rows if value)
    return _subject(headline(kind, facts)), f"{said}\n\n{_foot(number)}\n"


def daily(lines: Iterable[str], base: str, number: str) -> tuple[str, str]:
    """Subject and text of a day's digest."""
    found = list(lines)
    text = "\n".join([*found, "", f"{_('Open')}: {base}/notices", "", _foot(number), ""])
    return _subject(_("%(n)s notices you have not read", n=len(found))), text


def robot(kind: str, facts: Facts, address: str, number: str, late: int = 0) -> str:
    """The text of a robot's message."""
    said = GAP.join(part for part in (line(kind, facts), _late(late)) if part)
    return f"{_subject(said)}\n{address}\n{number}"


def _late(seconds: int) -> str:
    """How late something is told (F-32); nothing under a minute."""
    return _("told %(span)s late", span=span(seconds)) if seconds >= 60 else ""


def host(base: str) -> str:
    """The host of the portal's own address, as mail names it."""
    return urlsplit(base).hostname or "localhost"


def _subject(words: str) -> str:
    return _("[Customer Response Centre] %(words)s", words=words)


def _foot(number: str) -> str:
    return _("Customer data stands in the portal alone. Choose what you are sent under My notices. %(no)s", no=number)
