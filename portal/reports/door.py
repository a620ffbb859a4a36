"""The one blueprint of the reports' pages, for the modules that share its address."""

from flask import Blueprint

bp = Blueprint("reports", __name__, url_prefix="/reports")
