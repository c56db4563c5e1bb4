"""People: what they say of themselves and how they are just now, and whom they do not want to hear."""
