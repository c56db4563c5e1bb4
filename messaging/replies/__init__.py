"""Replies: messages that answer one said before, and show whom and what."""
