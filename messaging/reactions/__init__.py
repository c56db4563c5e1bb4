"""Reactions: signs that people put beneath a message, each counted once for a person."""
