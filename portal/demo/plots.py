"""How a case goes, act by act. An act yields the instant of its next step and does it when that instant has come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.cases import actions as cases
from portal.cases.ending import SUPERVISED
from portal.cases.rules import LIVE
from portal.collaboration import actions as together
from portal.collaboration import endings
from portal.demo import library, texts
from portal.demo.deeds import MEANS, chase, means, rating, reach
from portal.demo.play import Play
from portal.demo.troubles import promised_time, troubles
from portal.identity.actor import SYSTEM
from portal.intake.actions import Request, take
from portal.satisfaction import actions as satisfaction

Act = Iterator[datetime]


def whole(play: Play) -> Act:
    """A case from its first word to where it stops; the traits choose the way."""
    yield from logged(play)
    if play.until == "registered":
        return
    if play.has("void") or play.has("merged"):
        yield from dropped(play)
        return
    if play.has("at once"):
        yield from at_once(play)
        return
    yield from judged(play)
    if play.until == "to_accept":
        return
    yield from taken_up(play)
    yield from troubles(play)
    if play.until in ("in_work", "waiting"):
        return
    yield from planned(play) if play.has("planned") else answered(play)
    if play.until in ("result_in_hand", "told", "planned"):
        return
    yield from ended(play)
    if play.has("reopened"):
        yield from again(play)


def logged(play: Play) -> Act:
    """The request is taken down, or comes in by machine and is completed later."""
    yield play.received
    rng, live = play.rng, play.channel in LIVE
    happened = play.received - timedelta(minutes=rng.choice((4, 15, 40, 90, 300, 900)))
    twin = play.twin = play.stage.open_twin(play) if play.has("merged") else None
    theme, caller = (twin.theme, twin.caller) if twin else (play.theme, play.caller)
    said = texts.say(rng, theme, caller.place, happened)
    play.theme, play.way = theme, said.way
    machine = play.has("imported")
    play.now = play.received + timedelta(seconds=rng.randrange(70, 560) if live else rng.randrange(100, 590))
    if play.has("slow entry"):
        play.now += timedelta(minutes=rng.randint(9, 25))
    yield play.now
    request = Request(
        channel=play.channel, contact=caller.contact, customer_name=caller.name, customer_category=caller.category,
        description=theme["short"] if machine else said.description,
        demand="" if machine else said.demand, happened="" if machine else said.happened, received=play.received,
        request_type=theme["type"], category=theme["category"], product=said.product, order_no=said.order_no,
        urgency="urgent" if play.level in ("P1", "P2") and rng.random() < 0.6 else "normal",
        prefers=MEANS.get(play.channel, "phone"), machine=machine, source="demo" if machine else "",
        assumed=("received_at",) if machine else (), read_back=("customer", "problem") if live else (),
    )  # fmt: skip
    play.case = take(SYSTEM if machine else play.agent, play.now, request)
    play.stage.going.append(play)
    if play.channel == "email" and not machine and rng.random() < 0.9:
        yield play.after(1, 25, shift=True)
        cases.acknowledge(play.agent, play.now, play.case, means="email", words="来信已收到，编号与下一步已回复客户")
    if machine and play.until != "registered":
        yield play.after(1, 8)  # with the minutes before it some are entered late
        cases.complete(
            play.agent, play.now, play.case, description=said.description, demand=said.demand, happened=said.happened
        )  # fmt: skip


def dropped(play: Play) -> Act:
    """A wrong number is voided; a second call about an open matter is merged into the first case."""
    yield play.after(3, 40)
    twin = play.twin
    if twin and twin.row().open:
        reason = f"与 {twin.row().no} 为同一事项，合并跟进"
        together.merge(play.agent, play.now, play.row(), twin.row(), reason=reason)
        return
    cases.void(play.supervisor, play.now, play.row(), reason=play.pick(texts.VOID))


def at_once(play: Play) -> Act:
    """Who took the request down settles it in the same talk; minutes go by, whatever the time of the day."""
    for deed, seconds in ((_judge, 90), (_claim, 40), (_result, 300), (_tell, 40)):
        play.now += timedelta(seconds=play.rng.randrange(seconds // 2, seconds))
        yield play.now
        deed(play)
    yield from confirmed(play)


def judged(play: Play) -> Act:
    """The supervisor sets the level."""
    if play.has("chased early"):
        yield play.after(1, 4)
        chase(play)
    yield play.step("judge")
    _judge(play)


def _judge(play: Play) -> None:
    impact, urgency = texts.GROUNDS[play.level]
    cases.judge(
        play.supervisor, play.now, play.row(), level=play.level, impact=impact, urgency=urgency, harm=False,
        reason=play.pick(texts.REASONS[play.level]), unit_id=play.stage.units[play.unit],
    )  # fmt: skip


def taken_up(play: Play) -> Act:
    """Somebody takes the case, speaks with the customer and starts."""
    yield play.step("claim")
    if play.has("assigned"):
        together.assign(play.supervisor, play.now, play.row(), person_id=play.worker.id, reason="按技能指派")
    else:
        _claim(play)
    yield play.step("contact")
    if play.has("not reached"):
        reach(play, "无人接听", reached=False)
        yield play.after(20, 90)
    promise = play.level != "P1" and play.rng.random() < 0.8
    reach(play, play.pick(texts.FIRST_WORDS), promised=promised_time(play) if promise else None)
    library.said(play, "acknowledgement-time" if promise else "acknowledgement")
    yield play.step("work")
    cases.start_work(play.worker, play.now, play.row(), what=play.theme["work"][play.way])


def _claim(play: Play) -> None:
    together.claim(play.worker, play.now, play.row())


def planned(play: Play) -> Act:
    """A suggestion gets its cycle; what becomes of it is told later."""
    yield play.step("result")
    decision = "not_adopted" if play.has("not adopted") else play.rng.choice(("planned", "adopted"))
    together.plan(
        play.supervisor, play.now, play.row(), decision=decision, cycle=play.pick(texts.CYCLES),
        words="已向客户说明评审结论、周期，并致谢",
    )  # fmt: skip
    if play.until == "planned" or decision == "not_adopted":
        return
    yield play.after(2000, 9000)
    yield from answered(play)


def answered(play: Play) -> Act:
    """The result in writing, then told to the customer."""
    if play.has("progress"):
        yield play.after(20, 60)
        reach(play, play.fits(texts.PROGRESS))
    yield play.step("result")
    _result(play)
    if play.until == "result_in_hand" or play.has("unreachable"):
        return
    yield play.step("tell")
    _tell(play)


def _result(play: Play) -> None:
    cases.write_result(
        play.worker, play.now, play.row(), text=play.theme["result"][play.way], cause_category=play.theme["cause"],
        cause=play.theme["causes"][play.way],
    )  # fmt: skip


def _tell(play: Play) -> None:
    cases.tell(play.teller(), play.now, play.row(), means=means(play), words=play.pick(texts.TOLD))


def ended(play: Play) -> Act:
    """The customer's word, another round, or one of the other endings."""
    if play.has("unreachable"):
        yield from unreachable(play)
        return
    if play.has("withdrawn"):
        yield play.step("confirm")
        cases.close(play.agent, play.now, play.row(), outcome="withdrawn", reason=play.pick(texts.WITHDRAWN))
        return
    for _ in range(2 if play.has("never satisfied") else 1 if play.has("two rounds") else 0):
        yield from another_round(play)
    if play.until and play.until != "reopened":
        return
    if play.has("never satisfied"):
        yield play.step("confirm")
        reason = "两轮处理后仍不接受，部门负责人与质量管理部同意终结"
        endings.ask_end(play.agent, play.now, play.row(), outcome="ended", reason=reason)
        heads = play.stage.of("head", play.unit) or play.stage.of("head", "service")
        for one in (heads[0], play.stage.of("quality")[0]):
            endings.agree_end(one, play.now, play.row(), agreed=True, words="")
        cases.close(play.supervisor, play.now, play.row(), outcome="ended", reason=reason)
        return
    yield from confirmed(play)


