"""What can go wrong in the list of records. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class CursorMalformed(KedangError):
    """The cursor leads to no place in this list; begin at its first page."""

    code = "KD-H341"
    kind = Kind.MALFORMED


class SelectionChanged(KedangError):
    """Since the effect was shown, the records concerned have changed; look at it again."""

    code = "KD-H342"
    kind = Kind.CONFLICT


class ViewUnknown(KedangError):
    """This person has saved no such view, or has removed it."""

    code = "KD-H343"
    kind = Kind.NOT_FOUND


class TooManyAtOnce(KedangError):
    """More records than are changed or written at once; narrow the choice, or do it in several goes."""

    code = "KD-H344"
    kind = Kind.REFUSED

    def __init__(self, *, chosen: int, most: int) -> None:
        super().__init__(chosen=chosen, most=most)
