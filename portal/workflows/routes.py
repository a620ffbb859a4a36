"""The addresses of the room."""

from portal.workflows import flow_pages

BLUEPRINTS = (flow_pages.bp,)
