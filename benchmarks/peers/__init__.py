"""Small servers to compare with."""
