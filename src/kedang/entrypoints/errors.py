"""Faults that only a door can see: what the system or the database reports."""

from __future__ import annotations

from django.db import DatabaseError, OperationalError

from kedang.records.errors import KedangError, Kind


class SystemFault(KedangError):
    """The system could not read or write a file or folder; `errno` says why."""

    code = "KD-K101"
    kind = Kind.UNAVAILABLE


class DatabaseUnavailable(KedangError):
    """The database cannot be read or written now: locked, read-only, full or not running."""

    code = "KD-K102"
    kind = Kind.UNAVAILABLE


class DatabaseBroken(KedangError):
    """The database is damaged or was changed in a way that no release of kedang does."""

    code = "KD-K103"
    kind = Kind.CORRUPT


class CardFontMissing(KedangError):
    """A font of the share cards is not installed; the cards would have empty boxes in place of text."""

    code = "KD-K201"
    kind = Kind.UNAVAILABLE


class ControlsUnreadable(KedangError):
    """Control totals cannot be understood; `because` says what, `line` where."""

    code = "KD-K301"
    kind = Kind.MALFORMED


class OutputFormUnknown(KedangError):
    """The file that was asked for has an ending that says no form in which this can be written."""

    code = "KD-K302"
    kind = Kind.MALFORMED


class NoSuchPage(KedangError):
    """There is no page at this address, or not for this person."""

    code = "KD-K401"
    kind = Kind.NOT_FOUND


class FormExpired(KedangError):
    """The form is not of this session any more; load the page again and send it once more."""

    code = "KD-K402"
    kind = Kind.REFUSED


class Unforeseen(KedangError):
    """Something went wrong that was not foreseen; the program's output says where, without what it was about."""

    code = "KD-K403"
    kind = Kind.CORRUPT


class PersonUnconfirmed(KedangError):
    """The password, or the code of the second factor, is not that of whoever is signed in; nothing was done."""

    code = "KD-K405"
    kind = Kind.REFUSED


class CardsGone(KedangError):
    """The cards that were made are not in memory any more: too much time has passed, or the case was locked."""

    code = "KD-K406"
    kind = Kind.NOT_FOUND


class WitnessUnset(KedangError):
    """No time-stamping authority is set for this installation."""

    code = "KD-K407"
    kind = Kind.NOT_FOUND


class CursorUnreadable(KedangError):
    """The cursor is none that was given out; begin the list again without one."""

    code = "KD-K404"
    kind = Kind.MALFORMED


def fault_of(error: OSError | DatabaseError) -> KedangError:
    """The error of this room for one of the system's or the database's; its text names no path and no value."""
    if isinstance(error, OSError):
        return SystemFault(errno=error.errno or 0)
    return DatabaseUnavailable() if isinstance(error, OperationalError) else DatabaseBroken()
