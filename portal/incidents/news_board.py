"""Whom an announcement reaches, in the reader's language: the look before it is published, and the tally after."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from portal.directory import net
from portal.identity.queries import unit_names
from portal.incidents import news_queries, news_rules
from portal.incidents.models import Incident
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import hm, listed, term

RED_AFTER = timedelta(minutes=2)
Line = tuple[str, str]  # yes, no or look; the sentence
_further: list[Callable[[Incident], list[Line]]] = []


class Posted(NamedTuple):
    """A channel: when and by whom the text was put up there, None while nobody says so."""

    channel: str
    at: int | None
    by: str
    where: str


class News(NamedTuple):
    """What has happened of the announcement that customers heard last."""

    n: int
    lines: list[Line]
    posted: list[Posted]


def before(incident: Incident, drafts: Iterable[dict[str, Any]]) -> list[Line]:
    """Who will and who will not be reached by publishing now, and why; what is still wrong with the drafts."""
    found = news_queries.reached(incident)
    names = unit_names()
    lines = [_cases(found, names)]
    lines += [
        ("no", _("%(unit)s has nobody: the supervisors are told in its place.", unit=names[d.unit_id]))
        for d in found.departments
        if not d.people
    ]
    if found.ended:
        lines.append(
            ("no", _("%(n)s linked cases have ended: they get no entry, nobody works on them.", n=found.ended))
        )
    lines += _customers(incident, found)
    for call in _further:
        lines += call(incident)
    return lines + [line for draft in drafts for line in _draft(incident, draft)]


def further(call: Callable[[Incident], list[Line]]) -> None:
    """Lets another place of this room say whom an announcement reaches (the status page)."""
    if call not in _further:
        _further.append(call)


def _cases(found: news_queries.Reached, names: dict[int, str]) -> Line:
    if not found.departments:
        return "no", _("No open case is linked: no case gets an entry and no department is told.")
    units = listed(
        _("%(unit)s %(cases)s (%(people)s people)", unit=names[d.unit_id], cases=d.cases, people=d.people)
        for d in found.departments
    )
    return "yes", _("%(n)s linked open cases get an entry, and their departments are told: ", n=found.cases) + units


def _customers(incident: Incident, found: news_queries.Reached) -> list[Line]:
    """Customers read it only where it is put up; the portal sends nothing to them itself."""
    lines = [("no", _("No message goes to customers themselves: they read it in the channels named, put up by hand."))]
    if incident.exercise:
        return [("no", _("An exercise: nothing leaves the portal, no customer is reached."))]
    left = (incident.affected or 0) - found.cases - found.ended
    if left > 0:
        facts = {"all": f"{incident.affected:,}", "left": f"{left:,}"}
        lines.append(
            (
                "no",
                _("Of about %(all)s customers affected %(left)s have no case here: only the channels.", **facts),
            )
        )
    return lines


def _draft(incident: Incident, draft: dict[str, Any]) -> list[Line]:
    """What is wrong with a draft, or to be looked at."""
    values = news_queries.values_of(incident, draft["recovery"], draft["next_news"])
    text, text_en = draft["text"], draft.get("text_en", "")
    missing = news_rules.gaps(news_rules.filled(text, values["zh"]), news_rules.filled(text_en, values["en"]))
    start = f"“{text[:16]}…” "
    lines = []
    if missing:
        lines.append(
            ("no", start + _("It cannot be published, values are missing: %(names)s", names=" ".join(missing)))
        )
    if not text_en:
        lines.append(("look", start + _("No English text: readers of English see the Chinese one.")))
    numbers = news_rules.mobiles(text, text_en)
    if numbers:
        net.meant_for_all(f"{text} {text_en}")
        lines.append(("look", start + _("Are these numbers ours? %(numbers)s", numbers=listed(numbers))))
    return lines


def after(incident: Incident, names: dict[int, str], now: datetime) -> News | None:
    """What has happened of the announcement that customers heard last; None while nothing was said."""
    said = incident.said
    if said is None:
        return None
    tally = news_queries.tally(incident, said["n"])
    lines = _entries(tally, now) + [_told(one) for one in tally.told]
    for call in _further:
        lines += call(incident)
    stands = said.get("posted", {})
    posted = [
        Posted(name, *((row["at"], names.get(row["by"], ""), row["where"]) if row else (None, "", "")))
        for name in news_rules.channels(said["channels"])
        for row in [stands.get(name)]
    ]
    return News(said["n"], lines, posted)


def _entries(tally: news_queries.Tally, now: datetime) -> list[Line]:
    done, waits = tally.cases.get("done", 0), tally.cases.get("waiting", 0)
    total = sum(tally.cases.values())
    if not total:
        return [("no", _("No open case was linked when it was published."))]
    lines = [("yes" if done else "look", _("Linked cases with the entry: %(done)s of %(all)s", done=done, all=total))]
    if waits:
        late = tally.since is not None and now - tally.since > RED_AFTER
        words = _("Cases that wait for it: %(n)s, since %(at)s", n=waits, at=hm(tally.since))
        lines.append(("no" if late else "look", words))
    for why, count in tally.left.items():
        word = term(f"reach.{why}") if why in ("ended", "unlinked") else _("could not be written (%(why)s)", why=why)
        lines.append(("no", _("%(n)s left out: %(why)s", n=count, why=word)))
    return lines


def _told(one: news_queries.Told) -> Line:
    if one.channel == "app":
        return "yes", _(
            "Departments told in the portal: %(all)s people, %(read)s have read it", all=one.all, read=one.read
        )
    way = term(f"channel_out.{one.channel}")
    words = _("%(way)s: %(sent)s of %(all)s sent", way=way, sent=one.sent, all=one.all)
    if one.given_up:
        return "no", words + " · " + _("%(n)s given up", n=one.given_up)
    return ("yes" if one.sent == one.all else "look"), words
