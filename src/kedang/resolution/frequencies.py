"""How common names are in a case and how many names stand beside one number: what makes agreement weigh more or less.

Counted once on a case and kept with its weights, so that a later, partial look judges as the full one did. Values are
digests; they are still personal data, because names are few: the caller seals them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5

from kedang.resolution.comparisons import BAND_STARTS
from kedang.resolution.mentions import MentionKind


def digest(value: str) -> int:
    """8 bytes of MD5 as DuckDB's `md5_number_lower` gives them; for looking up, it guards nothing."""
    return int.from_bytes(md5(value.encode(), usedforsecurity=False).digest()[8:], "little")


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Counts of one kind of mentions; what is not listed is alone."""

    customers: int = 1
    """About how many customers the case has."""
    names: Mapping[int, int] = field(default_factory=dict)
    """Digest of the name (of firms: of the core) and how many customers bear it, from 2."""
    shared: frozenset[int] = frozenset()
    """Digests of telephones beside which at least `SHARED_FROM` different names stand."""

    def band(self, name: str) -> int:
        """The band of `BAND_STARTS` of a name."""
        return band_of(self.names.get(digest(name), 1))

    def is_shared(self, number: str) -> bool:
        """Whether a telephone is nobody's own."""
        return digest(number) in self.shared


def band_of(customers: int) -> int:
    """The band of a name that so many customers bear."""
    return bisect_right(BAND_STARTS, max(1, customers)) - 1


def name_column(kind: MentionKind) -> str:
    """The column whose frequency counts."""
    return "name" if kind is MentionKind.PERSON else "core"
