"""Messages: what is said, shown and told of."""
