"""Background tasks that report to the person who waits for them."""
