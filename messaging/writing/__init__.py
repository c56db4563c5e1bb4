"""Writing: drafts, previews, what is completed while one types, and what a message said before it was edited."""
