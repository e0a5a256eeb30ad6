"""What can go wrong when questions are answered, records corrected and reviews made. Texts are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind

SENT_BACK = "KD-H420"
"""The question that a record has when its review sent it back."""


class DecidedMeanwhile(KedangError):
    """Somebody else has changed what this decision was about; look at it as it is now and decide again."""

    code = "KD-H401"
    kind = Kind.CONFLICT


class CorrectionUnknown(KedangError):
    """There is no such correction, or it is undone already."""

    code = "KD-H402"
    kind = Kind.NOT_FOUND


class CorrectionOverlaid(KedangError):
    """A later decision about the record rests on this one; undo that one first."""

    code = "KD-H403"
    kind = Kind.CONFLICT


class ValueImpossible(KedangError):
    """`field` cannot have this value, or nothing was said that could be recorded."""

    code = "KD-H404"
    kind = Kind.MALFORMED


class MayNotAnswer(KedangError):
    """Whoever is to answer has no grant for this record; grant it first or choose somebody else."""

    code = "KD-H405"
    kind = Kind.REFUSED


class ReasonNeeded(KedangError):
    """This decision needs a reason; say it."""

    code = "KD-H406"
    kind = Kind.MALFORMED


class OwnWork(KedangError):
    """Nobody reviews what he has sorted himself; somebody else must."""

    code = "KD-H411"
    kind = Kind.REFUSED


class StandardNotMet(KedangError):
    """The record does not meet the archiving standard; mend it or except it with a reason."""

    code = "KD-H412"
    kind = Kind.CONFLICT


class SampleNotLookedAt(KedangError):
    """`left` records of the sample have not been looked at, or `bad` of them are wrong: such a batch is not accepted."""

    code = "KD-H413"
    kind = Kind.CONFLICT


class StandardOfOwnBatch(KedangError):
    """Whoever reviews a batch does not change the standard under it; end the batch first, or let somebody else."""

    code = "KD-H416"
    kind = Kind.CONFLICT


class BatchUnknown(KedangError):
    """There is no such open batch of this reviewer, or nothing to draw one from."""

    code = "KD-H414"
    kind = Kind.NOT_FOUND


class SampleStale(KedangError):
    """A record of the sample was changed after it was drawn; give the batch up and draw another."""

    code = "KD-H415"
    kind = Kind.CONFLICT
