"""Everyone's inbox: who is told of what, and the notification centre that shows it."""
