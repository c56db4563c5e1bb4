"""Search: what was said, found by its words, by whom and where, among what somebody may read."""
