"""A definition as a picture, and an order's states on it: SVG with classes alone, so that light, dark and print fit.

A table beside it says the same; the picture has a title and a description for those who hear it.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from markupsafe import Markup, escape

from portal.workflows.definition import Definition, Name, Step
from portal.workflows.layout import Layout, Line, Place, Size, laid_out

STATES = ("done", "running", "late", "waiting", "returned", "untaken")
SIGNS = {"done": "✓", "running": "▶", "late": "!", "waiting": "…", "returned": "↩", "untaken": "–"}
Lang = Literal["zh", "en"]
BOX, RHOMB = 150, (186, 96)
LETTER, SMALL = 13, 11  # sizes of letters in pixels, as the style sheet has them
MARGIN, PORT = 14, 0.27  # where returns leave and arrive, in parts of a side


def width(text: str, size: float) -> float:
    """How wide a text is, near enough: a Chinese sign is as wide as high, a Latin letter a little over half."""
    return size * sum(1.0 if ord(sign) > 0x2E7F else 0.3 if sign in "il.,:' " else 0.58 for sign in text)


def cut(text: str, room: float, size: float = LETTER) -> str:
    """As much of the text as fits on one line, with … where it was cut."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, room: float, size: float = LETTER, most: int = 3) -> list[str]:
    """The text in lines that fit: English between words, Chinese anywhere; what is beyond `most` lines ends in …."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width(line + piece.rstrip(), size) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece.lstrip() if not line else piece
    lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(one, room, size) for one in lines if one] or [""]


def _pieces(text: str) -> Iterator[str]:
    """What may not be parted: English words with the blank behind them, single Chinese signs."""
    word = ""
    for sign in text:
        if ord(sign) > 0x2E7F:
            if word:
                yield word
                word = ""
            yield sign
        else:
            word += sign
            if sign == " ":
                yield word
                word = ""
    if word:
        yield word


class Picture:
    """One drawing: `names` are units and holders in words, `down` draws from top to bottom."""

    def __init__(
        self, definition: Definition, states: Mapping[str, str], lang: Lang, names: Mapping[str, str], down: bool
    ) -> None:
        self.definition, self.states, self.lang, self.names, self.down = definition, states, lang, names, down
        self.lines_of = {step.code: self._lines(step) for step in definition.steps}
        self.sizes: dict[str, Size] = {}
        self.words: dict[str, str] = {}  # labels of ways out by their node
        self.lines: list[Line] = []
        self.looks: list[str] = []
        for step in definition.steps:
            self.sizes.setdefault(step.code, self._size(step))
        for step in definition.steps:
            self._forward(step)
        for step in definition.steps:
            for back in step.returns:
                self._line(step.code, back.to, "flow-return", back=True)
        self.layout: Layout = laid_out(self.sizes, self.lines)

    def said(self, name: Name) -> str:
        """A name in the picture's language, in the other one where it lacks."""
        return getattr(name, self.lang) or name.zh or name.en

    def _lines(self, step: Step) -> list[str]:
        if step.kind == "decision":
            return wrapped(self.said(step.name), RHOMB[0] * 0.6)
        return wrapped(self.said(step.name), BOX - 22)

    def _size(self, step: Step) -> Size:
        if step.kind == "decision":
            wide, high = RHOMB
        else:
            high = 18 + 16 * len(self.lines_of[step.code]) + (15 if self.small(step) else 0)
            wide = BOX
        return Size(high, wide) if self.down else Size(wide, high)

    def small(self, step: Step) -> str:
        """The second line of a box: who holds it."""
        return self.names.get(step.holder, step.holder.lstrip("@")) if step.kind not in ("end", "decision") else ""

    def _forward(self, step: Step) -> None:
        for later in step.next if step.kind != "decision" else ():
            self._line(step.code, later, "flow-line")
        for n, way in enumerate(step.outcomes if step.kind == "decision" else ()):
            node = f"{step.code} {n}"
            self.words[node] = cut(self.said(way.name), 130, SMALL)
            wide = round(width(self.words[node], SMALL)) + 14
            self.sizes[node] = Size(20, wide) if self.down else Size(wide, 20)
            self._line(step.code, node, "flow-line flow-stub")
            for later in way.next:
                self._line(node, later, "flow-line")

    def _line(self, start: str, end: str, look: str, *, back: bool = False) -> None:
        if start in self.sizes and end in self.sizes and start != end:
            self.lines.append(Line(start, end, back))
            self.looks.append(look)

    def xy(self, place: Place) -> tuple[float, float]:
        """A place as x and y."""
        x, y = (place.across, place.along) if self.down else (place.along, place.across)
        return round(x + MARGIN, 1), round(y + MARGIN, 1)

    def box(self, code: str) -> tuple[float, float, float, float]:
        """x, y, width and height of a thing."""
        x, y = self.xy(self.layout.places[code])
        along, across = self.sizes[code]
        wide, high = (across, along) if self.down else (along, across)
        return round(x - wide / 2, 1), round(y - high / 2, 1), wide, high

    def state(self, node: str) -> str:
        """The state of a step, or of the step whose way out a label is; empty where nothing is known."""
        return self.states.get(node.split(" ")[0], "")

    def route(self, n: int) -> str:
        """The path of a line: from side to side, straight past the layers between."""
        line, points = self.lines[n], self.layout.routes[n]
        backward = points[0].along > points[-1].along
        first = self._port(line.start, line.back, not backward)
        last = self._port(line.end, line.back, backward)
        path, here = [], first
        for place in [*points[1:-1], last]:
            path.append(self._curve(here, place))
            here = place
        x, y = self.xy(first)
        return f"M{x:g} {y:g}" + "".join(path)

    def _curve(self, start: Place, end: Place) -> str:
        if start.across == end.across:
            x, y = self.xy(end)
            return f"L{x:g} {y:g}"
        half = (end.along - start.along) / 2
        bends = (Place(start.along + half, start.across), Place(end.along - half, end.across), end)
        return "C" + " ".join(f"{x:g} {y:g}" for x, y in map(self.xy, bends))

    def _port(self, code: str, back: bool, ahead: bool) -> Place:
        """Where a line leaves or meets a thing: in the middle of its side, a return beside it."""
        place, size = self.layout.places[code], self.sizes[code]
        aside = size.across * PORT if back else 0.0
        half = size.along / 2
        step = self.definition.by_code.get(code)
        if step is not None and step.kind == "decision":
            half *= 1 - aside / (size.across / 2)
        return Place(place.along + (half if ahead else -half), place.across + aside)


