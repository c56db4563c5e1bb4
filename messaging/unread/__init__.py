"""Unread: marking messages as unread from one on, and all that is unread."""
