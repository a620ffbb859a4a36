"""The last look at an answer before it leaves: numbers and names that the reader's work does not need are hidden.

Pages mask their fields themselves; this is the net below them, for whatever somebody wrote into a text. It is drawn
for those alone who read no customer's number anywhere, and costs everybody else one look into a memory.
"""

from functools import lru_cache
from typing import Any

from flask import Response, g, request

from portal.directory.rules import masked_name
from portal.directory.sight import blind
from portal.identity import session
from portal.kernel import masking
from portal.kernel.db import read

# rooms without a customer's data: rules, texts for everybody, the portal's own files and doors
OPEN_ROOMS = frozenset(
    (None, "identity", "health", "articles", "wordings", "policies", "flows", "calendars", "lists", "proposals")
)
OF_CASE = "SELECT customer_name, caller FROM cases WHERE no = :no"
OF_CUSTOMER = "SELECT name, '' FROM customer WHERE id = :id"
OF_IDENTITIES = "SELECT value, '' FROM customer_contact WHERE customer_id = :id AND kind = 'name'"


def cover(answer: Response) -> Response:
    """Hides in an answer what this reader may not see; files and PDF were masked where they were made."""
    here = session.present() if request.blueprint not in OPEN_ROOMS and request.endpoint != "static" else None
    if here is None or not blind(here.actor) or revealed(answer):
        return answer
    known = asked_for() | g.get("numbers_for_all", frozenset())
    if "Content-Disposition" in answer.headers:
        answer.headers["Content-Disposition"] = masking.hidden(answer.headers["Content-Disposition"])
    if answer.direct_passthrough or not answer.is_sequence or not readable(answer):
        return answer
    body = answer.get_data()
    hidden = _hidden(body, known, tuple(names(request.view_args or {})))
    if hidden != body:
        answer.set_data(hidden)
    return answer


@lru_cache(maxsize=32)
def _hidden(body: bytes, known: frozenset[str], of: tuple[str, ...]) -> bytes:
    """A body with these numbers left and these names hidden; fifty screens of one board get the same one."""
    text = body.decode()
    hidden = masking.without_names(masking.hidden(text, known=known), of)
    return body if hidden == text else hidden.encode()


def readable(answer: Response) -> bool:
    """Whether an answer is text."""
    kind = answer.mimetype or ""
    return kind.startswith("text/") or kind == "application/json"


def revealed(answer: Response) -> bool:
    """Whether this answer is the one field that was just asked for with a purpose, and written down."""
    return answer.headers.pop("X-Revealed", "") == "1"


def asked_for() -> frozenset[str]:
    """Numbers that the reader typed into this very request: they are no news to him, and a form keeps them."""
    said = "\n".join([*request.args.values(), *(request.form.values() if request.method == "POST" else ())])
    return frozenset(number for _kind, number in masking.numbers(said)) if said else frozenset()


def meant_for_all(text: str) -> None:
    """Lets the numbers of a text for the public through: whoever publishes it has to see that they are ours."""
    g.numbers_for_all = g.get("numbers_for_all", frozenset()) | {number for _kind, number in masking.numbers(text)}


def names(arguments: dict[str, Any]) -> list[str]:
    """The names of the customer whose case or file the address leads to."""
    found: list[tuple[Any, ...]] = []
    if "no" in arguments:
        found += read(OF_CASE, {"no": str(arguments["no"]).strip().upper()})
    customer = arguments.get("customer_id", arguments.get("owner_id"))
    if isinstance(customer, int) and customer < 1 << 62:
        found += read(OF_CUSTOMER, {"id": customer}) + read(OF_IDENTITIES, {"id": customer})
    return [name for row in found for name in row if name and masked_name(name) != name]
