"""What people write: what is accepted, and how it becomes safe HTML."""
