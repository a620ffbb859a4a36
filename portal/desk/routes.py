"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import bulk_pages, dispute_page, following_page, home, presence_pages, queue_pages, view_pages
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (home.bp, cases_bp, health_bp)
assert home.bp is queue_pages.bp
assert bulk_pages.bp is view_pages.bp is presence_pages.bp is queue_pages.bp
assert dispute_page.cases_bp is following_page.cases_bp is cases_bp
