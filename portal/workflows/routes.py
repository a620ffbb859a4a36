"""The addresses of the room."""

from portal.workflows import sheet_pages

BLUEPRINTS = (sheet_pages.bp,)
