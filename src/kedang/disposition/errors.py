"""What can be wrong with a retention schedule or with what is asked of it."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class ScheduleMalformed(KedangError):
    """The schedule has an unknown key, code or reference; nothing is reckoned by half a schedule."""

    code = "KD-D101"
    kind = Kind.MALFORMED


class PeriodMalformed(KedangError):
    """Not a period of the schedule: an ISO 8601 duration, PERM, INHERIT or HOLD."""

    code = "KD-D102"
    kind = Kind.MALFORMED


class CircumstanceUnknown(KedangError):
    """The schedule knows no such circumstance; use the codes under [circumstances]."""

    code = "KD-D103"
    kind = Kind.MALFORMED


class PackUnknown(KedangError):
    """No industry pack of this name."""

    code = "KD-D104"
    kind = Kind.NOT_FOUND


class MilestoneUnknown(KedangError):
    """The schedule knows no such milestone of a case."""

    code = "KD-D105"
    kind = Kind.MALFORMED


class ReckoningMalformed(KedangError):
    """The stored reckoning cannot be read back; reckon the record again."""

    code = "KD-D106"
    kind = Kind.CORRUPT
