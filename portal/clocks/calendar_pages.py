"""Pages of working calendars."""

from flask import Blueprint

bp = Blueprint("calendars", __name__, url_prefix="/admin/calendars")
