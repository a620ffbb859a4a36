"""The demonstration's orders: forty on the shipped flows, led by the departments' own people, some late."""

import io
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from portal.attachments.taking import Taken, take
from portal.demo.customers import FIRMS, number_of
from portal.demo.play import Stage
from portal.directory import actions as customers
from portal.identity.actor import SYSTEM, Actor
from portal.kernel.i18n import local
from portal.kernel.instants import epoch
from portal.workflows import actions, course, rules, sheet_actions
from portal.workflows.definition import Evidence, Step
from portal.workflows.models import OrderStep, WorkOrder
from portal.workflows.shipped import shipped

Act = Iterator[datetime]
SEED = 20_261
TEXTS = tomllib.loads((Path(__file__).parent / "data" / "orders.toml").read_text(encoding="utf-8"))
SAID: dict[str, str] = TEXTS["said"]
PLAIN = {"text": "已核实，符合要求", "number": "200", "check": "1"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"


def all_of(stage: Stage) -> list[Act]:
    """Every order as an act to be played among the cases."""
    rng, found = Random(SEED), []
    for cast in TEXTS["cast"]:
        for n in range(cast["count"]):
            back = timedelta(days=cast["days"] * (cast["count"] - n) / (cast["count"] + 1))
            began = local(stage.as_of - back).replace(hour=9 + n % 8, minute=rng.randrange(60), second=0)
            title = cast["titles"][n % len(cast["titles"])]
            found.append(Course(stage, Random(rng.random()), cast["flow"], title, n).play(began))
    return found


class Course:
    """One order while it is played."""

    def __init__(self, stage: Stage, rng: Random, flow: str, title: str, number: int) -> None:
        self.stage, self.rng, self.flow, self.number = stage, rng, flow, number
        self.title, self.firm, own = title, rng.choice(TEXTS["customers"]), rng.randrange(10_000, 90_000)
        self.customer = FIRMS[self.firm][0]
        self.numbers = {"outside_no": f"DD-2026-{own}", "far_no": f"JB-K-{own % 10_000:04d}",
                        "circuit_no": f"JN-BJ-IP-{own:05d}"}  # fmt: skip
        self.codes = {unit_id: code for code, unit_id in stage.units.items()}
        self.slow = number % 4 == 1  # someone of this order takes longer than allowed
        self.sent_back: set[str] = set()
        self.order: Any = None

    def play(self, began: datetime) -> Act:
        """Raised, then step after step until nothing is open."""
        yield began
        self.order = self._raised(began)
        now = began
        for _ in range(120):
            ready = [s for s in self.order.steps if s.state == "open" and not self._waits(s)]
            if not ready:
                return
            step = min(ready, key=lambda s: (self._when(s), s.n))
            now = max(now + timedelta(minutes=2), self._when(step))
            yield now
            if step.state == "open":
                self._do(now, step)

    def _waits(self, step: OrderStep) -> bool:
        """Whether sheets of this step are still out."""
        return any(s.state == "open" for s in rules.sheets_of(self.order, step.n))

    def _raised(self, now: datetime) -> WorkOrder:
        definition, identity = shipped(self.flow), number_of(self.firm)
        file = customers.recognise(SYSTEM, now, name=self.customer, identity=identity, category="company")
        vip = "vip" in definition.classes and self.number % 3 == 0
        wish = actions.Wish(
            flow=self.flow, title=f"{self.customer} {self.title}", customer_name=self.customer, customer_id=file.id,
            raising_unit_id=self.stage.units["enterprise"], given=self._given(definition.fields, now),
            customer_class="vip" if vip else "", class_reason="重点保障合同客户" if vip else "",
        )  # fmt: skip
        return actions.raise_order(self.stage.of("handler", "enterprise")[0], now, wish)

    def _given(self, wanted: tuple[Evidence, ...], now: datetime) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in wanted:
            if one.kind == "choice":
                found[one.code] = self._choice(one.code, [c.code for c in one.choices])
            elif one.kind == "date":
                found[one.code] = f"{local(now + timedelta(days=7)):%Y-%m-%d}"
            else:
                found[one.code] = self.numbers.get(one.code) or SAID.get(one.code) or PLAIN.get(one.kind, "")
        return found

    def _choice(self, code: str, codes: list[str]) -> str:
        if code == "scope":
            return "cross_province" if "跨省" in self.title else codes[0]
        if code == "action":
            return "close" if "关闭" in self.title else codes[0]
        named = (choice for word, choice in TEXTS["choices"].items() if word in self.title and choice in codes)
        return next(named, codes[self.number % len(codes)])

    def _when(self, step: OrderStep) -> datetime:
        """When a step is done: after a part of its time, drawn once for each step."""
        drawn = Random(f"{self.flow}{self.number}.{step.n}").random()
        part = 0.25 + drawn * 0.6 + (1.1 if self.slow and step.n % 5 == 3 else 0)
        if step.kind == "sheets" and not rules.sheets_of(self.order, step.n):
            part = 0.1
        start, due = epoch(step.started_at), epoch(step.due_at)
        calendar = self.stage.calendar
        at = calendar.next_opening(calendar.add(start, int(max(calendar.between(start, due), 600) * part)))
        return local(datetime.fromtimestamp(at, self.stage.as_of.tzinfo))

    def _who(self, step: OrderStep) -> Actor:
        unit = self.codes[step.unit_id]
        found = self.stage.of(step.role, unit) if step.role else []
        found = found or self.stage.of("handler", unit) or self.stage.of("agent", unit) or self.stage.of("head", unit)
        return found[step.n % len(found)]

    def _do(self, now: datetime, step: OrderStep) -> None:
        who, defined = self._who(step), shipped(self.flow).step(step.code)
        if step.kind == "sheet":
            sheet_actions.answer(
                who, now, self.order, step.n, words=TEXTS["answers"][step.n % 4],
                outside_no=self.numbers["far_no"] if step.outside else "",
            )  # fmt: skip
        elif self._goes_back(step, defined):
            back = defined.returns[0]
            self.sent_back.add(step.code)
            note = "请按要求补充后再提交"
            actions.send_back(who, now, self.order, step.n, to=back.to, reason=back.reasons[0].code, note=note)
        else:
            self._finish(who, now, step, defined)

    def _goes_back(self, step: OrderStep, defined: Step) -> bool:
        wanted = self.number % 5 == 2 and bool(defined.returns) and step.code not in self.sent_back
        return wanted and len(self.sent_back) < 2 and course.standing(self.order, defined.returns[0].to) == "done"

    def _finish(self, who: Actor, now: datetime, step: OrderStep, defined: Step) -> None:
        order, n = self.order, step.n
        for one in defined.evidence:
            if one.kind == "document" and one.required:
                sheet_actions.add_document(who, now, order, n, one.code, paper(one.name.zh))
            elif one.kind == "reservation" and not any(r.state == "held" for r in order.reservations):
                until = now + timedelta(days=(12, 20, 30)[self.number % 3])
                sheet_actions.reserve(who, now, order, n, what="城东局 5#ODF 2 芯，GE 端口 1 个", until=until)
        given = self._given(defined.evidence, now)
        if step.kind == "decision":
            outcomes = [o.code for o in defined.outcomes]
            taken = outcomes[-1] if self.number % 6 == 4 and len(outcomes) > 1 else outcomes[0]
            actions.decide(who, now, order, n, outcome=taken, words="", given=given)
        elif step.kind == "sheets" and not rules.sheets_of(order, n):
            units = [self.stage.units[code] for code in defined.units if code in self.stage.units][:3]
            to = [sheet_actions.Addressee(unit) for unit in units]
            sheet_actions.send(who, now, order, n, to=to, words="请核查所需资源并书面反馈")
        else:
            if step.outside and not step.party:
                party = {"party": "江北省公司", "contact": "吴工 025-8800", "outside_no": self.numbers["far_no"]}
                actions.name_party(who, now, order, n, **party)
            actions.complete(who, now, order, n, given=given)


def paper(name: str) -> Taken:
    """A document of the demonstration; all have one content."""
    return take(io.BytesIO(PDF), f"{name}.pdf")
