"""The two-year archive: filing, searching, reading."""
