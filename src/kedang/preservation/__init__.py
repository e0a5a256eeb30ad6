"""Copies of the archive: what to write where, when, and how to know that they can be restored."""
