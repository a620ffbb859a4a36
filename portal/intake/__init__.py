"""Taking requests down."""
