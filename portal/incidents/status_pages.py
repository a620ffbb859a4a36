"""URL of the status page inside: what customers have been told, for everybody who works here."""

from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request

from portal.identity.policy import allow
from portal.identity.session import current_actor
from portal.incidents import status
from portal.kernel import clock
from portal.kernel.feed import feed, version
from portal.kernel.i18n import locale

bp = Blueprint("status", __name__, url_prefix="/status")


@bp.get("")
def index() -> Any:
    """Current announcements in both languages (EM4)."""
    allow(current_actor(), "status.view")
    return _page("incidents/status.html")


@bp.get("/changes")
def changes() -> Any:
    """Has something been said meanwhile? 204, or the announcements anew."""
    allow(current_actor(), "status.view")
    if request.headers.get("HX-PTag", "") == _tag():
        answer = make_response("", 204)
        answer.headers["HX-PTag"] = _tag()
        return answer
    return _page("incidents/_status_changes.html")


def _page(template: str) -> Any:
    tag = _tag()
    outside = current_app.config["PORTAL"].status_dir is not None
    matters, line = status.current(clock.now()), status.export_line(outside)
    answer = make_response(
        render_template(template, matters=matters, language=status.language(), export=line, tag=tag, whole=True)
    )
    answer.headers["HX-PTag"] = tag
    return answer


def _tag() -> str:
    """What a screen has seen; hour by hour anew, for what is over leaves the page by time."""
    return f"{feed.epoch}.{version('incidents')}.{version('status')}.{int(clock.now().timestamp()) // 3600}.{locale()}"
