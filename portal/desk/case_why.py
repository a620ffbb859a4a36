"""Why a clock is due when it is (SL9): sentences a customer would understand, then every fact row by row."""

from datetime import datetime
from typing import Any, NamedTuple

from portal.cases.models import Case
from portal.clocks import book, rules
from portal.clocks.kept import decision_of, segments_of, stretches_for
from portal.clocks.models import Clock
from portal.clocks.policy import LEVELS, TIMELESS
from portal.clocks.policy_view import limit_words
from portal.desk import case_time
from portal.desk.case_view import turn_words
from portal.desk.time_words import TERMS
from portal.kernel.i18n import clockspan, instant, listed, local, locale, span, term
from portal.kernel.i18n import gettext as _
from portal.kernel.instants import epoch


class Fact(NamedTuple):
    """One line of the explanation in words; `id` is the rule's own name, for whoever looks it up."""

    name: str
    text: str
    figure: str = ""
    late: bool = False
    id: str = ""


def why(case: Case, row: Clock, now: datetime) -> dict[str, Any]:
    """Title, sentences, rows of facts in reading order, the picture of this clock and who used its time."""
    segments = segments_of(case.id)
    calendar = book.calendar(row.calendar, row.calendar_version)
    lines = rules.explain(
        decision_of(row), calendar, now=epoch(now), stopped=epoch(row.stopped_at) if row.stopped_at else None,
        paused=epoch(row.paused_at) if row.paused_at else None, segments=stretches_for(row, segments),
    )  # fmt: skip
    lines = [line | {"kind": row.kind, "combine": row.combine} for line in lines]
    rows = [r for line in lines for r in _LINES.get(line["row"], lambda f: [])(line)]
    if row.agreed_at:
        told = _("with the customer, before the old time ran out")
        rows.insert(-1, Fact(_("Agreed"), told, instant(row.agreed_at)))
    title = _("%(clock)s is due by %(at)s", clock=term(f"clock.{row.kind}"), at=instant(row.effective_due))
    if row.stopped_at:
        title = _("%(clock)s was due by %(at)s", clock=term(f"clock.{row.kind}"), at=instant(row.effective_due))
    if (row.cycle, row.round) != (1, 1) or case.cycle > 1:
        title = " · ".join((title, *turn_words(row)))
    told = term(f"clock_help.{row.kind}")
    return {
        "title": title,
        "help": "" if told == row.kind else told,
        "said": _said(row, lines),
        "rows": rows,
        "time": case_time.story(case, [row], segments, epoch(now), alone=True),
    }


def _said(row: Clock, lines: list[dict[str, Any]]) -> str:
    """The explanation as one would tell it to the customer."""
    said = [_("The time counts from %(at)s, when %(event)s.", at=instant(row.started_at), event=term(origin(row)))]
    if row.unit in TIMELESS:
        said.append(_("It is to be done at once, in the contact itself."))
    else:
        clause, calendar = term("clause." + row.clause), book.calendar_name(row.calendar)
        limit = limit_words(row.amount, row.unit)
        said.append(
            _("By the %(clause)s the limit is %(limit)s (%(calendar)s).", clause=clause, limit=limit, calendar=calendar)
        )
    said += [_paused(line) for line in lines if line["row"] == "pause" and line["seconds"] != 0]
    said.append(_("So it is due by %(at)s.", at=instant(row.due_at)))
    if row.agreed_at:
        said.append(_("With the customer %(at)s was agreed instead; that time binds.", at=instant(row.agreed_at)))
    if row.provisional:
        said.append(_("Provisional: the holidays of a year on the way are not loaded yet; the time may still change."))
    return (" " if locale() == "en" else "").join(said)


def _paused(line: dict[str, Any]) -> str:
    reason = reason_words(line["reason"])
    if line["seconds"] is None:
        return _("Since %(at)s it stands still: %(reason)s.", at=instant(line["from"]), reason=reason)
    times = {"start": instant(line["from"]), "end": instant(line["to"])}
    return _("From %(start)s to %(end)s it stood still: %(reason)s.", reason=reason, **times)


def origin(row: Clock) -> str:
    """The term for the event a clock counts from."""
    if row.kind == "progress" and row.round > 1:
        return "from.contact"
    if row.cycle > 1 and row.kind in ("progress", "result"):
        return "from.reopened"
    return f"from.{row.kind}" if f"from.{row.kind}" in TERMS else "from.other"


