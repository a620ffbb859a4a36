"""The one metrics room: what a figure is, how it is counted, its cases; every report and screen reads it here."""
