"""What can go wrong in finding out who is one customer. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class ModelUnreadable(KedangError):
    """Kept weights are not in a form that this release reads; learn them again on the case."""

    code = "KD-N101"
    kind = Kind.CORRUPT


class JudgementUnknown(KedangError):
    """A judgement names a mention that is not among those resolved; `place` is its position."""

    code = "KD-N102"
    kind = Kind.NOT_FOUND


class SampleImpossible(KedangError):
    """More wrong joins than checked ones, or nothing checked."""

    code = "KD-N103"
    kind = Kind.MALFORMED


class RowSetDamaged(KedangError):
    """A row set does not hold rows as they were written; restore its pack from a copy. `because` says what is wrong."""

    code = "KD-N201"
    kind = Kind.CORRUPT
