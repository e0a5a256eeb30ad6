"""Whether two whole customers could ever be one: what could not is never asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kedang.records.identifiers import Identifier
from kedang.resolution.clusters import Conflict, Forest, Traits, kept_apart_by, traits_of
from kedang.resolution.comparable import Comparable
from kedang.resolution.judgements import Judgement, Verdict


class Wholes:
    """Clusters as what forbids to join them sees them: the names of each, together where they are proven to be one."""

    def __init__(
        self, mentions: Mapping[str, Comparable], said: Iterable[Judgement], groups: Sequence[Sequence[str]]
    ) -> None:
        self._mentions, self._groups = mentions, groups
        self._proven: Forest[str] = Forest()
        self._made: dict[int, tuple[tuple[Traits, ...], ...]] = {}
        first: dict[Identifier, str] = {}
        for one, who in mentions.items():
            for number in who.certain:
                self._proven.union(one, first.setdefault(number, one))
        for judgement in said:
            if judgement.verdict is Verdict.SAME:
                self._proven.union(judgement.left, judgement.right)

    def _of(self, place: int) -> tuple[tuple[Traits, ...], ...]:
        """The sets of mentions of one cluster that are proven to be one."""
        if place not in self._made:
            sets: dict[str, list[Traits]] = {}
            for one in self._groups[place]:
                sets.setdefault(self._proven.find(one), []).append(traits_of(self._mentions[one]))
            self._made[place] = tuple(map(tuple, sets.values()))
        return self._made[place]

    def forbids(self, one: int, other: int) -> Conflict | None:
        """What keeps two clusters apart for good, given by their places; None when nothing does."""
        return kept_apart_by(self._of(one), self._of(other))
