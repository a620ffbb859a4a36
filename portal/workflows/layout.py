"""Places for a drawing by layers: who stands in which layer, in which order, where, and how lines run. Pure.

The way of Sugiyama kept small: lines that go back are turned round, each layer's order follows the middle of its
neighbours, and places come as near to the neighbours' as the room between them allows. `along` is the direction of
the flow, `across` the other one; both in pixels.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 12
GAP_ALONG, GAP_ACROSS, THREAD = 34, 18, 6  # between layers, between neighbours, room of a line that passes by


class Size(NamedTuple):
    """What a thing needs."""

    along: int
    across: int


class Place(NamedTuple):
    """The middle of a thing."""

    along: float
    across: float


class Line(NamedTuple):
    """A line between two things; `back` is drawn against the flow and does not decide who comes first."""

    start: str
    end: str
    back: bool = False


class Layout(NamedTuple):
    """Places of all things, for each line the points it passes, and the room all of it needs."""

    places: dict[str, Place]
    routes: list[list[Place]]
    along: int
    across: int


Node = tuple[str, int]  # a thing and 0, or a line's number and the layer it passes


def laid_out(sizes: Mapping[str, Size], lines: list[Line]) -> Layout:
    """Places for these things, those named first before and above others where nothing else decides."""
    turned = _turned(sizes, lines)
    rank = _ranks(sizes, turned)
    layers, chains = _layers(sizes, turned, rank)
    near: dict[Node, list[tuple[Node, int]]] = defaultdict(list)
    for chain, line in zip(chains, lines, strict=True):
        for one, other in pairwise(chain):
            weight = 1 if line.back else 4 + 4 * bool(one[1]) + 4 * bool(other[1])
            near[one].append((other, weight))
            near[other].append((one, weight))
    place_of = _ordered(layers, near)
    across = _spread(layers, near, lambda node: sizes[node[0]].across if not node[1] else THREAD, place_of)
    return _measured(sizes, layers, chains, across, turned)


def _turned(sizes: Mapping[str, Size], lines: list[Line]) -> list[tuple[str, str, bool]]:
    """Every line in the direction of the flow, and whether it was turned for that."""
    ahead: dict[str, list[str]] = defaultdict(list)
    result: dict[int, tuple[str, str, bool]] = {}
    for n, line in sorted(enumerate(lines), key=lambda pair: pair[1].back):
        start, end = (line.end, line.start) if line.back else (line.start, line.end)
        against = start != end and _reaches(ahead, end, start)
        if against:
            start, end = end, start
        ahead[start].append(end)
        result[n] = (start, end, line.back != against)
    return [result[n] for n in range(len(lines))]


def _reaches(ahead: Mapping[str, list[str]], start: str, goal: str) -> bool:
    seen, edge = {start}, [start]
    while edge:
        here = edge.pop()
        if here == goal:
            return True
        for code in ahead.get(here, ()):
            if code not in seen:
                seen.add(code)
                edge.append(code)
    return False


def _ranks(sizes: Mapping[str, Size], lines: Iterable[tuple[str, str, bool]]) -> dict[str, int]:
    """The layer of each thing: one after the last of those before it."""
    ahead, count = defaultdict(list), dict.fromkeys(sizes, 0)
    for start, end, _turn in lines:
        if start != end:
            ahead[start].append(end)
            count[end] += 1
    rank = dict.fromkeys(sizes, 0)
    ready = [code for code in sizes if not count[code]]
    for code in ready:
        for end in ahead[code]:
            rank[end] = max(rank[end], rank[code] + 1)
            count[end] -= 1
            if not count[end]:
                ready.append(end)
    return rank


def _layers(
    sizes: Mapping[str, Size], lines: list[tuple[str, str, bool]], rank: Mapping[str, int]
) -> tuple[list[list[Node]], list[list[Node]]]:
    """The layers with a knot for every line that passes one, and each line as the chain of its knots."""
    layers: list[list[Node]] = [[] for _ in range(max(rank.values(), default=0) + 1)]
    for code in sizes:
        layers[rank[code]].append((code, 0))
    chains = []
    for n, (start, end, _turn) in enumerate(lines):
        knots: list[Node] = [(str(n), layer) for layer in range(rank[start] + 1, rank[end])]
        for knot in knots:
            layers[knot[1]].append(knot)
        chains.append([(start, 0), *knots, (end, 0)])
    return layers, chains


def _ordered(layers: list[list[Node]], near: Mapping[Node, list[tuple[Node, int]]]) -> dict[Node, int]:
    """Orders each layer by the middle of its neighbours, sweeping there and back; the order with fewest crossings."""
    layer_of = {node: n for n, layer in enumerate(layers) for node in layer}
    best = [list(layer) for layer in layers]
    least = _crossings(layers, near, layer_of)
    for sweep in range(SWEEPS):
        ahead = sweep % 2 == 0
        for n in range(len(layers)) if ahead else reversed(range(len(layers))):
            beside = n - 1 if ahead else n + 1
            if not 0 <= beside < len(layers):
                continue
            place = {node: i for i, node in enumerate(layers[beside])}
            wish = {node: (_middle(near[node], place, i), i) for i, node in enumerate(layers[n])}
            layers[n].sort(key=wish.__getitem__)
        crossed = _crossings(layers, near, layer_of)
        if crossed < least:
            least, best = crossed, [list(layer) for layer in layers]
    layers[:] = best
    return {node: i for layer in layers for i, node in enumerate(layer)}


def _middle(near: Iterable[tuple[Node, int]], place: Mapping[Node, int], own: int) -> float:
    found = [place[node] for node, _weight in near if node in place]
    return sum(found) / len(found) if found else own


def _crossings(
    layers: list[list[Node]], near: Mapping[Node, list[tuple[Node, int]]], layer_of: Mapping[Node, int]
) -> int:
    total = 0
    for n, layer in enumerate(layers[:-1]):
        place = {node: i for i, node in enumerate(layers[n + 1])}
        ends: list[int] = []
        for node in layer:
            mine = [place[other] for other, _w in near[node] if layer_of[other] == n + 1]
            total += sum(1 for end in ends for one in mine if end > one)
            ends += mine
    return total


def _spread(
    layers: list[list[Node]],
    near: Mapping[Node, list[tuple[Node, int]]],
    room: Callable[[Node], float],
    place_of: Mapping[Node, int],
) -> dict[Node, float]:
    """A place across for every node: near its neighbours', in order, with room between."""
    across = {node: float(place_of[node] * 60) for node in place_of}
    layer_of = {node: n for n, layer in enumerate(layers) for node in layer}
    for sweep in range(SWEEPS * 2):
        ahead = sweep % 2 == 0
        for n in range(len(layers)) if ahead else reversed(range(len(layers))):
            wished = []
            for node in layers[n]:
                side = [(o, w) for o, w in near[node] if sweep >= SWEEPS or (layer_of[o] < n) == ahead] or near[node]
                total = sum(w for _o, w in side)
                wished.append((sum(across[o] * w for o, w in side) / total if total else across[node], total or 1))
            for node, where in zip(layers[n], _apart(layers[n], wished, room), strict=True):
                across[node] = where
    return across


