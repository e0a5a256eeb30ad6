"""Examples: a sample company whose records kedang can take in."""
