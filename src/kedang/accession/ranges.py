"""Which bytes of a container belong to which member, so that each can be sealed under its own key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kedang.accession.contents import RangeContent
from kedang.accession.limits import Budget, Limits
from kedang.accession.members import Member, MemberKind, Stretch, open_members
from kedang.records.content import Content

CONTIGUOUS = frozenset({"zip", "tar", "mbox", "eml", "emlx", "mhtml"})
"""Formats whose members are contiguous byte ranges."""


@dataclass(frozen=True, slots=True)
class SegmentRange:
    """Bytes of the outermost container that belong to one member at any depth."""

    offset: int
    length: int
    path: tuple[int, ...]
    """Ordinals from the outermost container inwards: (3, 1) is member 1 of member 3."""


def segment_ranges(
    content: Content,
    fmt_name: str,
    limits: Limits,
    *,
    recognise: Callable[[Content], str | None] | None = None,
) -> tuple[SegmentRange, ...]:
    """The ranges of all members, sorted, none empty, none overlapping.

    A member that has members of its own in place is cut around them, so that one path may have
    several ranges. Bytes in no range are the container's own (a zip's directory, a mail's headers
    and body texts). `recognise` names the format of a stored member; without it only mails inside
    mailboxes and mails are looked into. Formats that are not CONTIGUOUS give no range.
    """
    cutter = _Cutter(limits, Budget.of(limits, content.size_bytes), recognise)
    return tuple(cutter.cut(content, fmt_name, 0, ()))


def whole_partition(size_bytes: int, ranges: Sequence[SegmentRange]) -> tuple[SegmentRange, ...]:
    """`ranges` with the container's own bytes between them (path ()), from 0 to `size_bytes`."""
    pieces: list[SegmentRange] = []
    reach = 0
    for one in ranges:
        if one.offset > reach:
            pieces.append(SegmentRange(reach, one.offset - reach, ()))
        pieces.append(one)
        reach = one.offset + one.length
    if reach < size_bytes:
        pieces.append(SegmentRange(reach, size_bytes - reach, ()))
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class _Cutter:
    limits: Limits
    budget: Budget
    recognise: Callable[[Content], str | None] | None

    def cut(
        self, content: Content, fmt_name: str, shift: int, path: tuple[int, ...]
    ) -> Iterator[SegmentRange]:
        """Ranges of the members of `content`, which begins at `shift` of the outermost one."""
        if fmt_name not in CONTIGUOUS:
            return
        opened = open_members(content, fmt_name, limits=self.limits, budget=self.budget, depth=len(path))
        members = [step for step in opened if isinstance(step, Member) and step.range is not None]
        members.sort(key=lambda member: member.range or (0, 0))
        reach = 0
        for member in members:
            whole = member.range
            if whole is None or whole.length == 0 or whole.offset < reach:
                continue  # bytes shared with the member before stay with that one
            reach = whole.offset + whole.length
            yield from self._with_inner(content, member, whole, shift, (*path, member.ordinal))

    def _with_inner(
        self, content: Content, member: Member, whole: Stretch, shift: int, path: tuple[int, ...]
    ) -> Iterator[SegmentRange]:
        """The member's range, cut around the ranges of members inside it."""
        position = shift + whole.offset
        end = position + whole.length
        for inner in self._inside(content, member, shift, path):
            if inner.offset > position:
                yield SegmentRange(position, inner.offset - position, path)
            yield inner
            position = inner.offset + inner.length
        if position < end:
            yield SegmentRange(position, end - position, path)

    def _inside(
        self, content: Content, member: Member, shift: int, path: tuple[int, ...]
    ) -> Iterator[SegmentRange]:
        if member.verbatim is None:
            return
        held = RangeContent(content, member.verbatim.offset, member.verbatim.length)
        fmt_name: str | None = None
        if member.kind is MemberKind.MESSAGE:
            fmt_name = "eml"
        elif self.recognise is not None:
            fmt_name = self.recognise(held)
        if fmt_name is not None:
            yield from self.cut(held, fmt_name, shift + member.verbatim.offset, path)
