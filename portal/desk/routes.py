"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import (
    asked,
    bulk_pages,
    dispute_page,
    draft_pages,
    following_page,
    home,
    presence_pages,
    promise_pages,
    queue_pages,
    told_page,
    view_pages,
)
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (home.bp, cases_bp, health_bp, asked.bp)
PAGES = (  # importing them hangs their URLs on a blueprint
    bulk_pages,
    dispute_page,
    draft_pages,
    following_page,
    home,
    presence_pages,
    promise_pages,
    queue_pages,
    told_page,
    view_pages,
)
