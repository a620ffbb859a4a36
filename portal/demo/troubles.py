"""What may come between in the demonstration: promises, disputes, transfers, extensions, pauses."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.cases import actions as cases
from portal.collaboration import actions as together
from portal.collaboration import disputes, handing
from portal.demo import texts
from portal.demo.deeds import chase
from portal.demo.play import Play
from portal.demo.teamwork import teamwork

Act = Iterator[datetime]


def promised_time(play: Play) -> datetime:
    """A time for the answer, never later than the policy's own (SL7)."""
    wanted = play.now + timedelta(hours=play.rng.choice((4, 12, 24) if play.level == "P2" else (24, 48)))
    limit = play.due("result")
    return min(wanted, limit) if limit and limit > play.now else wanted


def troubles(play: Play) -> Act:
    """What may come between: notes, a transfer, chasing, an extension, a pause."""
    if play.has("noted"):
        yield play.after(2, 30)
        cases.note(play.worker, play.now, play.row(), text=play.pick(texts.NOTES[play.theme["whom"]]))
    if play.has("disputed") and play.level in ("P2", "P3"):
        yield from disputed(play)
    if play.has("transferred"):
        yield from transferred(play)
    if play.has("chased"):
        for _ in range(play.rng.choice((1, 1, 2, 3))):
            yield play.after(10, 40)
            chase(play)
    yield from teamwork(play)
    if play.has("extended"):
        yield from extended(play)
    if play.has("paused"):
        yield from paused(play)


def disputed(play: Play) -> Act:
    """The department sees another level; the supervisor hears both sides and decides within the half hour."""
    yield play.after(4, 20)
    wanted = "P1" if play.level == "P2" else "P2"
    disputes.dispute(
        play.worker, play.now, play.row(), level=wanted, why=play.pick(texts.WHY_OTHER_LEVEL[play.theme["whom"]])
    )
    yield play.after(3, 10)
    disputes.vote(play.worker, play.now, play.row(), level=wanted, words="现场影响范围较大")
    disputes.vote(play.agent, play.now, play.row(), level=play.level, words="来电反映仅一户受影响")
    yield play.after(4, 12)
    disputes.settle(play.supervisor, play.now, play.row(), level=play.level, reason="核对告警与来电数量，维持原判")


def transferred(play: Play) -> Act:
    """The case belongs to another department."""
    firm = ("enterprise",) if play.theme["whom"] == "company" else ()
    units = [u for u in ("tech", "business", "netops", *firm, "logistics") if u != play.unit]
    yield play.after(15, 60)
    play.unit = play.rng.choice(units)
    together.transfer(
        play.worker, play.now, play.row(), unit_id=play.stage.units[play.unit], reason=texts.WHY_ON[play.unit]
    )
    play.worker = play.rng.choice(play.stage.workers(play.unit))
    yield play.step("claim")
    together.claim(play.worker, play.now, play.row())


def extended(play: Play) -> Act:
    """A later time is agreed with the customer while the first one still stands."""
    yield play.after(3, 10)
    due = play.due("result")
    if due and play.now < due:
        why = play.fits(texts.WHY_LONGER)
        later = due + timedelta(hours=play.rng.choice((8, 24, 48)))
        together.extend(
            play.worker, play.now, play.row(), due=later, reason=why, told=f"已致电说明{why}并致歉，客户同意"
        )
        if play.until != "in_work":
            yield play.after(20, 200)
            handing.decide_extension(play.supervisor, play.now, play.row(), approved=True)


def paused(play: Play) -> Act:
    """The case waits for the customer, whose word sets it going again."""
    yield play.after(5, 30)
    reason = play.rng.choice(("customer", "customer", "customer_later"))
    if play.level == "P1":
        return
    asks = texts.WAITS["company"] if play.theme["whom"] == "company" else texts.of_type(texts.WAITS, play.theme)
    asked, came = play.rng.choice(asks)
    together.pause(play.worker, play.now, play.row(), reason=reason, words=asked)
    if play.until == "waiting":
        return
    yield play.after(60, 420)
    if play.rng.random() < 0.8:
        cases.contact(
            play.agent, play.now, play.row(), direction="in", means="phone", reached=True,
            words=came
        )  # fmt: skip
    else:
        together.resume(play.worker, play.now, play.row(), why="约定时间已到，继续处理")
