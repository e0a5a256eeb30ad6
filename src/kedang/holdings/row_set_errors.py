"""What can go wrong with row sets. Texts for people are in errors.toml."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind

ROWS_OF_UNKNOWN = "KD-H186"
"""A question: rows behind what was read of a table name somebody who is no customer for certain."""


class NoRowSets(KedangError):
    """No row sets have been made of this table."""

    code = "KD-H181"
    kind = Kind.NOT_FOUND


class NotSplit(KedangError):
    """Rows of this record cannot be told apart: it is no table, or what it is cannot be given back; `because` says why."""

    code = "KD-H182"
    kind = Kind.REFUSED


class RowSetsDiffer(KedangError):
    """The row sets do not give the original back: make them again. `table` and `row` are the first place."""

    code = "KD-H183"
    kind = Kind.CORRUPT


class NotConfirmed(KedangError):
    """The original can only be retired when a person has confirmed its row sets as they are now."""

    code = "KD-H184"
    kind = Kind.REFUSED


class OriginalRetired(KedangError):
    """The original has been retired: its rows live in row sets only."""

    code = "KD-H185"
    kind = Kind.CONFLICT
