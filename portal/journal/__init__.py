"""The journal: every change of every subject, in order, only ever added to."""
