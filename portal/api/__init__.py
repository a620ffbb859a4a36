"""JSON for other systems: requests and voicemails that arrive by machine, through the same actions as the screens."""
