"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import home, queue_pages
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (home.bp, cases_bp, health_bp)
assert home.bp is queue_pages.bp
