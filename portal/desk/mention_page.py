"""Who may be named with @ in a note on a case, while somebody types (DK5)."""

from typing import Any

from flask import jsonify, request

from portal.cases import queries
from portal.cases.mentions import mentionable
from portal.desk.caches import units
from portal.desk.case_page import cases_bp
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.kernel.i18n import locale


@cases_bp.get("/<no>/mentionable")
def who_may_be_named(no: str) -> Any:
    """People whose name or login begins so (`q`), who may see the case; its department first, at most eight."""
    actor = current_actor()
    case = queries.case_by_no(actor, no)
    allow(actor, "case.note", case)
    names = {unit.id: unit.called(locale()) for unit in units().values()}
    found = mentionable(actor, case, request.args.get("q", "")[:20])
    return jsonify(people=[{"name": p.name, "login": p.login, "unit": names.get(p.unit_id or 0, "")} for p in found])
