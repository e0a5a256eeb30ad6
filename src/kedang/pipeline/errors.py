"""Faults of the engine."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class NoPackOpen(KedangError):
    """The sealing process was asked to seal before a pack was opened; a fault of kedang."""

    code = "KD-W104"
    kind = Kind.CORRUPT
