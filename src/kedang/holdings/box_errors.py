"""What can go wrong with boxes and with what is printed for them. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class NothingToBox(KedangError):
    """Every record with a number lies in a box already, or none has a number yet."""

    code = "KD-H361"
    kind = Kind.CONFLICT


class BoxUnknown(KedangError):
    """There is no box of this number, or nothing lies in it."""

    code = "KD-H362"
    kind = Kind.NOT_FOUND


class NothingToPrint(KedangError):
    """No record with a number lies within what was chosen."""

    code = "KD-H363"
    kind = Kind.NOT_FOUND


class TooMuchToPrint(KedangError):
    """More was chosen than one file can hold; choose one class and year, or a box. `most` says how many."""

    code = "KD-H364"
    kind = Kind.MALFORMED
