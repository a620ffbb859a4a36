"""Which cases the demonstration plays: half a year of ordinary ones, and those staged for today's queues."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, NamedTuple

from portal.demo import customers, texts, times
from portal.demo.play import Play, Stage

CHANNELS = {
    "hotline": 38, "app": 16, "web": 9, "chat": 10, "email": 8, "sms": 4, "voicemail": 3, "social": 3, "walk_in": 3,
    "account_manager": 2, "backup": 1,
}  # fmt: skip
FOR_FIRMS = {"account_manager": 45, "hotline": 25, "email": 20, "web": 10}
TRAITS = {
    "late": 0.09, "disputed": 0.04, "chased": 0.07, "noted": 0.15, "transferred": 0.06, "extended": 0.04,
    "paused": 0.07, "progress": 0.12, "not reached": 0.07, "assigned": 0.2, "slow entry": 0.04,
}  # fmt: skip
ENDINGS = (
    ("", 78), ("two rounds", 5), ("reopened", 4), ("unreachable", 4), ("void", 2), ("merged", 2.5), ("withdrawn",
    1.5),
    ("never satisfied", 1), ("imported", 2),
)  # fmt: skip
BENT = {name for name, _ in ENDINGS if name}
SPOKEN = ("hotline", "chat", "walk_in")
EVERYDAY = ("consultation", "account", "business", "order", "dispute", "return")
BIG = ("tech", "business", "netops", "service")
SMALL = ("enterprise", "logistics", "improvement")


class Scene(NamedTuple):
    """A case staged to be open now: where it stops, its level, department, age in hours, and traits."""

    until: str
    level: str
    unit: str
    hours: float
    traits: str = ""


def scenes() -> Iterator[Scene]:
    """What today's queues hold, the indispensable first."""
    yield from (
        Scene("registered", "P2", "tech", 0.3), Scene("registered", "P1", "netops", 0.25), Scene("registered", "P3",
        "service", 1.1, "imported"),
        Scene("in_work", "P1", "netops", 0.9, "progress"), Scene("in_work", "P1", "tech", 2.6, "late,chased"),
        Scene("planned", "P4", "improvement", 190, "planned"), Scene("in_work", "P4", "improvement", 60),
        Scene("waiting", "P3", "logistics", 30, "paused"), Scene("in_work", "P2", "enterprise", 31, "late,chased"),
        Scene("in_work again", "P3", "business", 52, "two rounds"), Scene("reopened", "P2", "tech", 240, "reopened"),
        Scene("attempts", "P3", "business", 90, "unreachable"), Scene("in_work", "P3", "logistics", 170,
        "late,extended"),
        Scene("merged", "P3", "service", 6, "merged"), Scene("void", "P3", "service", 8, "void"),
    )  # fmt: skip
    for unit in BIG:
        yield Scene("in_work", "P2", unit, 29, "late,chased")
        yield Scene("to_accept", "P3", unit, 15)
        yield Scene("told", "P3", unit, 40)
        yield Scene("waiting", "P2", unit, 20, "paused")
        yield Scene("result_in_hand", "P2", unit, 9)
    for unit in (*BIG, *SMALL):
        yield from (
            Scene("in_work", "P2", unit, 22.6, "noted"), Scene("to_accept", "P2", unit, 1.4),
            Scene("in_work", "P3", unit, 20, "assigned"), Scene("told", "P2", unit, 44), Scene("in_work", "P3",
            unit, 96, "late"),
        )  # fmt: skip
    for hours in (0.2, 0.6, 2.2, 12, 14):
        yield Scene("registered", "P3", "service", hours)
    for unit in ("enterprise", "improvement", "improvement"):
        yield Scene("planned", "P4", unit, 260, "planned")
        yield Scene("to_accept", "P4", unit, 40)


def cast(seed: int, stage: Stage, count: int) -> list[Play]:
    """All plays, numbered in the order in which their requests are received."""
    rng = Random(f"casting:{seed}")
    staged = list(islice(scenes(), max(40, count // 8)))
    last = stage.as_of - timedelta(hours=30)
    days = times.arrivals(rng, times.first_day(stage.as_of), last, max(0, count - len(staged)))
    whole = [(at, None) for at in days]
    whole += [(stage.as_of - timedelta(hours=s.hours * rng.uniform(0.97, 1.03)), s) for s in staged]  # type: ignore[misc]
    whole.sort(key=lambda pair: pair[0])
    themes = texts.themes()
    return [
        _staged(seed, n, stage, themes, at, scene, count) if scene else _ordinary(seed, n, stage, themes, at, count)
        for n, (at, scene) in enumerate(whole)
    ]  # fmt: skip


def _ordinary(seed: int, n: int, stage: Stage, themes: list[dict[str, Any]], at: datetime, count: int) -> Play:
    """A case of the past months: theme, level, customer and what happens to it by chance."""
    rng = Random(f"{seed}:{n}")
    theme = rng.choice(themes)
    level = rng.choice(theme["levels"].split())
    traits = {name for name, share in TRAITS.items() if rng.random() < share}
    traits.add(rng.choices([e for e, _ in ENDINGS], [w for _, w in ENDINGS])[0])
    if level == "P4" and rng.random() < 0.7:
        traits |= {"planned"} | ({"not adopted"} if rng.random() < 0.3 else set())
    unit = "service" if level == "P3" and rng.random() < 0.12 else ""
    return _in_the_talk(seed, _play(n, rng, stage, theme, level, at, frozenset(traits), count, unit=unit))


def _in_the_talk(seed: int, play: Play) -> Play:
    """Some everyday matters are settled while the customer is on the line, by who took them down."""
    everyday = play.level == "P3" and play.channel in SPOKEN and play.theme["type"] in EVERYDAY
    if everyday and not play.traits & BENT and Random(f"talk:{seed}:{play.number}").random() < 0.7:
        play.traits, play.unit, play.worker = frozenset(("at once",)), "service", play.agent
    return play


def _staged(
    seed: int, n: int, stage: Stage, themes: list[dict[str, Any]], at: datetime, scene: Scene, count: int
) -> Play:
    """A case that stands in today's queues."""
    rng = Random(f"{seed}:{n}")
    near = [t for t in themes if t["unit"] == scene.unit and scene.level in t["levels"]]
    theme = rng.choice(near or [t for t in themes if t["unit"] == scene.unit])
    traits = frozenset(filter(None, scene.traits.split(",")))
    return _play(n, rng, stage, theme, scene.level, at, traits, count, unit=scene.unit, until=scene.until)


def _play(
    n: int, rng: Random, stage: Stage, theme: dict[str, Any], level: str, at: datetime, traits: frozenset[str],
    count: int, *, unit: str = "", until: str = "",
) -> Play:  # fmt: skip
    """A play with its customer and channel."""
    firm = theme["whom"] == "company"
    caller = customers.company(rng) if firm else customers.person(rng, max(20, count * 2 // 3))
    ways = FOR_FIRMS if firm else CHANNELS
    channel = "app" if "imported" in traits else rng.choices(list(ways), list(ways.values()))[0]
    return Play(
        number=n, rng=rng, stage=stage, theme=theme, level=level, caller=caller, channel=channel,
        received=at.replace(microsecond=0), traits=traits, until=until, unit=unit,
    )  # fmt: skip
