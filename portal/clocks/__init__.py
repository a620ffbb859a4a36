"""Calendars, policies and the clocks of a case."""
