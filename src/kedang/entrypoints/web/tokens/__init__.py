"""Tokens of the API: one makes one's own; whoever gives permissions sees and ends all."""
