"""What pages follow: streams, the one door for pushes, verbs, live regions."""
