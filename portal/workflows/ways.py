"""All ways through a definition at once: for each step, under which decisions it is reached and done. Pure.

A way is one choice for every decision; decisions that follow the same field of the order choose alike. A set of ways is
a whole number with one bit a way, so that what 32,768 ways have in common costs one operation.
"""

from collections.abc import Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from portal.workflows.definition import Definition, Step

MOST = 1 << 15  # ways that are looked at; more need a smaller flow


def leads_to(step: Step) -> list[str]:
    """The steps that may begin after this one, each once."""
    return list(dict.fromkeys([*step.next, *(code for way in step.outcomes for code in way.next)]))


class TooMany(Exception):
    """More ways than can be looked at."""


class Ways:
    """The ways of one definition whose steps are known by unique codes. Raises TooMany, graphlib.CycleError."""

    def __init__(self, definition: Definition) -> None:
        self.steps = definition.by_code
        self.first = [code for code in definition.first if code in self.steps]
        self.size = 1
        self._chosen = self._variables(definition)
        self.all = (1 << self.size) - 1
        self.order = self._sorted()
        self.arrives: dict[str, int] = {}
        self.done: dict[str, int] = {}
        self._walk()

    def _variables(self, definition: Definition) -> dict[str, tuple[int, list[str]]]:
        """For each thing that decides (a field, or a step by itself): the width of its place, and its values."""
        values: dict[str, list[str]] = {}
        for step in definition.steps:
            if step.kind == "decision" and step.outcomes:
                found = values.setdefault(step.decided_by or f"={step.code}", [])
                found.extend(way.code for way in step.outcomes if way.code not in found)
        placed = {}
        for key, codes in values.items():
            placed[key] = (self.size, codes)
            self.size *= len(codes)
            if self.size > MOST:
                raise TooMany
        return placed

    def chose(self, step: Step, outcome: str) -> int:
        """The ways in which this decision has this outcome."""
        stride, codes = self._chosen[step.decided_by or f"={step.code}"]
        period = stride * len(codes)
        block = ((1 << stride) - 1) << (stride * codes.index(outcome))
        return block * (self.all // ((1 << period) - 1))

    def _sorted(self) -> list[str]:
        graph: TopologicalSorter[str] = TopologicalSorter(dict.fromkeys(self.steps, ()))
        for code, step in self.steps.items():
            for later in leads_to(step):
                if later in self.steps:
                    graph.add(later, code)
            graph.add(code, *(earlier for earlier in step.waits_for if earlier in self.steps))
        return list(graph.static_order())

    @cached_property
    def before(self) -> dict[str, dict[str, int]]:
        """For each step the steps that lead to it, with the outcomes that do (all ways where none is asked)."""
        found: dict[str, dict[str, int]] = {code: {} for code in self.steps}
        for code, step in self.steps.items():
            for later in step.next:
                if later in found:
                    found[later][code] = self.all
            for way in step.outcomes if step.kind == "decision" else ():
                for later in way.next:
                    if later in found:
                        found[later][code] = found[later].get(code, 0) | self.chose(step, way.code)
        return found

    def _walk(self) -> None:
        for code in self.order:
            came = self.all if code in self.first else 0
            for earlier, when in self.before[code].items():
                came |= self.done[earlier] & when
            self.arrives[code] = came
            for earlier in self.steps[code].waits_for:
                came &= self.done.get(earlier, 0)
            self.done[code] = came

    def edge(self, earlier: str, later: str) -> int:
        """The ways that go from one step straight to the other."""
        return self.done[earlier] & self.before[later][earlier]

    @cached_property
    def ended(self) -> int:
        """The ways that come to an end."""
        found = 0
        for code, step in self.steps.items():
            if step.kind == "end":
                found |= self.done[code]
        return found

    @cached_property
    def earlier(self) -> Mapping[str, frozenset[str]]:
        """All steps that lie before each step, straight or by others."""
        found: dict[str, frozenset[str]] = {}
        for code in self.order:
            near = frozenset(self.before[code]) | {one for one in self.steps[code].waits_for if one in self.steps}
            found[code] = near.union(*(found[one] for one in near))
        return found

    def hangs(self, step: str, to: str) -> int:
        """The ways on which an order could hang after this step has sent work back to `to`.

        All that lies behind `to` is done anew, and decisions there may choose anew; what else was done stays done, and
        no longer leads there.
        """
        again = {to} | {code for code, before in self.earlier.items() if to in before}
        redone, ended = dict.fromkeys(again, 0), 0
        back = self._any_choice(self.done[step], again) & self.done[to]
        for code in (one for one in self.order if one in again):
            came = back if code == to else 0
            for earlier, when in self.before[code].items():
                came |= redone.get(earlier, 0) & when
            for earlier in self.steps[code].waits_for if code != to else ():
                came &= redone[earlier] if earlier in again else self.done.get(earlier, 0)
            redone[code] = came
            ended |= came if self.steps[code].kind == "end" else 0
        return back & ~ended

    def _any_choice(self, ways: int, among: set[str]) -> int:
        """These ways, and those that differ from them by what the people at these steps decide."""
        for code in among:
            key = f"={code}"
            if key in self._chosen and not self.steps[code].decided_by:
                stride, codes = self._chosen[key]
                first, found = self.chose(self.steps[code], codes[0]), 0
                for n in range(len(codes)):
                    found |= (ways >> (stride * n)) & first
                ways = 0
                for n in range(len(codes)):
                    ways |= found << (stride * n)
        return ways

    def longest(self) -> int:
        """The largest sum of shares that one way can meet on one path."""
        sums: dict[str, dict[int, int]] = {}
        best = 0
        for code in self.order:
            here: dict[int, int] = {0: self.done[code]} if code in self.first and self.done[code] else {}
            for earlier in self.before[code]:
                through = self.edge(earlier, code) & self.done[code]
                for total, ways in sums[earlier].items() if through else ():
                    if ways & through:
                        here[total] = here.get(total, 0) | (ways & through)
            own = self.steps[code].limit.share
            sums[code] = {total + own: ways for total, ways in here.items()}
            best = max([best, *sums[code]])
        return best


def rounds(error: CycleError) -> list[str]:
    """The steps that follow each other in a ring."""
    ring: list[str] = error.args[1]
    return ring
