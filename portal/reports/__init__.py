"""Figures, the quarterly report, its PDF."""
