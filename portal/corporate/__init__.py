"""Group customers: what a corporate customer's file holds beyond the customer file, and support projects."""
