"""People, units, roles, sessions, and the one table of who may do what."""
