"""Questions asked often: leaf categories with three cases or more in the period, and whether an article answers."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel import clock
from portal.kernel.db import read
from portal.kernel.i18n import gettext as _
from portal.knowledge import queries

bp = Blueprint("asked", __name__, url_prefix="/knowledge/asked")
OFTEN = 3  # IN8: cases of one leaf category in the period
PERIODS = (30, 90, 365)  # days
COUNTED = (
    "SELECT request_type, category, count(*) FROM cases WHERE received_at >= :since AND received_at <= :now"
    " AND state NOT IN ('void', 'merged') GROUP BY request_type, category HAVING count(*) >= :often"
    " ORDER BY count(*) DESC, request_type, category"
)


class Leaf(NamedTuple):
    """A leaf category: how many cases it had, and the numbers of its articles in force."""

    request_type: str
    category: str
    cases: int
    articles: tuple[str, ...]


def leaves(since: int, now: int, articles: dict[str, queries.Held]) -> list[Leaf]:
    """The leaf categories asked often between two instants (epoch seconds), the most frequent first."""
    by_leaf: dict[tuple[str, str], list[str]] = {}
    for code, one in articles.items():
        by_leaf.setdefault((one.data["request_type"], one.data["category"]), []).append(code)
    rows = read(COUNTED, {"since": since, "now": now, "often": OFTEN})
    return [Leaf(kind, category, n, tuple(sorted(by_leaf.get((kind, category), ())))) for kind, category, n in rows]


@bp.get("")
def often() -> Any:
    """Leaf categories asked often, those without an article first."""
    allow(current_actor(), "article.view")
    now, wanted = clock.now(), request.args.get("days", "")
    days = int(wanted) if wanted in map(str, PERIODS) else PERIODS[0]
    found = leaves(
        int((now - timedelta(days=days)).timestamp()), int(now.timestamp()), queries.held("article", now)
    )  # fmt: skip
    words = [(str(n), _("last %(n)s days", n=n)) for n in PERIODS]
    return render_template(
        "knowledge/asked.html", open=[x for x in found if not x.articles], answered=[x for x in found if x.articles],
        days=str(days), periods=words, often=OFTEN,
    )  # fmt: skip
