"""A policy document as the tables people know from the paper: levels, channels, the other limits, how they combine."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from portal.clocks import book, further, ladder_view
from portal.clocks.book import calendar_name
from portal.clocks.policy import LEVELS, TIMELESS, UNJUDGED
from portal.clocks.policy_drafts import NONE, Cell, cell_of, differences, old_cell, parsed, rows_by_id
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import listed, span, term

LEVEL_KINDS = ("first_response", "lead_contact", "start_of_work", "progress", "result")
CHANNEL_KINDS = ("acknowledgement", "first_response", "answer")
Document = Mapping[str, Any]


class Line(NamedTuple):
    """One limit in a cell; `old` holds what the base says in those points that a draft says otherwise."""

    id: str
    limit: str
    note: str
    calendar: str
    clause: str
    house: bool
    off: bool
    mark: str  # "", changed or new
    old: str


class Grid(NamedTuple):
    """One table: its columns are kinds, its rows levels or channels, each cell the limits that stand in it.

    Channels with the same limits share a row, as on paper.
    """

    side: str
    kinds: list[str]
    rows: list[tuple[list[str], list[list[Line]]]]


class Combining(NamedTuple):
    """How level and channel of a kind meet, level by level: the word, and the base's word where it differs."""

    kind: str
    cells: list[tuple[str, str]]


class Changed(NamedTuple):
    """One line of a comparison."""

    what: str
    old: str
    new: str


def of_class(category: str, now: datetime) -> list[tuple[str, str, str]]:
    """What a customer class changes: limits of the policy in force that speak of it (clock, where, limit)."""
    return [
        (
            term(f"clock.{row.kind}"),
            term(f"type.{row.request_type}") if row.request_type else row.level or (row.channel or ""),
            limit_words(row.amount, row.unit),
        )
        for row in book.in_force(now).policy.rows
        if row.customer_class == category
    ]


