"""What can be wrong with a reference code, a numbering scheme or a finding aid."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class ReferenceCodeMalformed(KedangError):
    """The text is not a 档号 of DA/T 13-2022 or of the DA/T 22-2015 form; check it against the scheme."""

    code = "KD-C101"
    kind = Kind.MALFORMED


class SchemeMalformed(KedangError):
    """The numbering scheme lacks a class, repeats a series or names a period that does not exist."""

    code = "KD-C102"
    kind = Kind.MALFORMED


class PeriodUnknown(KedangError):
    """The retention period is neither permanent nor a duration that the ladder can be applied to."""

    code = "KD-C103"
    kind = Kind.MALFORMED


class SeriesFull(KedangError):
    """The series has used every number of its digits; give the series more digits in the scheme."""

    code = "KD-C104"
    kind = Kind.CONFLICT


class ClassSchemeUnknown(KedangError):
    """No class scheme of this name, or it has no class of this title."""

    code = "KD-C105"
    kind = Kind.NOT_FOUND


class LabelUnknown(KedangError):
    """A finding-aid column or value has no label; columns.toml must name every one."""

    code = "KD-C201"
    kind = Kind.MALFORMED


class StandardMalformed(KedangError):
    """The archiving standard is wrong: an unknown kind or field, a value missing, or an id twice."""

    code = "KD-C202"
    kind = Kind.MALFORMED
