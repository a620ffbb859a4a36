"""Screens that join rooms: queues, my cases, my day."""
