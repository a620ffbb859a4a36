"""URLs of the drafts of deeds: kept while one types, given up."""

from typing import Any

from flask import redirect, url_for

from portal.cases import queries
from portal.desk import case_deeds
from portal.desk.case_page import cases_bp
from portal.desk.deed_drafts import typed
from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.intake import drafts
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.i18n import gettext as _
from portal.kernel.i18n import local


@cases_bp.post("/<no>/draft/<deed>")
def keep_draft(no: str, deed: str) -> Any:
    """Keeps what is typed into a deed's form, for its author alone; the answer is what the page says about it."""
    actor, now, what = current_actor(), clock.now(), case_deeds.deed_by_name(deed)
    case = queries.case_by_no(actor, no)
    allow(actor, what.verb, case)
    fields = typed(case_deeds.form_for(deed, case))
    with transaction():
        drafts.keep(actor, now, drafts.form_of(case, deed), fields, verb=what.verb, subject=case)
    return _("Draft saved %(time)s", time=f"{local(now):%H:%M:%S}")


@cases_bp.post("/<no>/draft/<deed>/drop")
def drop_draft(no: str, deed: str) -> Any:
    """Gives a deed's draft up; its form begins afresh."""
    actor, what = current_actor(), case_deeds.deed_by_name(deed)
    case = queries.case_by_no(actor, no)
    with transaction():
        drafts.drop(actor, drafts.form_of(case, deed), verb=what.verb, subject=case)
    return redirect(url_for("cases.ask", no=case.no, deed=deed), 303)