def limit_words(amount: int, unit: str) -> str:
    """A limit in words: `2 h`, `1 working day`, `2 weeks`, `at once`."""
    if unit == "wd":
        return _("%(n)s working days", n=amount) if amount > 1 else _("1 working day")
    if unit == "w":
        return _("%(n)s weeks", n=amount) if amount > 1 else _("1 week")
    named = {"talk": _("in the conversation"), "contact": _("at once"), "instant": _("at the instant promised")}
    if unit in named:
        return named[unit]
    if unit == "left":
        return _("%(n)s %% of what is left of the result", n=amount)
    return _("%(n)s h", n=amount // 3600) if amount >= 86_400 and amount % 3600 == 0 else span(amount)


def parts_of(cell: Cell) -> list[str]:
    """What a cell says, point by point: limit, calendar, warning, clause, whether it is a house rule."""
    if cell.limit == NONE:
        return [term("limit.none")]
    amount, unit = parsed(cell.limit)
    return [
        limit_words(amount, unit),
        calendar_name(cell.calendar),
        _("warned at %(n)s %%", n=cell.warn),
        term(f"clause.{cell.clause}"),
        _("House rule") if cell.house else "",
    ]


def cell_words(cell: Cell | None) -> str:
    """A cell in one line."""
    return "–" if cell is None else " · ".join(filter(None, parts_of(cell)))


def old_words(old: Cell, new: Cell) -> str:
    """Those points of the old cell that the new one says otherwise."""
    was, is_now = parts_of(old), parts_of(new)
    if len(was) != len(is_now):
        return was[0]
    found = [a or _("no house rule") for a, b in zip(was, is_now, strict=True) if a != b]
    return " · ".join(found)


def note_of(row: Mapping[str, Any]) -> str:
    """Under which conditions, for which customers and requests a row holds."""
    words = [term(f"when.{name}") for name in row.get("when", ())]
    if row.get("customer_class"):
        words.append(term(f"customer_class.{row['customer_class']}"))
    if row.get("request_type"):
        words.append(term(f"type.{row['request_type']}"))
    return listed(words)


def level_words(level: str) -> str:
    """`P1 Urgent`, `any level`, `until judged`."""
    return f"{level} {term(f'level.{level}')}" if level in LEVELS else term(f"level.{level}")


def name_of(row: Mapping[str, Any]) -> str:
    """What a row speaks about: kind, level or channel, conditions."""
    who = term(f"channel.{row['channel']}") if row.get("channel") else level_words(row["level"])
    return " · ".join(filter(None, [term(f"clock.{row['kind']}"), who, note_of(row)]))


def line_of(row: Mapping[str, Any], data: Document, base: Document | None, old_rows: Mapping[str, Any]) -> Line:
    """One raw row as it stands in its cell."""
    cell = cell_of(row, data)
    old = old_cell(old_rows[row["id"]], base, row, dict(data)) if base is not None and row["id"] in old_rows else None
    mark = "" if base is None or old == cell else "new" if old is None else "changed"
    note = [note_of(row), _("warned at %(n)s %%", n=cell.warn) if "warn_share" in row else ""]
    return Line(
        id=row["id"],
        limit=term("limit.none") if row.get("off") else limit_words(row["amount"], row["unit"]),
        note=listed(filter(None, note)),
        calendar="" if row["unit"] in TIMELESS else calendar_name(row["calendar"]),
        clause=term(f"clause.{row['clause']}"),
        house=row.get("house", False),
        off=bool(row.get("off")),
        mark=mark,
        old=old_words(old, cell) if old is not None and mark == "changed" else "",
    )


def grids(data: Document, base: Document | None = None, *, apart: bool = False) -> list[Grid]:
    """The table of levels and the table of channels; `apart`: each channel in a row of its own, to be changed."""
    levels = _grid("level", LEVEL_KINDS, LEVELS, data, base)
    channels = _grid("channel", CHANNEL_KINDS, data["channels"], data, base)
    return [levels, channels if apart else _drawn_together(channels)]


def _grid(side: str, kinds: Iterable[str], names: Iterable[str], data: Document, base: Document | None) -> Grid:
    old = rows_by_id(base) if base else {}
    cells: dict[tuple[str, str], list[Line]] = {}
    for row in data["rows"]:
        if row.get(side):
            cells.setdefault((row[side], row["kind"]), []).append(line_of(row, data, base, old))
    present = [kind for kind in kinds if any(key[1] == kind for key in cells)]
    return Grid(side, present, [([name], [cells.get((name, kind), []) for kind in present]) for name in names])


def _drawn_together(grid: Grid) -> Grid:
    """The table with one row for all that have the same limits."""
    found: dict[Any, tuple[list[str], list[list[Line]]]] = {}
    for names, cells in grid.rows:
        same = tuple(tuple(line._replace(id="") for line in cell) for cell in cells)
        found.setdefault(same, ([], cells))[0].extend(names)
    return grid._replace(rows=list(found.values()))


def others(data: Document, base: Document | None = None) -> list[tuple[str, list[tuple[str, Line]]]]:
    """The limits of all other kinds, kind by kind: for whom, and the limit."""
    old = rows_by_id(base) if base else {}
    found: dict[str, list[tuple[str, Line]]] = {}
    for row in data["rows"]:
        side = "channel" if row.get("channel") else "level"
        if row["kind"] in (CHANNEL_KINDS if side == "channel" else LEVEL_KINDS) and row[side] != "any":
            continue
        who = term(f"channel.{row['channel']}") if side == "channel" else level_words(row["level"])
        found.setdefault(row["kind"], []).append((who, line_of(row, data, base, old)))
    return list(found.items())


def combining(data: Document, base: Document | None = None) -> list[Combining]:
    """How level and channel of each kind meet."""
    found = []
    for kind, hows in data["combine"].items():
        was = base["combine"].get(kind, {}) if base else hows
        cells = []
        for level in (UNJUDGED, *LEVELS):
            new, old = hows.get(level, ""), was.get(level, "")
            cells.append((term(f"combine.{new}"), term(f"combine.{old}") if new != old else ""))
        found.append(Combining(kind, cells))
    return found


def changes(old: Document, new: Document) -> list[Changed]:
    """What a version says differently from another, line by line."""
    found = []
    for one in differences(dict(old), dict(new)):
        if one.what == "row":
            found.append(Changed(name_of(one.row), cell_words(one.old), cell_words(one.new)))
        elif one.what == "ladder":
            found.append(Changed(ladder_view.part_name(one.row), *ladder_view.parts(one.row, one.old, one.new)))
        elif one.what == "further":
            name = one.row["point"]
            found.append(Changed(term(f"further.{name}"), point_words(name, one.old), point_words(name, one.new)))
        else:
            name = f"{term('clock.' + one.row['kind'])} · {level_words(one.row['level'])}"
            found.append(Changed(name, term(f"combine.{one.old}"), term(f"combine.{one.new}")))
    return found


def point_words(name: str, text: str) -> str:
    """A further point in words: `4 h`, `1 working day`, `30`."""
    return text if name in further.NUMBERS else limit_words(*parsed(text))


def further_lines(data: Document, base: Document | None = None) -> list[ladder_view.Words]:
    """The further points as the page shows them, with the base's words where a draft says otherwise."""
    now, before = further.points(data), further.points(base or data)
    return [
        ladder_view.Words(
            term(f"further.{name}"), point_words(name, now[name]),
            point_words(name, before[name]) if before[name] != now[name] else "",
        )
        for name in further.POINTS
    ]  # fmt: skip
