"""Signing in, second factors, sessions, language."""
