"""What programs are let in by, and what the rooms of the HTTP API share."""
