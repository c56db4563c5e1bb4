"""What staff tell many people: to whom, when, and who has acknowledged it."""
