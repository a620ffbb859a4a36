"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import dispute_page, home, queue_pages, summary_pages, task_pages
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (home.bp, cases_bp, health_bp, task_pages.bp, summary_pages.bp)
assert home.bp is queue_pages.bp
assert dispute_page.cases_bp is cases_bp
