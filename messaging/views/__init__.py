"""What the messenger answers over HTTP."""
