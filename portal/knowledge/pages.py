"""What the pages of wording and articles show: lists, one with its versions, differences, previews."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import instant, term
from portal.knowledge import fitting, queries, rules
from portal.knowledge.models import KnowledgeVersion
from portal.knowledge.offers import language


class Row(NamedTuple):
    """One line of a list."""

    code: str
    title: str
    text: str
    data: dict[str, Any]
    held: bool
    version: int
    pending: str
    used: queries.Used


def rows(kind: str, now: datetime, query: str = "", chosen: Mapping[str, str] | None = None) -> list[Row]:
    """Everything of a kind that answers a search and a choice, in the order of its places."""
    held, used, found = queries.held(kind, now), queries.uses(kind), []
    for one in queries.newest(kind):
        now_held = held.get(one.code)
        data = now_held.data if now_held else one.data
        said = rules.in_language(data, language())
        pending = one.state if one.state in rules.OPEN else ""
        if not pending and one.state == "effective" and one.effective_from > now:
            pending = "future"
        version = now_held.version if now_held else one.version
        title, text = (said["label"], said["text"]) if kind == "wording" else (said["title"], said["question"])
        found.append(
            Row(one.code, title, text, data, bool(now_held), version, pending, used.get(one.code, queries.Used()))
        )
    wanted = {name: value for name, value in (chosen or {}).items() if value}
    found = [row for row in found if all(row.data.get(name) == value for name, value in wanted.items())]
    if query.strip():
        codes = set(fitting.matching({row.code: row.data for row in found}, query))
        found = [row for row in found if row.code in codes]
    return sorted(found, key=_order)


def _order(row: Row) -> tuple[Any, ...]:
    step = row.data.get("step")
    return (rules.STEPS.index(step), row.data["channel"], row.code) if step else (row.code,)


class Line(NamedTuple):
    """One field of which two versions say different things."""

    what: str
    old: str
    new: str


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Line]:
    """What a version says differently from another."""
    before, after = _flat(old), _flat(new)
    return [Line(name, before.get(name, ""), text) for name, text in after.items() if before.get(name, "") != text]


def _flat(data: Mapping[str, Any]) -> dict[str, str]:
    """A document as lines in the reader's words."""
    words = field_words()
    found = {
        f"{words[name]} · {_('Chinese') if lang == 'zh' else _('English')}": text
        for lang in rules.LANGUAGES for name, text in data.get(lang, {}).items()
    }  # fmt: skip
    for name, family in (("step", "step"), ("channel", "channel"), ("request_type", "type"), ("category", "category")):
        if name in data:
            found[words[name]] = term(f"{family}.{data[name]}") if data[name] else _("every channel")
    if "owner_id" in data:
        found[words["owner_id"]] = queries.names({data["owner_id"]}).get(data["owner_id"], "")
        found[words["review_on"]] = data["review_on"]
    if data:
        found[words["off"]] = _("no longer") if data.get("off") else _("yes")
    return found


def field_words() -> dict[str, str]:
    """The names of a document's fields."""
    return {
        "label": _("Label"), "text": _("Text"), "title": _("Title"), "question": _("Question"),
        "answer": _("Answer to the question"),
        "keywords": _("Keywords"), "step": _("Step of the conversation"), "channel": _("Channel"),
        "request_type": _("Request type"),
        "category": _("Problem category"), "owner_id": _("Owner"), "review_on": _("To be looked at again on"),
        "off": _("Offered"),
    }  # fmt: skip


def one(kind: str, code: str, now: datetime, number: int | None = None) -> dict[str, Any]:
    """A text with its versions: what is in force, what is shown (`number`, else the open draft), what differs."""
    found, held = queries.versions(kind, code), queries.held(kind, now).get(code)
    draft = next((v for v in found if v.state in rules.OPEN), None)
    in_force = next((v for v in found if held and v.version == held.version), None)
    shown = next((v for v in found if v.version == number), draft or in_force or found[0])
    base = in_force if in_force is not None and in_force is not shown else _before(found, shown)
    return {
        "versions": found, "held": in_force, "draft": draft, "shown": shown, "base": base,
        "said": rules.in_language(shown.data, language()),
        "lines": differences(base.data, shown.data) if base else [],
        "names": queries.names({who for v in found for who in (v.by_id, v.reviewed_by, v.data.get("owner_id")) if who}),
        "used": queries.uses(kind).get(code, queries.Used()),
    }  # fmt: skip


def _before(found: list[KnowledgeVersion], shown: KnowledgeVersion) -> KnowledgeVersion | None:
    """The approved version before the one that is shown."""
    return next((v for v in found if v.state == "effective" and v.version < shown.version), None)


def sample(lang: str, now: datetime) -> dict[str, str]:
    """The values of a made-up case, with which a draft is previewed."""
    due, soon = (instant(int(now.timestamp()) // 3600 * 3600 + hours * 3600) for hours in (24, 2))
    if lang == "zh":
        return {
            "number": "CS2611-0473", "customer": "王芳", "level": "P2 重要", "promised": due, "progress": soon,
            "department": "技术支持组", "next": "专人将与您联系并开始处理", "agent": "李敏", "overdue": "2 小时 05 分",
            "result": "更换光猫，测速正常",
        }  # fmt: skip
    return {
        "number": "CS2611-0473", "customer": "Wang Fang", "level": "P2 Important", "promised": due, "progress": soon,
        "department": "Technical support", "next": "A colleague will contact you and start work", "agent": "Li Min",
        "overdue": "2 h 05 min", "result": "The modem was replaced; the line is stable.",
    }  # fmt: skip


def previews(data: Mapping[str, Any], now: datetime) -> list[tuple[str, str, list[str]]]:
    """(language, text with the sample's values, places that no case can fill) of a draft."""
    found = []
    for lang in rules.LANGUAGES:
        text = str(data[lang].get("text", ""))
        wrong = rules.unknown_places(text)
        found.append((lang, "" if wrong else rules.filled(text, sample(lang, now)) or "", wrong))
    return found
