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


class PageNotDrawn(KedangError):
    """The picture of this page cannot be made; `because` is a code. The original is untouched."""

    code = "KD-W105"
    kind = Kind.UNAVAILABLE


class PlaceNotTold(KedangError):
    """Where a personal value stands on the page cannot be told, so the page is not shown covered."""

    code = "KD-W106"
    kind = Kind.REFUSED


class PhotoUnusable(KedangError):
    """No page can be made of a photograph; `because` says why. It is kept as it is: photograph the page once more."""

    code = "KD-W107"
    kind = Kind.UNAVAILABLE