def confirmed(play: Play) -> Act:
    """The customer confirms, rates, and the case is closed."""
    yield play.step("confirm")
    verdict = "accepts" if play.rng.random() < 0.2 else "satisfied"
    cases.confirm(play.agent, play.now, play.row(), verdict=verdict, means="phone", words=play.fits(texts.PLEASED))
    library.answered(play, solved=True)
    yield play.after(0.2, 2)
    given = rating(play)
    comment = play.pick(texts.WELL if (given or 0) > 3 else texts.POORLY)
    satisfaction.rate(play.agent, play.now, play.row(), overall=given, means="phone", comment=comment)
    yield play.after(0.2, 3)
    cases.close(play.agent, play.now, play.row(), outcome="confirmed")


def another_round(play: Play) -> Act:
    """The customer is not satisfied: reworked, and told again unless it was the last time."""
    yield play.step("confirm")
    cases.confirm(
        play.agent, play.now, play.row(), verdict="not_satisfied", means="phone", words=play.fits(texts.NOT_PLEASED)
    )  # fmt: skip
    library.answered(play, solved=False)
    if play.until == "in_work again" or (play.has("never satisfied") and play.row().round > 2):
        return
    yield from answered(play)


def unreachable(play: Play) -> Act:
    """Three attempts on three days by two means; then the case ends without the customer's word."""
    for number, way in enumerate(("phone", "phone", "letter")):
        yield play.next_working_morning()
        words = ("无人接听", "关机", "已寄出书面答复")[number]
        cases.contact(play.agent, play.now, play.row(), direction="out", means=way, reached=False, words=words)
        if play.until == "attempts" and number == 1:
            return
    yield play.after(200, 900)
    ending = {"outcome": "unreachable", "reason": "三日三次两种方式均未联系上客户"}
    if play.level in SUPERVISED:
        endings.ask_end(play.agent, play.now, play.row(), **ending)
        endings.agree_end(play.supervisor, play.now, play.row(), agreed=True, words="")
    cases.close(play.agent, play.now, play.row(), **ending)


def again(play: Play) -> Act:
    """A closed case comes back within days and is led to its end once more."""
    yield play.after(1000, 4000)
    cases.reopen(play.agent, play.now, play.row(), reason=play.fits(texts.WHY_BACK))
    if play.until == "reopened":
        return
    yield play.step("contact")
    reach(play, play.pick(texts.FIRST_WORDS))
    yield from answered(play)
    yield from confirmed(play)
