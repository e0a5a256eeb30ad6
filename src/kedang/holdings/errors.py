"""Faults of the archive as a whole."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class NoCase(KedangError):
    """There is no case here yet; open one with `kedang init`."""

    code = "KD-H101"
    kind = Kind.NOT_FOUND


class WhichCase(KedangError):
    """This home holds several cases; say which one with --case."""

    code = "KD-H102"
    kind = Kind.MALFORMED


class CaseExists(KedangError):
    """The fonds number is taken; choose another one with --code."""

    code = "KD-H103"
    kind = Kind.CONFLICT


class HomeBusy(KedangError):
    """Another kedang is working in this home; wait for it or stop it."""

    code = "KD-H104"
    kind = Kind.CONFLICT


class HomeOnNetwork(KedangError):
    """The home lies on a network file system, where locks and flushes cannot be relied on."""

    code = "KD-H105"
    kind = Kind.REFUSED


class CaseLocked(KedangError):
    """No slot of the key sheet could be opened with what was given."""

    code = "KD-H106"
    kind = Kind.REFUSED


class KeySheetMissing(KedangError):
    """The key sheet is at none of its registered places."""

    code = "KD-H107"
    kind = Kind.UNAVAILABLE


class EpochChanged(KedangError):
    """The keys of the case were changed meanwhile; start the work again."""

    code = "KD-H108"
    kind = Kind.CONFLICT


class RecordUnknown(KedangError):
    """No record has this number or id."""

    code = "KD-H109"
    kind = Kind.NOT_FOUND


class DiskNearlyFull(KedangError):
    """Too little room is left on the disk; what has been taken in is safe, the rest waits."""

    code = "KD-H110"
    kind = Kind.UNAVAILABLE


class SealingFailed(KedangError):
    """The sealing process ended; nothing that was committed is touched. Run the command again."""

    code = "KD-H111"
    kind = Kind.UNAVAILABLE


class QuestionUnknown(KedangError):
    """No open question has this id."""

    code = "KD-H112"
    kind = Kind.NOT_FOUND


class AnswerUnknown(KedangError):
    """This question cannot be answered so."""

    code = "KD-H113"
    kind = Kind.MALFORMED


class KeysInsideHome(KedangError):
    """Key sheet and secret must not lie inside the home: a copy of the home would carry its keys."""

    code = "KD-H114"
    kind = Kind.REFUSED


class CaseMalformed(KedangError):
    """The fonds number, the way of review or an industry pack is none that kedang knows; `field` says which."""

    code = "KD-H115"
    kind = Kind.MALFORMED
