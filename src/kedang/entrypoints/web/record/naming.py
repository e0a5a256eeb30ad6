"""Texts of names that come from tables which grow: kinds of facts, grounds, categories."""

from __future__ import annotations

from kedang.entrypoints.web.texts import web_texts


def named(kind: str, name: str) -> str:
    """The key of the text for a name; that of "other" while nobody has written one."""
    key = f"record.{kind}-{name}"
    return key if key in web_texts() else f"record.{kind}-other"
