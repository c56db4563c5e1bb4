"""Presence: who looks at a page now, who has one open, and who is writing."""
