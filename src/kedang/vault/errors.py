"""What can go wrong with sealed things.

Families: 1 blobs, 2 stores, 3 packs, 4 pages, 5 sheet, 6 shares, 7 hardware tokens, 8 places of the sheet.
"""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class NotSealed(KedangError):
    """The bytes do not begin as a sealed blob of a version this release reads; heal from a copy."""

    code = "KD-V101"
    kind = Kind.CORRUPT


class KeyMismatch(KedangError):
    """The key commitment differs: another key, another role or suite, or a damaged header."""

    code = "KD-V102"
    kind = Kind.CORRUPT


class BlobDamaged(KedangError):
    """A chunk is altered, missing, moved or bound to another record; heal from a copy."""

    code = "KD-V103"
    kind = Kind.CORRUPT


class RowAltered(KedangError):
    """The clear columns of a row do not match their MAC; the row was edited outside kedang."""

    code = "KD-V104"
    kind = Kind.CORRUPT


class ObjectExists(KedangError):
    """An object of that name is stored already; objects are never overwritten."""

    code = "KD-V201"
    kind = Kind.CONFLICT


class ObjectMissing(KedangError):
    """No object of that name is in the store; look in the copies."""

    code = "KD-V202"
    kind = Kind.NOT_FOUND


class StorageFull(KedangError):
    """The store has no room left; make room and run again."""

    code = "KD-V203"
    kind = Kind.UNAVAILABLE


class StoreUnavailable(KedangError):
    """The store could not be reached or refused the operation; try again later."""

    code = "KD-V204"
    kind = Kind.UNAVAILABLE


class ObjectShort(KedangError):
    """The object ends before the range that was asked for; heal from a copy."""

    code = "KD-V205"
    kind = Kind.CORRUPT


class StoreUnsuitable(KedangError):
    """The bucket overwrites objects, ignores ranges, or does not list or delete; choose another."""

    code = "KD-V206"
    kind = Kind.REFUSED


class PackDamaged(KedangError):
    """The pack's header, index or footer is altered or cut off; heal from a copy."""

    code = "KD-V301"
    kind = Kind.CORRUPT


class PackForeign(KedangError):
    """The pack says that it is another pack or of another case."""

    code = "KD-V302"
    kind = Kind.CORRUPT


class PackedBlobAltered(KedangError):
    """The bytes of one blob in a pack do not match the digest in the index; heal from a copy."""

    code = "KD-V303"
    kind = Kind.CORRUPT


class KeyPageDamaged(KedangError):
    """The key page is altered or cut off; heal from a copy."""

    code = "KD-V401"
    kind = Kind.CORRUPT


class KeyPageForeign(KedangError):
    """The key page belongs to another case, epoch or page id."""

    code = "KD-V402"
    kind = Kind.CORRUPT


class EpochKeyMismatch(KedangError):
    """The epoch key does not open this page: the page is of an epoch whose key was destroyed."""

    code = "KD-V403"
    kind = Kind.REFUSED


class KeySheetMalformed(KedangError):
    """The bytes are no key sheet that this release reads; take the sheet from another place."""

    code = "KD-V501"
    kind = Kind.CORRUPT


class KeySheetAltered(KedangError):
    """The key sheet was changed after it was made; take the sheet from another place."""

    code = "KD-V502"
    kind = Kind.CORRUPT


class KeySheetStale(KedangError):
    """The key sheet is older than the ledger or than one already seen; take the current one."""

    code = "KD-V503"
    kind = Kind.REFUSED


class WrongSecret(KedangError):
    """The secret opens no slot of the sheet; type it again or use another slot."""

    code = "KD-V504"
    kind = Kind.REFUSED


class SlotMissing(KedangError):
    """The sheet has no slot of that kind or id."""

    code = "KD-V505"
    kind = Kind.NOT_FOUND


class LastSlot(KedangError):
    """The slot is the only one left; without it nobody could ever open the case."""

    code = "KD-V506"
    kind = Kind.REFUSED


class KeySheetForeign(KedangError):
    """The key sheet is of another case; take this case's sheet."""

    code = "KD-V507"
    kind = Kind.REFUSED


class SlotRemoved(KedangError):
    """The slot that opened the case is no longer in the key sheet; unlock again with another secret."""

    code = "KD-V508"
    kind = Kind.REFUSED


class KeySheetForked(KedangError):
    """Two key sheets claim the same place in the chain, or one is missing; find out who made the other."""

    code = "KD-V509"
    kind = Kind.CONFLICT


class ShareMistyped(KedangError):
    """A share has an unknown word, a wrong length or fails its check words; compare it with the card."""

    code = "KD-V601"
    kind = Kind.MALFORMED


class SharesForeign(KedangError):
    """The shares do not belong together; use shares printed at the same time for the same case."""

    code = "KD-V602"
    kind = Kind.REFUSED


class SharesTooFew(KedangError):
    """There are fewer shares than the quorum asks for; bring more of them."""

    code = "KD-V603"
    kind = Kind.REFUSED


class TokenModuleMissing(KedangError):
    """The token's PKCS#11 module is not installed or cannot be loaded; install its driver."""

    code = "KD-V701"
    kind = Kind.UNAVAILABLE


class TokenMissing(KedangError):
    """The hardware token is not plugged in, or several are and none was named."""

    code = "KD-V702"
    kind = Kind.UNAVAILABLE


class TokenPinWrong(KedangError):
    """The token refused the PIN, and was asked once only: tokens lock after a few wrong ones."""

    code = "KD-V703"
    kind = Kind.REFUSED


class TokenLocked(KedangError):
    """The token is locked after too many wrong PINs; its security officer unlocks it."""

    code = "KD-V704"
    kind = Kind.REFUSED


class TokenKeyMissing(KedangError):
    """The token does not hold the key that the slot names; plug in the right token."""

    code = "KD-V705"
    kind = Kind.NOT_FOUND


class TokenKeyUnfit(KedangError):
    """The token or its key cannot guard a secret here; use another key or another token."""

    code = "KD-V706"
    kind = Kind.REFUSED


class TokenFailed(KedangError):
    """The token reported a fault; take it out, plug it in and try again."""

    code = "KD-V707"
    kind = Kind.UNAVAILABLE


class PlaceKeepsVersions(KedangError):
    """The place keeps old versions or locks objects; a key sheet there could never be destroyed."""

    code = "KD-V801"
    kind = Kind.REFUSED


class PlaceSynced(KedangError):
    """The place is copied to others by a sync service; the key sheet would leave the house."""

    code = "KD-V802"
    kind = Kind.REFUSED


class PlaceVolatile(KedangError):
    """The place is in memory only and is empty after the next start; choose a disk or a stick."""

    code = "KD-V803"
    kind = Kind.REFUSED
