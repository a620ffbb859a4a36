"""The addresses of the room."""

from portal.workflows import flow_pages, order_pages, raise_pages

BLUEPRINTS = (flow_pages.bp, raise_pages.bp, order_pages.bp)
