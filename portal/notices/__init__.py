"""What people are told: one row a person and step, delivered after the commit."""
