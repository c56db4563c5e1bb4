"""Files that people send beside what they say."""
