"""The escalation ladder in words, as the paper table says it: when, who, how long an answer is awaited, quiet hours."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from portal.clocks.ladder import LEVELS, Answer, Ladder, Step, load_ladder
from portal.clocks.ladder_drafts import ladder_of
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, span, term


class Words(NamedTuple):
    """One line of the panel; `old` where a draft says it otherwise ("–" for what the base does not have)."""

    name: str
    said: str
    old: str


def role(name: str) -> str:
    """Who is told: the accountable person, or a role."""
    return term("ladder.owner" if name == "owner" else f"role.{name}")


def per_cent(share: float) -> str:
    """A share as people write it: `25`, `12.5`."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".")


def when(step: Step, level: str = "") -> str:
    """When a step falls, for a level where that matters."""
    if step.at != "after":
        return term(f"ladder.{step.at}")
    if level in step.minutes:
        return _("%(span)s after due", span=span(step.minutes[level] * 60))
    return _("%(n)s %% of the limit after due", n=per_cent(step.share))


def step_words(step: Step | None, share: float | None = None) -> str:
    """A step as on paper: `25 % of the limit after due (P1: 15 min after due): department head`.

    `share` is that of the limit at which the warning comes, where it is not said beside.
    """
    if step is None:
        return "–"
    own = listed(f"{level} {when(step, level)}" for level in LEVELS if level in step.minutes)
    first = _("%(n)s %% of the limit used", n=per_cent(share)) if step.at == "warn" and share else when(step)
    at = first + (_(" (%(levels)s)", levels=own) if own else "")
    waits = _("; waits in quiet hours") if step.waits else ""
    return _("%(when)s: %(who)s", when=at, who=listed(role(name) for name in step.to)) + waits


def answer_words(answer: Answer | None) -> str:
    """How long an answer is awaited before the next step is told."""
    if answer is None:
        return _("not asked for")
    length = span(answer.seconds)
    return _("%(span)s of working time", span=length) if answer.working else length


def quiet_words(ladder: Ladder) -> str:
    """From when until when it is quiet, and at which levels."""
    begin, end = ladder.quiet
    if begin == end or not ladder.quiet_levels:
        return _("none")
    return _("%(begin)s–%(end)s and outside working time: %(levels)s", begin=hour(begin), end=hour(end),
             levels=listed(sorted(ladder.quiet_levels)))  # fmt: skip


def hour(seconds: int) -> str:
    """Seconds after midnight as `20:00`."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def part_name(part: Mapping[str, Any]) -> str:
    """What a line of a comparison is about."""
    if part["part"] == "step":
        return _("Escalation, step %(n)s", n=part["number"])
    if part["part"] == "answer":
        return _("Time to acknowledge, %(level)s", level=part["level"])
    return term(f"ladder.{part['part']}")


def parts(part: Mapping[str, Any], old: Any, new: Any) -> tuple[str, str]:
    """Both sides of such a line in words."""
    say: Any = {"step": step_words, "answer": answer_words, "quiet": quiet_words, "share": _share}[part["part"]]
    return say(old), say(new)


def _share(share: float) -> str:
    return _("%(n)s %% of the limit", n=per_cent(share))


def lines(data: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> dict[str, list[Words]]:
    """The ladder as the page shows it: its steps, and the rules beside them."""
    before = base or data
    new, old = load_ladder(ladder_of(data)), load_ladder(ladder_of(before))
    steps = [
        _words(str(number), step_words(one, data["warn_share"]), step_words(was, before["warn_share"]))
        for number, (one, was) in enumerate(zip_longest(new.steps, old.steps), 1)
    ]
    rules = []
    for level in LEVELS:
        name = _("Time to acknowledge, %(level)s", level=level)
        rules.append(_words(name, answer_words(new.answers.get(level)), answer_words(old.answers.get(level))))
    rules.append(_words(term("ladder.quiet"), quiet_words(new), quiet_words(old)))
    return {"steps": steps, "rules": rules}


def _words(name: str, said: str, old: str) -> Words:
    return Words(name, said, old if old != said else "")
