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


class EpochChangeUnderway(KedangError):
    """A change of the keys has begun and not ended; it is carried through before another begins."""

    code = "KD-H121"
    kind = Kind.CONFLICT


class KeyPageDiffers(KedangError):
    """A key page does not hold the keys that it should; nothing has been destroyed."""

    code = "KD-H122"
    kind = Kind.CORRUPT


class TooFewPlaces(KedangError):
    """The new keys must lie in two places before the old ones end, and no copy is reached."""

    code = "KD-H123"
    kind = Kind.REFUSED


class CopyDiffers(KedangError):
    """A copy does not give back what was written to it."""

    code = "KD-H124"
    kind = Kind.CORRUPT


class OrderStale(KedangError):
    """What would be destroyed is not what was reviewed any more."""

    code = "KD-H125"
    kind = Kind.CONFLICT


class ClockDoubtful(KedangError):
    """The ledger or a time-stamp speaks against this computer's clock; nothing is destroyed by a doubtful clock.

    `against` says what: an `Against` of `kedang.ledger.clocks`.
    """

    code = "KD-H129"
    kind = Kind.CONFLICT


class NothingToDestroy(KedangError):
    """None of what was named is in the archive, or all of it has been destroyed already."""

    code = "KD-H126"
    kind = Kind.NOT_FOUND


class RecordDestroyed(KedangError):
    """The record has been destroyed; nobody can open it any more."""

    code = "KD-H127"
    kind = Kind.NOT_FOUND


class SegmentDestroyed(KedangError):
    """The read touches a range whose key was destroyed; the rest of the container can be read."""

    code = "KD-H136"
    kind = Kind.NOT_FOUND


class CannotDissolve(KedangError):
    """A container around what is to be destroyed has parts that are not kept; `because` says what is missing:
    no-parts, open, refused or questioned. Order without dissolving: the part is then restricted."""

    code = "KD-H131"
    kind = Kind.REFUSED


class RowsMalformed(KedangError):
    """Rows are named as a reference, a colon and numbers: G1-001:3,7-9."""

    code = "KD-H132"
    kind = Kind.MALFORMED


class RowsUnknown(KedangError):
    """The record has no table, or fewer rows (`rows`) than were named."""

    code = "KD-H133"
    kind = Kind.NOT_FOUND


class RowsUnclear(KedangError):
    """Which bytes the rows are cannot be told for certain; nothing was done. Destroy the whole record or leave it."""

    code = "KD-H134"
    kind = Kind.REFUSED


class ParsingFailed(KedangError):
    """The parsing process ended or gave no sound answer; nothing was changed. Run the command again."""

    code = "KD-H135"
    kind = Kind.UNAVAILABLE


class SourceInsideHome(KedangError):
    """What lies in the home is the archive itself and cannot be taken into it."""

    code = "KD-H116"
    kind = Kind.REFUSED


class SecretBesideSheet(KedangError):
    """The unattended secret must lie apart from the key sheets: who finds both opens everything."""

    code = "KD-H117"
    kind = Kind.REFUSED


class HomeReadOnly(KedangError):
    """The home cannot be written to, and without that no reading can be noted in the ledger."""

    code = "KD-H118"
    kind = Kind.REFUSED


class HomeOlder(KedangError):
    """The ledger is older than the head kept with the key sheets: the home was restored from a copy, or cut."""

    code = "KD-H119"
    kind = Kind.CONFLICT


class CustomerUnknown(KedangError):
    """No customer has this number, or all that was known of the customer has been erased."""

    code = "KD-H128"
    kind = Kind.NOT_FOUND


class KeyPlaceUnknown(KedangError):
    """No registered place of the key sheet has this number or id."""

    code = "KD-H161"
    kind = Kind.NOT_FOUND


class LastKeyPlace(KedangError):
    """No other place that is there holds the key sheet; the archive could never be opened without this one."""

    code = "KD-H165"
    kind = Kind.REFUSED


class SlotUnknown(KedangError):
    """No slot of the key sheet, or more than one, is meant by this id or kind."""

    code = "KD-H162"
    kind = Kind.NOT_FOUND


class SlotInUse(KedangError):
    """The case was opened by the slot that is to go; open it with another one first."""

    code = "KD-H163"
    kind = Kind.CONFLICT


class HomeNotEmpty(KedangError):
    """An archive is restored into an empty home only; this one has an archive already."""

    code = "KD-H151"
    kind = Kind.REFUSED


class RestoreUnfinished(KedangError):
    """A restore into this home was interrupted; nothing else is done before it has been carried through."""

    code = "KD-H154"
    kind = Kind.CONFLICT


class CopyUnusable(KedangError):
    """No key sheet here opens this copy's keys, or no snapshot in it has a living key."""

    code = "KD-H152"
    kind = Kind.REFUSED


class PackNotWhole(KedangError):
    """A pack of the copy is damaged."""

    code = "KD-H153"
    kind = Kind.CORRUPT


class CopyAddressMalformed(KedangError):
    """The address of a copy, its endpoint or what opens it is missing or wrong; `field` says which."""

    code = "KD-H141"
    kind = Kind.MALFORMED


class CopyPlaceTaken(KedangError):
    """The place holds something else than a copy of this case; name an empty folder or prefix."""

    code = "KD-H142"
    kind = Kind.REFUSED


class CopyTwice(KedangError):
    """This place is registered as a copy already."""

    code = "KD-H143"
    kind = Kind.CONFLICT


class CopyMisplaced(KedangError):
    """A copy must not lie in or around the home, a place of keys, a source or another copy; `beside` says which."""

    code = "KD-H144"
    kind = Kind.REFUSED


class CopyAbsent(KedangError):
    """The place is there, but the registered copy is not: a disk that is not mounted, or another one."""

    code = "KD-H145"
    kind = Kind.UNAVAILABLE


class CopyUnknown(KedangError):
    """No copy has this number, name or id."""

    code = "KD-H146"
    kind = Kind.NOT_FOUND


class HomeLacksObject(KedangError):
    """An object that the copy should get is missing or unreadable in the home."""

    code = "KD-H147"
    kind = Kind.CORRUPT


class NoCopies(KedangError):
    """No copy is registered; register one with `kedang copies add`."""

    code = "KD-H148"
    kind = Kind.NOT_FOUND


class AlarmUnsent(KedangError):
    """The mail that tells of late backups could not be sent."""

    code = "KD-H149"
    kind = Kind.UNAVAILABLE


class DrillWithoutSnapshot(KedangError):
    """The copy has no snapshot whose key is alive; back up first."""

    code = "KD-H150"
    kind = Kind.UNAVAILABLE


class KeyPlaceBehind(KedangError):
    """The place was not reached since the keys were changed: it still holds the old key sheet."""

    code = "KD-H164"
    kind = Kind.CONFLICT
