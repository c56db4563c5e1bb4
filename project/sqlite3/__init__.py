"""SQLite for a web server with many threads: they write one after the other, each in its turn."""
