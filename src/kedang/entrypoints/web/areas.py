"""The areas of the web door: each a package with `urls`, `texts.toml`, `templates/<area>/`, perhaps `static/<area>/`."""

from __future__ import annotations

AREAS: tuple[str, ...] = (
    "overview",
    "customers",
    "taking_in",
    "checking",
    "review",
    "disposition",
    "keeping",
    "keys",
    "ledger",
    "jobs",
    "arranging",
    "tokens",
    "record",
    "labels",
    "archive",
    "account",
)
"""In the order of the navigation."""
