"""Where the content of records lies in others, which ranges of theirs hold it, and who dies with whom.

Rules:
1. Each place of a record is judged by itself: a container may hold the same bytes twice, once in a range of
   its own and once inside a deflated archive.
2. A place is *cut* when ranges of the container lie at exactly the member's path: then these ranges go.
3. A place is *covered* when a record between the two dies and is itself cut there: its ranges take it along.
4. Any other place keeps the content: the record is restricted, unless the container dies too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import in_batches, with_ids
from kedang.holdings.models import Occurrence, Segment

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a record within a container, at any depth."""

    record: str
    container: str
    path: Path
    """Ordinals from the container down to the record."""
    between: tuple[str, ...]
    """Records on the way, outermost first; the one at `path[:n]` is `between[n - 1]`."""


@dataclass(slots=True)
class Surroundings:
    """Everything around some records, and the ranges that hold them."""

    archive: Archive
    places: dict[str, set[Place]] = field(default_factory=lambda: defaultdict(set))
    _ranges: dict[tuple[str, Path], list[int]] = field(default_factory=dict)
    """Living ranges at each path; an empty list where all of them have been destroyed already."""
    _loose: dict[str, list[tuple[Path, int]]] = field(default_factory=dict)
    """Of each container the living ranges that belong to no record."""
    _known: set[str] = field(default_factory=set)

    def look_around(self, records: Iterable[str]) -> None:
        """Find every place of these records."""
        new = [one for one in dict.fromkeys(records) if one not in self._known]
        self._known.update(new)
        found = [place for some in in_batches(new) for place in _places_of(self.archive, some)]
        for place in found:
            self.places[place.record].add(place)
        wanted: dict[str, set[Path]] = defaultdict(set)
        for place in found:
            wanted[place.container] |= {place.path[:n] for n in range(1, len(place.path) + 1)}
        for container, paths in wanted.items():
            self._look_up(container, paths)

    def _look_up(self, container: str, paths: set[Path]) -> None:
        written = {"/".join(map(str, path)): path for path in paths if (container, path) not in self._ranges}
        rows = Segment.objects.filter(case_id=self.archive.case_id, record_id=container)
        for some in in_batches(list(written)):
            here = rows.filter(member_path__in=some).order_by("ordinal")
            for member, one, key in here.values_list("member_path", "id", "key_id"):
                living = self._ranges.setdefault((container, written[member]), [])
                living += [one] if key else []
        if container not in self._loose:
            unowned = rows.filter(owner=None).exclude(member_path="").exclude(key_id="")
            self._loose[container] = [
                (tuple(map(int, member.split("/"))), one)
                for member, one in unowned.order_by("ordinal").values_list("member_path", "id")
            ]

    def is_cut(self, container: str, path: Path) -> bool:
        """Whether ranges of the container lie at this path."""
        return (container, path) in self._ranges

    def ranges_at(self, container: str, path: Path) -> Iterator[int]:
        """The ranges at a path, and those below it that no record has: they are of the member's bytes."""
        yield from self._ranges.get((container, path), ())
        for below, one in self._loose.get(container, ()):
            if len(below) > len(path) and below[: len(path)] == path:
                yield one

    def is_held(self, place: Place, dead: Set[str]) -> bool:
        """Whether the container keeps the content at this place when the `dead` are gone."""
        if place.container in dead or self.is_cut(place.container, place.path):
            return False
        steps = zip(place.between, range(1, len(place.path)), strict=True)
        return not any(one in dead and self.is_cut(place.container, place.path[:n]) for one, n in steps)

    def widened(self, place: Place) -> Path | None:
        """The path of the nearest member around the place that the container has ranges of; None without."""
        for n in range(len(place.path) - 1, 0, -1):
            if self.is_cut(place.container, place.path[:n]):
                return place.path[:n]
        return None

    def holders(self, record: str, dead: Set[str]) -> set[str]:
        """The containers that keep the content of a record."""
        return {place.container for place in self.places[record] if self.is_held(place, dead)}

    def ranges_of(self, record: str, dead: Set[str]) -> tuple[int, ...]:
        """The ranges of living containers that go with a record."""
        found = {
            one
            for place in self.places[record]
            if place.container not in dead
            for one in self.ranges_at(place.container, place.path)
        }
        return tuple(sorted(found))


def _places_of(archive: Archive, records: Sequence[str]) -> Iterator[Place]:
    """Every place of each of the records in every container around it."""
    rows = Occurrence.objects.filter(case_id=archive.case_id, record_id__in=list(records)).exclude(
        parent=None
    )
    level: list[tuple[str, Path, tuple[str, ...], str]] = [
        (record, (ordinal,), (), parent)
        for record, ordinal, parent in rows.values_list("record_id", "ordinal", "parent_id")
    ]
    while level:
        parents = _parents({one[3] for one in level})
        above = []
        for record, path, between, parent in level:
            container, ordinal, over = parents[parent]
            yield Place(record, container, path, between)
            if over:
                above.append((record, (ordinal, *path), (container, *between), over))
        level = above


def _parents(occurrences: Set[str]) -> Mapping[str, tuple[str, int, str]]:
    """The record, ordinal and parent of each occurrence."""
    found: dict[str, tuple[str, int, str]] = {}
    for rows in with_ids(Occurrence, sorted(occurrences)):
        for one, record, ordinal, parent in rows.values_list("id", "record_id", "ordinal", "parent_id"):
            found[one] = (str(record), ordinal, parent or "")
    return found