def drawn(
    definition: Definition,
    states: Mapping[str, str],
    lang: Lang,
    *,
    names: Mapping[str, str] | None = None,
    down: bool = False,
    name: str = "flow",
    about: str = "",
) -> Markup:
    """The SVG of a definition. `states` gives steps one of STATES; `name` begins the ids, unique on the page."""
    picture = Picture(definition, states, lang, names or {}, down)
    layout = picture.layout
    wide, high = (layout.across, layout.along) if down else (layout.along, layout.across)
    inner = [
        f'<title id="{name}-title">{escape(picture.said(definition.name))}</title>',
        f'<desc id="{name}-desc">{escape(about or _told(picture))}</desc>',
        f"<defs>{_tip(name)}</defs>",
        *_lines(picture, name),
        *_labels(picture),
        *(_step(picture, step) for step in picture.definition.by_code.values()),
    ]
    known = " flow-known" if states else ""
    return Markup(
        f'<svg class="flow-picture{known}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {wide + 2 * MARGIN} {high + 2 * MARGIN}" width="{wide + 2 * MARGIN}" '
        f'height="{high + 2 * MARGIN}">' + "".join(inner) + "</svg>"
    )


def _tip(name: str) -> str:
    """The point of an arrow."""
    facts = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
    return f'<marker id="{name}-tip" {facts}><path class="flow-tip" d="M0 0 8 4 0 8z"/></marker>'


def _told(picture: Picture) -> str:
    """The steps in the order of the definition, for those who hear the picture."""
    return " → ".join(picture.said(step.name) for step in picture.definition.steps)


def _lines(picture: Picture, name: str) -> Iterator[str]:
    for n, line in enumerate(picture.lines):
        look = picture.looks[n]
        tip = "" if "flow-stub" in look else f' marker-end="url(#{name}-tip)"'
        taken = picture.state(line.start) == "done" and picture.state(line.end) not in ("", "untaken")
        state = " is-taken" if taken and not line.back else ""
        yield f'<path class="{look}{state}" d="{picture.route(n)}"{tip}/>'


def _labels(picture: Picture) -> Iterator[str]:
    for node, text in picture.words.items():
        x, y, wide, high = picture.box(node)
        yield (
            f'<g class="flow-label"><rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="10"/>'
            f'<text x="{x + wide / 2:g}" y="{y + high / 2 + 4:g}">{escape(text)}</text></g>'
        )


def _step(picture: Picture, step: Step) -> str:
    x, y, wide, high = picture.box(step.code)
    state = picture.states.get(step.code, "")
    look = f"flow-{step.kind}" + (f" is-{state}" if state in STATES else "") + (" is-join" if step.waits_for else "")
    parts = [f'<g class="flow-step {escape(look)}"><title>{escape(picture.said(step.name))}</title>']
    parts += _shape(step.kind, x, y, wide, high)
    if step.waits_for:
        bar = f'x="{x:g}" y="{y - 5:g}" width="{wide:g}" height="4"' if picture.down else (
            f'x="{x - 5:g}" y="{y:g}" width="4" height="{high:g}"')  # fmt: skip
        parts.append(f'<rect class="flow-bar" {bar}/>')
    lines, small = picture.lines_of[step.code], picture.small(step)
    top = y + high / 2 - (16 * len(lines) + (15 if small else 0)) / 2 + 12
    middle = f"{x + wide / 2:g}"
    parts += [f'<text x="{middle}" y="{top + 16 * n:g}">{escape(line)}</text>' for n, line in enumerate(lines)]
    if small:
        line = cut(small, BOX - 14, SMALL)
        parts.append(f'<text class="flow-who" x="{middle}" y="{top + 16 * len(lines):g}">{escape(line)}</text>')
    if state in SIGNS:
        parts.append(f'<circle class="flow-sign" cx="{x + wide - 4:g}" cy="{y + 3:g}" r="9"/>')
        parts.append(f'<text class="flow-sign" x="{x + wide - 4:g}" y="{y + 7:g}">{SIGNS[state]}</text>')
    return "".join(parts) + "</g>"


def _shape(kind: str, x: float, y: float, wide: float, high: float) -> list[str]:
    if kind == "decision":
        corners = ((x, y + high / 2), (x + wide / 2, y), (x + wide, y + high / 2), (x + wide / 2, y + high))
        return [f'<polygon class="flow-box" points="{" ".join(f"{a:g},{b:g}" for a, b in corners)}"/>']
    rect = f'y="{y:g}" width="{wide:g}" height="{high:g}"'
    shapes = [f'<rect class="flow-box" x="{x:g}" {rect} rx="{high / 2 if kind == "end" else 6:g}"/>']
    if kind == "sheets":
        below = f'<rect class="flow-box" x="{x + 4:g}" y="{y + 4:g}" width="{wide:g}" height="{high:g}" rx="6"/>'
        shapes.insert(0, below)
    return shapes
