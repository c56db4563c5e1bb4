"""Read receipts: who has read a message, by how far people have read, for those who show that of themselves."""
