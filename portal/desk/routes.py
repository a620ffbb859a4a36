"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import (
    dispute_page,
    home,
    promise_pages,
    queue_pages,
    told_page,
)
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (home.bp, cases_bp, health_bp)
PAGES = (dispute_page, home, promise_pages, queue_pages, told_page)  # importing them hangs their URLs on a blueprint
