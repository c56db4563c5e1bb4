"""Taking a chat away as a file."""
