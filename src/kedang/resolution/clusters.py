"""From scored pairs, certain numbers and judgements to customers.

Rules, in this order:

1. Judged the same (newest first), then equal certain numbers, then scores from the strongest down; equal ones in the
   order of their ids. The order in which mentions arrived plays no part.
2. A tie that would bring together what must not be together gives way. As the strongest are taken first, it is always
   the weakest tie of a chain that does.
3. Never together, over the whole customer: what was judged different; two different certain numbers of one kind;
   a parent and its branch; persons of plainly different given names; firms of different names, regions or trades; two
   plainly different birthdays. Judgements and certain numbers override the last three: a name can be changed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from kedang.resolution.comparable import Comparable, birth_of
from kedang.resolution.mentions import MentionKind

Node = TypeVar("Node", int, str)


class Ground(StrEnum):
    """Why two mentions are tied."""

    JUDGED = "judged"
    CERTAIN = "certain-number"
    SCORED = "scored"


class Conflict(StrEnum):
    """Why a tie gave way."""

    JUDGED_DIFFERENT = "judged-different"
    CERTAIN_NUMBER = "different-certain-numbers"
    BRANCH = "parent-and-branch"
    NAME = "different-names"
    BIRTH = "different-birthdays"


@dataclass(frozen=True, slots=True)
class Tie:
    """Two mentions and what speaks for their being one; `left` is the smaller id."""

    left: str
    right: str
    bits: float
    levels: tuple[int, ...] = ()
    """Place of the level of each comparison (`comparisons.COMPARISONS`), -1 where one side says nothing."""
    ground: Ground = Ground.SCORED
    conflict: Conflict | None = None
    """Why it gave way; None while it holds."""
    kind: MentionKind = MentionKind.PERSON


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a mention can forbid a tie. Values are only compared, so they may be codes."""

    kind: MentionKind
    name: str = ""
    """Of firms: the core."""
    weak: bool = False
    surname: Hashable = None
    sound: Hashable = None
    region: Hashable = None
    industry: Hashable = None
    branch: Hashable = None
    birth: str = ""
    certain: frozenset[tuple[Hashable, Hashable]] = frozenset()
    """Kind and value."""
    email: Hashable = None
    """Of persons only, as the next."""
    key: str = ""
    """A number by which a system of the firm names them, with the system; the one thing here that is compared by its signs."""


def traits_of(one: Comparable) -> Traits:
    """The traits of a mention."""
    person = one.kind is MentionKind.PERSON
    return Traits(
        one.kind,
        one.name if person else one.core,
        one.weak_name,
        one.surname or None,
        one.sound or None,
        one.region or None,
        one.industry or None,
        one.branch or None,
        birth_of(one),
        frozenset((number.kind.value, number.value) for number in one.certain),
        min(one.emails, default=None) if person else None,
        min(one.keys, default="") if person else "",
    )


def names_conflict(one: Traits, other: Traits) -> bool:
    """Whether two mentions plainly bear different names: no spelling, sound or single letter explains it."""
    if not one.name or not other.name:
        return False
    if one.weak or other.weak:
        return bool(one.surname and other.surname and one.surname != other.surname)
    if one.kind is MentionKind.ORGANISATION and (
        _differ(one.region, other.region) or _differ(one.industry, other.industry)
    ):
        return True
    alike = one.name == other.name or (one.sound is not None and one.sound == other.sound)
    return (
        not alike
        and not _one_letter_differs(one.name, other.name)
        and not _alike_in_latin(one.name, other.name)
    )


def _alike_in_latin(one: str, other: str) -> bool:
    """Names in Latin letters: what they have beside the words in common is missing on one side or spelt alike.

    John Smith and J. Smith, not John Smith and Mary Smith: these may be married.
    """
    if not (one.isascii() and other.isascii()):
        return False
    words, others = set(one.split()), set(other.split())
    if words & others and (words <= others or others <= words or _initials(words - others, others - words)):
        return True
    return _spelt_alike(" ".join(sorted(words - others)), " ".join(sorted(others - words)))


def _initials(words: set[str], others: set[str]) -> bool:
    fewer, more = sorted((words, others), key=lambda some: max(map(len, some)))
    return all(len(one) == 1 for one in fewer) and {one[0] for one in fewer} <= {one[0] for one in more}


def _spelt_alike(one: str, other: str) -> bool:
    """At least half of the pairs of letters in common."""
    if sorted(one) == sorted(other):
        return True
    pairs, others = ({word[place : place + 2] for place in range(len(word) - 1)} for word in (one, other))
    return 2 * len(pairs & others) >= (len(pairs) + len(others)) / 2


