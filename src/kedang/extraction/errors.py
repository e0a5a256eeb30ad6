"""What can go wrong while reading; `extract` turns each into a problem of the thing that was read."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind

# Problems without an error class: the reader went on and says what it left out.
PARTLY_READ = "KD-E103"
EMPTY = "KD-E104"
UNKNOWN_FORMAT = "KD-E106"
TEXT_CUT = "KD-E107"
NUMBERS_DAMAGED = "KD-E108"
PAGES_CUT = "KD-E109"
ROWS_CUT = "KD-E110"
CHARSET_UNSURE = "KD-E112"


class ExtractionError(KedangError):
    """One thing cannot be read; its original is kept as it is."""

    code = "KD-E100"
    kind = Kind.MALFORMED


class Encrypted(ExtractionError):
    """A password is needed; ask for it, or keep the original unread."""

    code = "KD-E101"
    kind = Kind.REFUSED


class Damaged(ExtractionError):
    """The bytes break the rules of their format so that nothing can be read; look for another copy."""

    code = "KD-E102"
    kind = Kind.CORRUPT


class FormatNotReadable(ExtractionError):
    """The format is known, but this version has no reader for it."""

    code = "KD-E105"
    kind = Kind.UNAVAILABLE


class LimitExceeded(ExtractionError):
    """Reading would cost more than the limits allow; `limit` names the one that was met."""

    code = "KD-E111"
    kind = Kind.REFUSED


class RowsUnreadable(ExtractionError):
    """The bytes cannot be parted into rows of a table that give them back exactly; `because` says why."""

    code = "KD-E113"
    kind = Kind.REFUSED


# Pictures, OCR and sound.
PICTURE_CUT_SHORT = "KD-E301"
OCR_UNSURE = "KD-E303"
NOTHING_WRITTEN = "KD-E304"
PAGE_NOT_SHOWN = "KD-E305"
NOT_TRANSCRIBED = "KD-E401"


class PictureTooLarge(LimitExceeded):
    """A picture has more points than the limits allow; refused by its header, before decoding."""

    code = "KD-E302"
    kind = Kind.REFUSED


class OcrModelsMissing(ExtractionError):
    """The OCR networks are not where the installed package should hold them; install it again."""

    code = "KD-E306"
    kind = Kind.UNAVAILABLE


class SpeechModelUnusable(ExtractionError):
    """The speech model folder that the user named lacks a file or does not load."""

    code = "KD-E402"
    kind = Kind.UNAVAILABLE
