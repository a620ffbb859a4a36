"""The index of ended orders: the tokens of their texts in one table for all of them, known by the order's id.

It is of the same kind as a quarter's (`stores.py`), and filled anew like one when tokens change.
"""

from collections.abc import Iterable

from pyroaring import BitMap

from portal.archive.indexes import ORDERS, Match
from portal.archive.query_rules import Query
from portal.archive.stores import store
from portal.identity import actions, queries
from portal.kernel import tokens
from portal.kernel.db import db, read, transaction

FACT = "order_index"  # of which version of tokens it is
CHUNK = 500
EMPTIED = {
    "sqlite": "INSERT INTO archive_orders(archive_orders) VALUES('delete-all')",
    "postgresql": "DELETE FROM archive_orders",
}
TEXTS = f"SELECT order_id, text FROM order_record WHERE order_id > :after ORDER BY order_id LIMIT {CHUNK}"


def add(rows: Iterable[tuple[int, str]]) -> None:
    """Files orders under the tokens of their texts. Call inside transaction()."""
    here = store()
    here.add(ORDERS, [(order_id, here.spelled(_tokens(text))) for order_id, text in rows])


def remove(order_id: int, text: str) -> None:
    """Takes an order out; the text is the one it was filed with."""
    store().remove(ORDERS, order_id, _tokens(text))


def _tokens(text: str) -> list[str]:
    return sorted(tokens.filed(text))


def hits(query: Query) -> BitMap | None:
    """The orders that may fit the words of a query; None where it has none that would have to occur."""
    wanted = [*query.terms, *(term for _, term in query.fields)]
    said = dict.fromkeys(token for term in wanted for token in sorted(tokens.of_term(term.folded)))
    return store().hits((ORDERS,), Match(tuple(said)))[0] if said else None


def bring_up() -> bool:
    """Fills it anew when its tokens are of another version; says whether it did. Opens its own transaction."""
    if queries.fact(FACT) == str(tokens.VERSION):
        return False
    with transaction() as session:
        session.connection().exec_driver_sql(EMPTIED[db.engine.dialect.name])
        after = 0
        while rows := read(TEXTS, {"after": after}):
            add((row[0], row[1]) for row in rows)
            after = rows[-1][0]
        actions.set_fact(FACT, str(tokens.VERSION))
    return True