def _differ(one: Hashable, other: Hashable) -> bool:
    return one is not None and other is not None and one != other


def _one_letter_differs(one: str, other: str) -> bool:
    return len(one) == len(other) >= 3 and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def births_conflict(one: str, other: str) -> bool:
    """Whether two birthdays differ by more than a slip: in two of year, month and day, none of them exchanged."""
    if not one or not other or one == other or sorted(one) == sorted(other):
        return False
    return sum(a != b for a, b in zip(one.split("-"), other.split("-"), strict=False)) >= 2


MAY_CONFLICT = (
    "coalesce(l.branch, 0) <> coalesce(r.branch, 0) or l.region <> r.region or l.industry <> r.industry"
    " or ((l.weak or r.weak) and l.surname <> r.surname)"
    " or (l.called <> r.called and not l.weak and not r.weak and coalesce(l.sound <> r.sound, true) and"
    " case when length(l.called) >= 3 and strlen(l.called) = strlen(r.called) then hamming(l.called, r.called) <> 1 else true end)"
    " or (l.birth <> r.birth and (split_part(l.birth, '-', 1) <> split_part(r.birth, '-', 1))::integer"
    " + (split_part(l.birth, '-', 2) <> split_part(r.birth, '-', 2))::integer"
    " + (split_part(l.birth, '-', 3) <> split_part(r.birth, '-', 3))::integer >= 2)"
)
"""SQL: two rows that `names_conflict`, `births_conflict` or their branches may forbid to join. It never leaves out what these forbid."""


@dataclass(slots=True)
class _Group:
    """What the mentions of a growing customer say together."""

    names: list[tuple[Traits, ...]]
    """Sets of names that are proven to be of one: within a set they may differ."""
    certain: dict[Hashable, set[Hashable]]
    branch: Hashable
    enemies: set[Hashable] = field(default_factory=set)
    """Mentions judged to be somebody else."""


def _group(traits: Traits) -> _Group:
    certain: dict[Hashable, set[Hashable]] = {}
    for kind, value in traits.certain:
        certain.setdefault(kind, set()).add(value)
    return _Group([(traits,)], certain, traits.branch)


def _numbers_conflict(one: _Group, other: _Group) -> bool:
    return any(
        kind in other.certain and values.isdisjoint(other.certain[kind])
        for kind, values in one.certain.items()
    )


def _soft_conflict(one: _Group, other: _Group) -> Conflict | None:
    """Conflicts of names and birthdays, which certain numbers and judgements override."""
    if _vouched(one, other):
        return None
    for mine in one.names:
        for theirs in other.names:
            if all(names_conflict(a, b) for a in mine for b in theirs):
                return Conflict.NAME
            if all(_births_forbid(a, b) for a in mine for b in theirs):
                return Conflict.BIRTH
    return None


def _births_forbid(one: Traits, other: Traits) -> bool:
    """Whether birthdays keep two apart. Beside names in Latin letters they are evidence alone: their digits stand in any order."""
    return births_conflict(one.birth, other.birth) and not (one.name.isascii() and other.name.isascii())


def _vouched(one: _Group, other: _Group) -> bool:
    """Whether a birthday, an e-mail address or a number of a system is of both, and all their names are in Latin letters.

    Such names are misspelt, exchanged and abbreviated, and such days have their month first or last, as it happens: they
    count as evidence, and forbid nothing that is tied by more than address and telephone.
    """
    mine, theirs = ([trait for names in group.names for trait in names] for group in (one, other))
    if not all(trait.name.isascii() for trait in (*mine, *theirs)):
        return False
    return not _own(mine).isdisjoint(_own(theirs)) or any(
        _slip_in_key(a, b) for a in {trait.key for trait in mine} for b in {trait.key for trait in theirs}
    )


def _own(traits: Iterable[Traits]) -> set[Hashable]:
    """Birthdays and what else is one person's own."""
    return {own for trait in traits for own in (trait.birth, trait.email, trait.key) if own}


def _slip_in_key(one: str, other: str) -> bool:
    """Whether two numbers of a system differ by one sign or two exchanged ones, but not in the last: such are neighbours."""
    if len(one) != len(other) or not one or one[-1] != other[-1]:
        return False
    differing = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    first, last = (differing[0], differing[-1]) if differing else (0, len(one))
    return last == first or (last == first + 1 and one[first] == other[last] and one[last] == other[first])


def _merged(one: _Group, other: _Group, *, proven: bool) -> _Group:
    if proven:
        names = [tuple(dict.fromkeys(trait for names in (*one.names, *other.names) for trait in names))]
    else:
        names = list(dict.fromkeys((*one.names, *other.names)))
    certain = {
        kind: one.certain.get(kind, set()) | other.certain.get(kind, set())
        for kind in {*one.certain, *other.certain}
    }
    return _Group(names, certain, one.branch, one.enemies | other.enemies)


