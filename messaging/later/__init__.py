"""Later: messages that are sent at a time of their own, and reminders."""
