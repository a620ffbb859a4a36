"""Emergency command: incidents, roles, tasks, timeline, board."""
