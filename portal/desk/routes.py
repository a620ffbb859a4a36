"""The desk's URLs: my day, queues, the case page, health."""

from portal.desk import (
    absence_pages,
    announcement_pages,
    asked,
    bulk_pages,
    customer_pages,
    dispute_page,
    draft_pages,
    following_page,
    group_import_pages,
    handover_pages,
    home,
    incident_drafts,
    judging,
    list_pages,
    mention_page,
    order_import_pages,
    presence_pages,
    print_pages,
    promise_pages,
    queue_pages,
    summary_pages,
    task_pages,
    time_page,
    told_page,
    undo_page,
    view_pages,
)
from portal.desk.case_page import cases_bp
from portal.desk.health import bp as health_bp

BLUEPRINTS = (
    home.bp, cases_bp, health_bp, asked.bp, announcement_pages.bp, customer_pages.bp, handover_pages.bp, list_pages.bp,
    order_import_pages.bp, group_import_pages.bp, summary_pages.bp, task_pages.bp, absence_pages.bp,
    incident_drafts.bp,
)  # fmt: skip
PAGES = (  # importing them hangs their URLs on a blueprint
    bulk_pages,
    customer_pages,
    dispute_page,
    draft_pages,
    following_page,
    home,
    judging,
    list_pages,
    mention_page,
    presence_pages,
    print_pages,
    promise_pages,
    queue_pages,
    summary_pages,
    task_pages,
    time_page,
    told_page,
    undo_page,
    view_pages,
)
