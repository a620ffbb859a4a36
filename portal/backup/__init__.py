"""The backup channel (EM5, IN1): numbered paper sheets, what is entered afterwards, the offline page, the daily kit."""