def kept_apart_by(one: Iterable[tuple[Traits, ...]], other: Iterable[tuple[Traits, ...]]) -> Conflict | None:
    """What keeps two whole customers from ever being joined by a score; None when nothing does.

    A customer is given as sets of mentions that are proven to be one (`join`): within a set names may differ.
    """
    mine, theirs = _whole(one), _whole(other)
    if _numbers_conflict(mine, theirs):
        return Conflict.CERTAIN_NUMBER
    if mine.branch != theirs.branch:
        return Conflict.BRANCH
    return _soft_conflict(mine, theirs)


def _whole(proven: Iterable[tuple[Traits, ...]]) -> _Group:
    sets = [tuple(dict.fromkeys(traits)) for traits in proven]
    certain: dict[Hashable, set[Hashable]] = {}
    for traits in sets:
        for trait in traits:
            for kind, value in trait.certain:
                certain.setdefault(kind, set()).add(value)
    return _Group(list(dict.fromkeys(sets)), certain, sets[0][0].branch)


class Link(NamedTuple, Generic[Node]):
    """A tie between two nodes, as `join` takes it; `left` is the smaller."""

    left: Node
    right: Node
    bits: float
    ground: Ground = Ground.SCORED
    newness: float = 0.0
    """Among judged ties: the newer the larger."""


@dataclass(frozen=True, slots=True)
class Joined(Generic[Node]):
    """Customers as sorted groups of nodes, in the order of their first node, and the ties that gave way."""

    groups: tuple[tuple[Node, ...], ...]
    broken: tuple[tuple[Link[Node], Conflict], ...]


class Forest(Generic[Node]):
    """Which nodes hang together; each tree is named by its smallest node."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def find(self, node: Node) -> Node:
        """The smallest node of the tree."""
        above, root = self._above, node
        while (higher := above.get(root, root)) != root:
            root = higher
        while node != root:
            higher = above.get(node, root)
            above[node] = root
            node = higher
        return root

    def union(self, one: Node, other: Node) -> Node:
        """Hang two trees together; the name of the whole."""
        first, second = sorted((self.find(one), self.find(other)))
        if first != second:
            self._above[second] = first
        return first


_RANK = {Ground.JUDGED: 0, Ground.CERTAIN: 1, Ground.SCORED: 2}


def _strongest_first(link: Link[Node]) -> tuple[int, float, float, Node, Node]:
    return _RANK[link.ground], -link.newness, -round(link.bits, 6), link.left, link.right


def join(
    traits: Mapping[Node, Traits], links: Iterable[Link[Node]], different: Iterable[tuple[Node, Node]] = ()
) -> Joined[Node]:
    """The customers among these nodes. The order of `links` and `traits` plays no part."""
    forest: Forest[Node] = Forest()
    groups = {node: _group(one) for node, one in traits.items()}
    for one, other in different:
        groups[one].enemies.add(other)
        groups[other].enemies.add(one)
    broken: list[tuple[Link[Node], Conflict]] = []
    for link in sorted(links, key=_strongest_first):
        left, right = forest.find(link.left), forest.find(link.right)
        if left == right:
            continue
        conflict = _conflict(groups[left], groups[right], link, forest)
        if conflict is not None:
            broken.append((link, conflict))
            continue
        merged = _merged(groups[left], groups[right], proven=link.ground is not Ground.SCORED)
        root = forest.union(left, right)
        del groups[left], groups[right]
        groups[root] = merged
    members: dict[Node, list[Node]] = {}
    for node in sorted(traits):
        members.setdefault(forest.find(node), []).append(node)
    return Joined(tuple(map(tuple, members.values())), tuple(broken))


def _conflict(one: _Group, other: _Group, link: Link[Node], forest: Forest[Node]) -> Conflict | None:
    fewer, root = (
        (one, forest.find(link.right))
        if len(one.enemies) <= len(other.enemies)
        else (other, forest.find(link.left))
    )
    enemies: Iterable[Node] = fewer.enemies  # type: ignore[assignment]
    if any(forest.find(enemy) == root for enemy in enemies):
        return Conflict.JUDGED_DIFFERENT
    if link.ground is Ground.JUDGED:
        return None
    if _numbers_conflict(one, other):
        return Conflict.CERTAIN_NUMBER
    if one.branch != other.branch:
        return Conflict.BRANCH
    return None if link.ground is Ground.CERTAIN else _soft_conflict(one, other)
