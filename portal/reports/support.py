"""Section 4 of the quarterly report: support projects, and what was due for group customers (WF6, WF7)."""

from typing import Any

from portal.corporate import queries
from portal.kernel.i18n import term
from portal.reports.rules import Span

Rows = list[tuple[str, list[Any]]]
KINDS = ("milestone", "report", "maintenance")


def projects(found: Span) -> tuple[str, list[str], Rows, tuple[str, list[Any]]]:
    """Projects by the state in which they stood when counting stopped: caption, columns, rows, foot."""
    rows: Rows = [
        (term(f"project_state.{state}"), [n]) for state, n in queries.projects_by_state(found.until).items()
    ]  # fmt: skip
    columns = [term("report.col.state"), term("report.col.projects")]
    return term("report.table.projects"), columns, rows, (term("report.total"), [sum(row[1][0] for row in rows)])


def kept(found: Span) -> tuple[str, list[str], Rows]:
    """By kind, what fell due in the quarter and what was done by its day, and by the day first agreed."""
    rows: Rows = []
    for kind in KINDS:
        for code, one in queries.kept(kind, found.start, found.until).items():
            label = term(f"report_kind.{code}") if code else term(f"due_kind.{kind}")
            rows.append((label, [one.due, one.met, _share(one.met, one.due), _share(one.first_met, one.first_due)]))
    columns = [
        term(f"report.col.{head}") for head in ("what_due", "fell_due", "in_time", "in_time_share", "first_share")
    ]
    return term("report.table.kept"), columns, rows


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
