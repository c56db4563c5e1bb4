"""Outgoing webhooks of rooms: what is said in one, its threads with it, for other programs."""
