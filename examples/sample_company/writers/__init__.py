"""A paper as bytes of a format."""
