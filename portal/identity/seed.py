"""The units every installation starts with; more are added by the administrator."""

from portal.identity import queries
from portal.identity.actions import add_unit
from portal.identity.actor import SYSTEM

UNITS = (
    ("hq", "总部", "Headquarters", "headquarters", None),
    ("service", "客户服务部", "Customer service", "department", "hq"),
    ("tech", "技术支持组", "Technical support", "department", "hq"),
    ("business", "业务处理组", "Business processing", "department", "hq"),
    ("improvement", "服务优化组", "Service improvement", "department", "hq"),
)


def seed_units() -> None:
    """Adds the units that are not there yet. Call inside transaction()."""
    known = {u.code: u.id for u in queries.units()}
    for code, name, name_en, kind, parent in UNITS:
        if code not in known:
            unit = add_unit(SYSTEM, code, name, name_en=name_en, kind=kind, parent_id=known.get(parent or ""))
            known[code] = unit.id