def reason_words(reason: str) -> str:
    """Why time did not count: a pause's reason, or that the result was with the customer."""
    return term("holding.told") if reason == "told" else term("pause." + reason)


def rule_words(rule: str, kind: str) -> str:
    """A rule's name in words: `P2 · result`, `E-mail · first response, urgent`."""
    side, _dot, rest = rule.partition(".")
    special = rest.removeprefix(kind).strip("_")
    words = side if side in LEVELS else _("every level") if side == "any" else term(f"channel.{side}")
    words += f" · {term('clock.' + kind)}"
    return words + (f" · {term('when.' + special)}" if special else "")


def _rule(f: dict[str, Any]) -> list[Fact]:
    mark = _(" (house default)") if f["house"] else ""
    text = _(
        "%(rule)s, by the %(clause)s%(mark)s, policy version %(policy)s",
        rule=rule_words(f["id"], f["kind"]), clause=term("clause." + f["clause"]), mark=mark, policy=f["policy"],
    )  # fmt: skip
    return [Fact(_("Rule"), text, limit_words(f["amount"], f["unit"]), id=f["id"])]


def _calendar(f: dict[str, Any]) -> list[Fact]:
    text = book.calendar_name(f["code"]) + " " + _("version %(n)s", n=f["version"])
    if f["provisional"]:
        text += _("; the holidays of that year are not loaded yet")
    return [Fact(_("Calendar"), text, term("mark.provisional") if f["provisional"] else "")]


def _counted(f: dict[str, Any]) -> list[Fact]:
    spans = listed(f"{_hm(a)}–{_end(b)}" for a, b in f["spans"])
    return [Fact(_("Counted"), f"{f['date']} {spans}", clockspan(f["seconds"]))]


def _hm(seconds: int) -> str:
    return f"{local(seconds):%H:%M}"


def _end(seconds: int) -> str:
    """The end of a stretch: midnight is the end of its own day."""
    return "24:00" if _hm(seconds) == "00:00" else _hm(seconds)


def _pause(f: dict[str, Any]) -> list[Fact]:
    until = instant(f["to"]) if f["to"] else _("still running")
    text = f"{instant(f['from'])} – {until} · {reason_words(f['reason'])}"
    if f["seconds"] == 0:
        text += _("; moves nothing")
    return [Fact(_("Not counted"), text, "–" if f["seconds"] is None else clockspan(f["seconds"]))]


def _total(f: dict[str, Any]) -> list[Fact]:
    text = _("%(used)s of %(limit)s used so far", used=span(f["counted"]), limit=span(f["of"]))
    found = [Fact(_("Sum"), text, f"{100 * f['counted'] / f['of']:.1f} %" if f["of"] else "", f["counted"] > f["of"])]
    if f["not_counted"]:
        found.append(Fact(_("Sum"), _("passed without counting"), span(f["not_counted"])))
    return found


def _lost(f: dict[str, Any]) -> list[Fact]:
    text = _(
        "%(rule)s, %(limit)s: did not win, the case goes %(combine)s",
        rule=rule_words(f["id"], f["kind"]), limit=limit_words(f["amount"], f["unit"]),
        combine=term("goes." + f["combine"]),
    )  # fmt: skip
    return [Fact(_("Other rule"), text, instant(f["due"]), id=f["id"])]


def _holidays(f: dict[str, Any]) -> list[Fact]:
    days = listed(f"{d['date']} {d['name']}" for d in f["days"])
    return [Fact(_("Holidays"), days)]


def _verdict(f: dict[str, Any]) -> list[Fact]:
    late = f["late_seconds"] > 0
    figure = "+" + clockspan(f["late_seconds"]) if late else ""
    return [Fact(_("Verdict"), f"{term('clock_state.' + f['state'])} · {instant(f['at'])}", figure, late)]


_LINES: dict[str, Any] = {
    "start": lambda f: [Fact(_("Start"), instant(f["at"]))],
    "rule": _rule,
    "calendar": _calendar,
    "counted": _counted,
    "working_day": lambda f: [Fact(_("Working day"), f"{f['n']} · {f['date']}", _end(f["to"]))],
    "more": lambda f: [Fact(_("…"), _("%(n)s more days", n=f["days"]), clockspan(f["seconds"]))],
    "holidays": _holidays,
    "pause": _pause,
    "total": _total,
    "due": lambda f: [Fact(_("Due"), instant(f["at"]))],
    "lost": _lost,
    "verdict": _verdict,
}
