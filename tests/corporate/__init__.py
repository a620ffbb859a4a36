"""Group customers and support projects."""
