"""Copies of whole archives: registered, written, broken, drilled."""
