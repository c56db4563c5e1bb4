"""Reading what programs post: pure functions from bytes to texts, a file for each dialect."""