def _apart(layer: list[Node], wished: list[tuple[float, int]], room: Callable[[Node], float]) -> list[float]:
    """The places nearest to those wished for that keep order and room (neighbours that push each other move as one)."""
    offsets, here = [], 0.0
    for n, node in enumerate(layer):
        if n:
            here += (room(layer[n - 1]) + room(node)) / 2 + GAP_ACROSS
        offsets.append(here)
    blocks: list[tuple[float, int, int]] = []  # mean, weight, how many
    for (wish, weight), offset in zip(wished, offsets, strict=True):
        mean, heavy, count = wish - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, mass, many = blocks.pop()
            mean, heavy, count = (before * mass + mean * heavy) / (mass + heavy), mass + heavy, many + count
        blocks.append((mean, heavy, count))
    means = [mean for mean, _weight, count in blocks for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _measured(
    sizes: Mapping[str, Size],
    layers: list[list[Node]],
    chains: list[list[Node]],
    across: Mapping[Node, float],
    turned: list[tuple[str, str, bool]],
) -> Layout:
    """Everything in pixels from the corner; routes run as the lines were given."""
    depth = [max([sizes[code].along for code, knot in layer if not knot], default=0) for layer in layers]
    middles, here = [], 0.0
    for size in depth:
        middles.append(here + size / 2)
        here += size + GAP_ALONG
    low = min([across[(code, 0)] - size.across / 2 for code, size in sizes.items()], default=0)
    low = min([low, *across.values()])
    high = max([across[(code, 0)] + size.across / 2 for code, size in sizes.items()], default=0)
    high = max([high, *across.values()])
    places = {node: Place(middles[n], across[node] - low) for n, layer in enumerate(layers) for node in layer}
    routes = []
    for chain, (_start, _end, turn) in zip(chains, turned, strict=True):
        points = [_knot(places[node], depth, middles) if node[1] else places[node] for node in chain]
        flat = [p for found in points for p in (found if isinstance(found, list) else [found])]
        routes.append(flat[::-1] if turn else flat)
    things = {code: places[(code, 0)] for code in sizes}
    return Layout(things, routes, round(here - GAP_ALONG), round(high - low))


def _knot(place: Place, depth: list[int], middles: list[float]) -> list[Place]:
    """A line passes a layer straight: where it comes in and where it goes out."""
    half = depth[middles.index(place.along)] / 2
    return [Place(place.along - half, place.across), Place(place.along + half, place.across)]
