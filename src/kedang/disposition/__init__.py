"""Retention: schedule, triggers, holds and the reckoning of how long a record must be kept."""
