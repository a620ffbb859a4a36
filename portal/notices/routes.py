"""URLs of what people are told outside the portal."""

from portal.notices import delivery_pages, my_pages

BLUEPRINTS = (delivery_pages.bp, my_pages.bp)
