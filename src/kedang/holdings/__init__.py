"""The rows of the archive and the only ways to change them. The one Django app."""
