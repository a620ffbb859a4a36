"""What customers think of it."""
