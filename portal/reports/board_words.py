"""Words of the dashboards."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "board.name.today": _l("Today"),
    "board.name.department": _l("Department board"),
    "board.name.month": _l("Month board"),
    "board.name.hotline": _l("Hotline board"),
    "board.name.management": _l("Management board"),
    "board.rows.month": _l("Rates"),
    "board.rows.management": _l("Targets that were not reached"),
    "board.rows.hotline": _l("Figures of the telephone system"),
    "board.now": _l("This period"),
    "board.flow": _l("Received %(received)s, closed %(closed)s"),
    "board.flow_unit": _l("Received or taken over %(received)s, closed %(closed)s"),
    "board.came_in": _l("Received or taken over"),
    "board.attainment": _l("Result in time by level"),
    "board.satisfaction": _l("Satisfaction"),
    "board.ahead": _l("Limits that run out in the next 2 hours: %(n)s"),
    "board.used": _l("Share of the pressing limit that is used: %(n)s of %(of)s open cases are beyond it"),
    "board.aged": _l("Age of the backlog: %(n)s of %(of)s open cases are older than 14 days"),
    "board.days": _l("d"),
}
