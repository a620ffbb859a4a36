"""The worker: what happens without anyone clicking."""
