"""Faults of the engine."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class ParsersCannotRun(KedangError):
    """Parsing processes end before they have read anything, whatever they are given; nothing is refused for it."""

    code = "KD-W103"
    kind = Kind.UNAVAILABLE


class NoPackOpen(KedangError):
    """The sealing process was asked to seal before a pack was opened; a fault of kedang."""

    code = "KD-W104"
    kind = Kind.CORRUPT
