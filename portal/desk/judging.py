"""What the judgement's form says while it is filled in: the level that the grounds propose, and why (SL5)."""

from typing import Any

from flask import render_template

from portal.cases import queries
from portal.desk import case_deeds, suggestions
from portal.desk.case_page import cases_bp
from portal.identity.policy import allow
from portal.identity.session import current_actor


@cases_bp.post("/<no>/do/judge/proposal")
def judge_proposal(no: str) -> Any:
    """The line about the level, as the form stands; keeps nothing."""
    actor = current_actor()
    case = queries.case_by_no(actor, no)
    allow(actor, "case.judge", case)
    form = case_deeds.form_for("judge", case)
    return render_template("desk/_judge_proposal.html", case=case, form=form, level=suggestions.level_of(form))
