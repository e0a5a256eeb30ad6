"""What can go wrong in searching. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class QueryTooLong(KedangError):
    """The query has more characters or terms than are searched; shorten it."""

    code = "KD-S101"
    kind = Kind.MALFORMED


class QuoteOpen(KedangError):
    """A quotation mark is not closed; `position` is where it opens."""

    code = "KD-S102"
    kind = Kind.MALFORMED


class BracketOpen(KedangError):
    """Brackets do not pair; `position` is the odd one."""

    code = "KD-S103"
    kind = Kind.MALFORMED


class FilterMisplaced(KedangError):
    """A filter stands inside brackets or beside OR; filters hold for the whole query."""

    code = "KD-S104"
    kind = Kind.MALFORMED


class NothingToSearch(KedangError):
    """No letter, digit or ideograph is asked for."""

    code = "KD-S105"
    kind = Kind.MALFORMED


class OperandMissing(KedangError):
    """OR, a minus or a filter has nothing beside it; `position` is where it stands."""

    code = "KD-S106"
    kind = Kind.MALFORMED


class PartFull(KedangError):
    """The ordinal lies beyond the last one of a part; begin a new part."""

    code = "KD-S201"
    kind = Kind.REFUSED


class PartUnreadable(KedangError):
    """The index part is damaged or the key is another's; rebuild it from the records."""

    code = "KD-S202"
    kind = Kind.CORRUPT


class PartStale(KedangError):
    """The index part was made by other folding rules or another format; rebuild it."""

    code = "KD-S203"
    kind = Kind.CONFLICT


class PartBusy(KedangError):
    """Another process is writing the part or the disk is full; try again."""

    code = "KD-S204"
    kind = Kind.UNAVAILABLE


class PartFinished(KedangError):
    """The part is finished or open for reading only; words go to another part."""

    code = "KD-S205"
    kind = Kind.CONFLICT


class RolesClash(KedangError):
    """Administration, security, audit and records are duties of different people; give the roles to two."""

    code = "KD-S301"
    kind = Kind.CONFLICT


class NotPermitted(KedangError):
    """No grant of this person allows `act`; whoever gives permissions can widen them."""

    code = "KD-S302"
    kind = Kind.REFUSED

    def __init__(self, *, act: str, because: str) -> None:
        super().__init__(act=act, because=because)
