"""Standard wording and knowledge articles: versions drafted by one person and approved by another, used in cases."""
