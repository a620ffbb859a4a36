"""The duty roster: who holds which role when, inside and outside working hours, and what a shift leaves to the next."""
