"""Who must come together to recover a secret, and the shares that it is split into."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Group:
    """`threshold` of `count` shares make the group's part of the secret."""

    threshold: int
    count: int


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who must come together: so many groups, each with so many of its shares."""

    group_threshold: int
    groups: tuple[Group, ...]


def any_of(threshold: int, count: int) -> Quorum:
    """Any `threshold` of `count` people; 2 of 3 is the default of a new case."""
    if threshold == 1:  # SLIP-39 has no 1 of N; N groups of one, any of which is enough, are the same
        return Quorum(1, (Group(1, 1),) * count)
    return Quorum(1, (Group(threshold, count),))


DEFAULT_QUORUM = any_of(2, 3)


@dataclass(frozen=True, slots=True)
class SplitSecret:
    """A secret and its shares. Print the shares once, keep neither."""

    identifier: int
    """The same on every card of the set (15 bits); the sheet's slot names it."""
    quorum: Quorum
    secret: bytes = field(repr=False)
    shares: tuple[tuple[str, ...], ...] = field(repr=False)
    """By group: the words of each card, with single blanks."""
