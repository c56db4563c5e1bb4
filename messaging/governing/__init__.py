"""How people keep a room in order: its page, roles, its archive, and messages that moderators remove."""
