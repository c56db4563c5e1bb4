"""What the database keeps of it, one noun a file."""
