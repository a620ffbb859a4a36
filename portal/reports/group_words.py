"""Words of section 2 of the quarterly report: group customers and their services."""

from flask_babel import lazy_gettext as _l

TERMS = {
    "report.table.group": _l("Group customers on file at the end of the period"),
    "report.table.services": _l("Services of group customers, in the state they are in as this is counted"),
    "report.col.group": _l("Group customers"),
    "report.col.service": _l("Kind of service"),
    "report.col.begun": _l("Begun in the period"),
    "report.group.files": _l("On file"),
    "report.group.files_new": _l("Taken on in the period"),
    "report.group.contracts": _l("With a contract in force"),
    "report.group.contracts_ended": _l("Contract ended in the period"),
    "report.group.contracts_ending": _l("Contract ends within 90 days after it"),
}
