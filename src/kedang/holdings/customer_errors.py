"""What can be wrong with customers, their mentions and the judgements about them."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class MentionsUnreadable(KedangError):
    """What was sealed as the mentions of a record is no list of mentions."""

    code = "KD-H171"
    kind = Kind.CORRUPT


class ResolvingFailed(KedangError):
    """The process that compares mentions has ended before it was done; run it again."""

    code = "KD-H172"
    kind = Kind.UNAVAILABLE


class PairUnknown(KedangError):
    """No pair that waits for a judgement has this number, and no mention this place."""

    code = "KD-H173"
    kind = Kind.NOT_FOUND


class JudgementUnknown(KedangError):
    """No judgement that holds has this number."""

    code = "KD-H174"
    kind = Kind.NOT_FOUND


class DecisionOverlaid(KedangError):
    """What was decided has been changed by something later, which must be undone first."""

    code = "KD-H175"
    kind = Kind.CONFLICT


class DecisionImpossible(KedangError):
    """These customers or records cannot be merged, split or moved so; `reason` says why."""

    code = "KD-H176"
    kind = Kind.REFUSED


class ReasonMissing(KedangError):
    """Covered values are shown for a reason only; write why."""

    code = "KD-H177"
    kind = Kind.MALFORMED


class ColumnUnknown(KedangError):
    """The record has no such column, or columns have no such meaning."""

    code = "KD-H179"
    kind = Kind.NOT_FOUND


class ValueUnknown(KedangError):
    """No record that you may reveal says such a value any more; load the page again."""

    code = "KD-H178"
    kind = Kind.NOT_FOUND
