"""Pages of the push service, one noun a module."""
