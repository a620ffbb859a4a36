"""`portal policy`: a version of the policy tried on past cases; nothing is written."""

import json
from collections.abc import Sequence
from typing import Any

import click

from portal.clocks import book, tryout_queries
from portal.clocks.policy_view import level_words
from portal.clocks.tryout import SIDES, Share, Tally
from portal.identity import queries as people
from portal.identity.actor import SYSTEM
from portal.identity.policy import allow
from portal.kernel import clock
from portal.kernel.errors import Invalid
from portal.kernel.i18n import term


@click.group("policy")
def policy() -> None:
    """The limits and their versions."""


@policy.command("try")
@click.argument("version", type=int)
@click.option("--from", "first", required=True, metavar="DAY", help="First day, e.g. 2026-07-01.")
@click.option("--to", "last", required=True, metavar="DAY", help="Last day, included.")
@click.option("--calendar", "calendars", multiple=True, metavar="CODE=VERSION", help="Another calendar version.")
@click.option("--json", "as_json", is_flag=True, help="Figures for a program.")
def try_version(version: int, first: str, last: str, calendars: tuple[str, ...], as_json: bool) -> None:
    """What attainment would have been in a period under VERSION, a draft or not."""
    allow(SYSTEM, "policy.view")
    tried = tryout_queries.trial(book.policy(version), clock.now(), named(calendars))
    tally = tryout_queries.whole(tried, tryout_queries.span_of(first, last))
    click.echo(json.dumps(figures(tally), ensure_ascii=False, indent=1) if as_json else "\n".join(lines(tally)))


def named(pairs: Sequence[str]) -> dict[str, int]:
    """`code=version` pairs. Raises Invalid."""
    found = {}
    for pair in pairs:
        code, sign, number = pair.partition("=")
        if not (sign and code and number.isdigit() and len(number) < 10):
            raise Invalid("policy_calendar_pair", pair=pair)
        found[code] = int(number)
    return found


def figures(tally: Tally) -> dict[str, Any]:
    """A tally as figures: attainment in per cent before and after, with n, by kind, level, channel and department."""
    return {
        "cases": tally.cases,
        "kept": tally.kept,
        "changed": tally.changed,
        "all": [_figure(share) for share in tally.shares()],
        **{side: [_figure(share) for share in tally.shares(side)] for side in SIDES},
        "changes": [change._asdict() for change in tally.changes],
    }


def _figure(share: Share) -> dict[str, Any]:
    return share._asdict() | {"before": share.before, "after": share.after}


def lines(tally: Tally) -> list[str]:
    """The figures for a terminal."""
    units = {str(unit.id): unit.name for unit in people.units()}
    found = [term("try.summary") % {"cases": tally.cases, "changed": tally.changed, "kept": tally.kept}]
    for side in ("", *SIDES):
        found.append(f"\n{term('try.' + (side or 'all'))}")
        for share in tally.shares(side):
            figures_ = f"{_percent(share.before)} ({share.n_before}) -> {_percent(share.after)} ({share.n_after})"
            found.append(f"  {figures_}  {_name(side, share.name, units)}")
    found += [""] + [
        f"  {c.no} {term('clock.' + c.kind)}: {term('verdict_of.' + (c.before or 'none'))}"
        f" -> {term('verdict_of.' + (c.after or 'none'))}"
        for c in tally.changes
    ]
    return found


def _name(side: str, name: str, units: dict[str, str]) -> str:
    """What a group is called."""
    if side == "unit":
        return units.get(name, name)
    if side == "level":
        return level_words(name)
    return term(f"{'clock' if side == 'kind' else side}.{name}") if side else ""


def _percent(value: float | None) -> str:
    return "    –" if value is None else f"{value:5.1f}"
