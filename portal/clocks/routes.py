"""URLs of calendars and of the policy."""

from portal.clocks import calendar_pages, policy_pages

BLUEPRINTS = (calendar_pages.bp, policy_pages.bp)
