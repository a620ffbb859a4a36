"""Random definitions, and a plain walk through one: what a running order would do, by the rules written in Step."""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import strategies as st

from portal.workflows.definition import Choice, Definition, Evidence, Name, Return, Step

NAME = Name("名", "name")
WHY = (Choice("why", NAME),)


def step(code: str, kind: Any = "task", **facts: Any) -> Step:
    """A sound step held by tech."""
    if kind == "end":
        return Step(code, NAME, "end", result=facts.pop("result", "completed"), **facts)
    return Step(code, NAME, kind, holder=facts.pop("holder", "tech"), **facts)


def ways(**nexts: str) -> tuple[Choice, ...]:
    """Ways out of a decision: code=the steps that follow, by blanks."""
    return tuple(Choice(code, NAME, tuple(to.split())) for code, to in nexts.items())


def flow(*steps: Step, first: str = "a", **facts: Any) -> Definition:
    """A definition of ten working days."""
    return Definition("sample", 1, NAME, "10wd", "cn-business", tuple(first.split()), steps, **facts)


@st.composite
def definitions(draw: Any) -> Definition:
    """Any definition of up to a dozen steps that mostly leads forward; often wrong, sometimes sound."""
    count = draw(st.integers(2, 12))
    codes = [f"s{n}" for n in range(count)]
    steps = []
    for n, code in enumerate(codes[:-1]):
        later = st.lists(st.sampled_from(codes[n + 1 : n + 5]), min_size=1, max_size=2, unique=True)
        waits = draw(st.lists(st.sampled_from(codes[max(0, n - 4) : n]), max_size=2, unique=True)) if n else []
        back = draw(st.sampled_from([None, None, *codes[:n]]))
        facts: dict[str, Any] = {"waits_for": tuple(waits), "returns": (Return(back, WHY),) if back else ()}
        kind = draw(st.sampled_from(["task", "task", "task", "decision", "decided", "end"]))
        if kind == "task":
            facts["next"] = tuple(draw(later))
        elif kind != "end":
            facts["outcomes"] = tuple(Choice(v, NAME, tuple(draw(later))) for v in ("x", "y"))
            facts["decided_by"] = "which" if kind == "decided" else ""
            kind = "decision"
        steps.append(step(code, kind, **facts))
    steps.append(step(codes[-1], "end"))
    which = Evidence("which", NAME, "choice", choices=(Choice("x", NAME), Choice("y", NAME)))
    return flow(*steps, first="s0", fields=(which,))


def walked(definition: Definition, random: Random, returns: int = 3) -> str:
    """Does open steps in any order, with a few returns, until an end is reached (its code) or nothing is open ("")."""
    field = random.choice("xy")
    open_, done = set(definition.first), set()
    while open_:
        code = random.choice(sorted(open_))
        here = definition.step(code)
        if here.kind == "end":
            return code
        if here.returns and here.returns[0].to in done and returns and random.random() < 0.3:
            returns -= 1
            _back(definition, here.returns[0].to, open_, done)
            continue
        open_.discard(code)
        done.add(code)
        chosen = next((w for w in here.outcomes if w.code == field), None) if here.decided_by else None
        following = here.next if here.kind != "decision" else (chosen or random.choice(here.outcomes)).next
        open_ |= {to for to in following if to not in done and set(definition.step(to).waits_for) <= done}
    return ""


def _back(definition: Definition, to: str, open_: set[str], done: set[str]) -> None:
    """A new round begins at a step: all that follows from it is as if it had not been."""
    after, edge = {to}, [to]
    while edge:
        here = definition.step(edge.pop())
        for code in (*here.next, *(c for w in here.outcomes for c in w.next)):
            if code not in after:
                after.add(code)
                edge.append(code)
    open_ -= after
    done -= after
    open_.add(to)


def grown(random: Random, size: int = 3) -> Definition:
    """A definition grown from blocks: one after the other, side by side with a join, decided, or ended early."""
    steps: list[Step] = []

    def named(prefix: str) -> str:
        return f"{prefix}{len(steps)}"

    def block(then: str, depth: int, alone: bool) -> str:
        """Adds a block that goes on to `then`; the code of its first step."""
        kind = random.choice(("task", "both", "either", "early")) if depth else "task"
        if kind == "both":
            join = named("j")
            steps.append(step(join, next=(then,)))
            ends = [block(join, 0, False) for _ in range(2)]
            steps[:] = [replace(one, waits_for=tuple(ends)) if one.code == join else one for one in steps]
            firsts = [block(one, depth - 1, False) for one in ends]
            code = named("p")
            steps.append(step(code, next=tuple(firsts)))
        elif kind == "task" or (kind == "early" and not alone):
            code = named("t")
            steps.append(step(code, next=(then,)))
        else:
            ways_on = (block(then, depth - 1, alone), "stop" if kind == "early" else block(then, depth - 1, alone))
            code = named("d")
            steps.append(step(code, "decision", outcomes=ways(x=ways_on[0], y=ways_on[1])))
            if kind == "either":
                return code
        return block(code, depth - 1, alone) if depth and random.random() < 0.5 else code

    first = block("e", size, True)
    back = random.choice(steps)
    steps.append(step("last", returns=(Return(back.code, WHY),), next=("over",)))
    steps += [step("e", next=("last",)), step("over", "end"), step("stop", "end", result="declined")]
    return flow(*(one for one in steps), first=first)
