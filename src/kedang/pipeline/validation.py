"""Whether an answer of a parsing process keeps to what was agreed. Who sends another has been taken over.

The types are checked where a message is decoded; here it is what types cannot say: closed lists, forms,
lengths of columns, ranges that lie within the content, a derived payload that can be read again. Whatever
passes can be stored in every table and written into the ledger.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import msgspec

from kedang.accession.fixity import LARGE_BYTES
from kedang.pipeline.derived import DERIVED_VERSION, Derived, decode
from kedang.pipeline.items import INLINE_BYTES, Item
from kedang.pipeline.kept_mentions import decode_mentions
from kedang.pipeline.messages import (
    Examined,
    MentionKeys,
    RangeOf,
    ReceivedMember,
    RowsRequest,
    RowsTaken,
    Summary,
)
from kedang.records.content import (
    FindingCategory,
    Format,
    Problem,
    RecordClass,
    Sensitivity,
    TextSource,
)
from kedang.resolution.links import KeyKind
from kedang.resolution.mention import MentionKind

MOST_BYTES = 2**53  # of one content; every JSON reader keeps such a number
MOST_ORDINAL = 2**31 - 1  # an integer column of PostgreSQL
MOST_RANGES = 2_000_000  # two for each member that a container may have
MOST_PROBLEMS = 4096
MOST_FACTS = 32
MOST_KEYS = 64  # that one mention is tied by
MOST_TITLE = 4096  # code points
MOST_NAME = 1024 * 1024  # bytes; a mail's header may be that long
MOST_MEMBERS = 4096  # of one chunk
MOST_STAGES = 32
PATH_DIGITS = 128  # width of Segment.member_path
NEVER_FOUNDING = 9

_CODE = re.compile(r"KD-[A-Z][0-9]{3}")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}")
_PRINTED = re.compile(r"[\x20-\x7e]*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPOOL = re.compile(r"[0-9a-f]{32}\.spool")
_CLASSES = frozenset(one.value for one in RecordClass)
_GRADES = frozenset(one.value for one in Sensitivity)
_TEXT_SOURCES = frozenset(one.value for one in TextSource)
_CATEGORIES = frozenset(one.value for one in FindingCategory)
_KEY_KINDS = frozenset(one.value for one in KeyKind)
_PARTY_KINDS = frozenset(one.value for one in MentionKind)
_FOUNDING = frozenset({0, 1, 2, 3, NEVER_FOUNDING})


def is_sound(examined: Examined, item: Item) -> bool:
    """Whether the outcome may be believed to be one of this item."""
    if examined.problem or not _are_seconds(examined.seconds):
        return False
    if examined.refused:
        bare = Examined(ticket=examined.ticket, refused=examined.refused, seconds=examined.seconds)
        return _CODE.fullmatch(examined.refused) is not None and examined == bare
    return (
        len(examined.sha256) == 32
        and len(examined.blake3) in (0, 32 if examined.size_bytes > LARGE_BYTES else 0)
        and _is_size(examined, item)
        and _is_format(examined.format)
        and _are_ranges(examined.ranges, examined.size_bytes)
        and (examined.summary is None or _is_summary(examined.summary))
        and _is_derived(examined)
        and _are_mentions(examined)
    )


def are_sound_rows(taken: RowsTaken, request: RowsRequest) -> bool:
    """Whether the ranges lie in the content, one for each row, and the rest is what they leave."""
    rest, reach = taken.rest, 0
    if rest is None or len(taken.ranges) != len(request.rows):
        return rest is None and not taken.ranges
    for offset, length in taken.ranges:
        if offset < reach or length < 1:
            return False
        reach = offset + length
    size = request.item.size_bytes - sum(length for _, length in taken.ranges)
    whole = replace(request.item, size_bytes=size, place=None)
    return reach <= request.item.size_bytes and not rest.refused and is_sound(rest, whole)


def is_sound_member(member: ReceivedMember) -> bool:
    """Whether a member can have been read from a container."""
    named = len(member.raw_name) <= MOST_NAME and len(member.name) <= MOST_NAME
    if not named or not 0 <= member.ordinal <= MOST_ORDINAL:
        return False
    if member.code:
        nothing = (member.sha256, member.size_bytes, member.data, member.spool) == (b"", 0, None, None)
        return nothing and _CODE.fullmatch(member.code) is not None
    if len(member.sha256) != 32 or not 0 <= member.size_bytes <= MOST_BYTES:
        return False
    if member.data is not None:
        return member.spool is None and len(member.data) == member.size_bytes <= INLINE_BYTES
    return member.spool is not None and member.size_bytes > INLINE_BYTES


def are_sound_members(members: Sequence[ReceivedMember], *, after: int) -> bool:
    """Whether these members can follow the one with ordinal `after`."""
    ordinals = [after, *(member.ordinal for member in members)]
    ascending = all(one < other for one, other in pairwise(ordinals))
    return len(members) <= MOST_MEMBERS and ascending and all(map(is_sound_member, members))


def is_spool_name(name: str) -> bool:
    """Whether this is how a spool file is named."""
    return _SPOOL.fullmatch(name) is not None


def _is_size(examined: Examined, item: Item) -> bool:
    """A file may have grown since it was surveyed; the bytes of everything else are here already."""
    size = examined.size_bytes
    return size == item.size_bytes if item.place is None else 0 <= size <= MOST_BYTES


def _is_format(found: Format | None) -> bool:
    return found is None or (
        _is_printed(found.media_type, 128)
        and _is_printed(found.name, 32)
        and _is_printed(found.puid or "", 32)
        and _is_printed(found.charset or "", 64)
    )


def _is_printed(text: str, most: int) -> bool:
    return len(text) <= most and _PRINTED.fullmatch(text) is not None


def _are_ranges(ranges: Sequence[RangeOf], size_bytes: int) -> bool:
    """In order, apart, none empty, all within the content."""
    if len(ranges) > MOST_RANGES:
        return False
    reach = 0
    for one in ranges:
        if one.offset < reach or one.length < 1 or not one.member_path:
            return False
        if not all(0 <= ordinal <= MOST_ORDINAL for ordinal in one.member_path):
            return False
        if len("/".join(map(str, one.member_path[:PATH_DIGITS]))) > PATH_DIGITS:
            return False
        reach = one.offset + one.length
    return reach <= size_bytes


def _is_summary(said: Summary) -> bool:
    return (
        said.record_class in _CLASSES
        and 0 <= said.class_permille <= 1000
        and (not said.accounting_kind or _is_token(said.accounting_kind, 24))
        and said.sensitivity in _GRADES
        and (not said.record_date or _is_day(said.record_date))
        and len(said.title) <= MOST_TITLE
        and said.text_source in _TEXT_SOURCES
        and 0 <= (said.pages or 0) <= MOST_ORDINAL
        and _are_days(said.trigger_dates)
        and said.finding_counts.keys() <= _CATEGORIES
        and all(0 <= count <= MOST_BYTES for count in said.finding_counts.values())
        and len(said.problems) <= MOST_PROBLEMS
        and all(map(_is_problem, said.problems))
        and all(map(_is_mention, said.mentions))
    )


def _is_token(text: str, most: int) -> bool:
    return len(text) <= most and _TOKEN.fullmatch(text) is not None


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _are_days(days: Mapping[str, str]) -> bool:
    return len(days) <= MOST_FACTS and all(_is_token(kind, 40) and _is_day(day) for kind, day in days.items())


def _is_problem(problem: Problem) -> bool:
    """A fact of a question stands in clear: a number or a token, never words out of a document."""
    return (
        _CODE.fullmatch(problem.code) is not None
        and len(problem.facts) <= MOST_FACTS
        and all(_is_token(name, 40) and _is_fact(value) for name, value in problem.facts.items())
    )


def _is_fact(value: str | int) -> bool:
    if isinstance(value, str):
        return not value or _is_token(value, 64)
    return -MOST_BYTES <= value <= MOST_BYTES


def _is_mention(mention: MentionKeys) -> bool:
    return (
        0 <= mention.number <= MOST_ORDINAL
        and mention.party_kind in _PARTY_KINDS
        and mention.founding in _FOUNDING
        and 0 < len(mention.keys) <= MOST_KEYS
        and all(kind in _KEY_KINDS and value for kind, value in mention.keys)
    )


def _are_seconds(seconds: Mapping[str, float]) -> bool:
    return len(seconds) <= MOST_STAGES and all(
        _is_token(stage, 32) and math.isfinite(spent) and 0 <= spent < MOST_BYTES
        for stage, spent in seconds.items()
    )


def _is_derived(examined: Examined) -> bool:
    """Whether the payload can be read again, is about these bytes and agrees with the summary.

    Of what was only kept there is neither.
    """
    if not examined.derived:
        return examined.summary is None
    try:
        derived = decode(examined.derived)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    about = (derived.version, derived.sha256, derived.size_bytes)
    return (
        about == (DERIVED_VERSION, examined.sha256.hex(), examined.size_bytes)
        and (derived.appraisal is None) == (examined.summary is None)
        and _agrees(derived, examined.summary)
    )


def _are_mentions(examined: Examined) -> bool:
    """Whether they can be read again, each in its place."""
    try:
        mentions = decode_mentions(examined.mentions)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    places = [-1, *(one.at for one in mentions)]
    return (
        (examined.summary is not None or not mentions)
        and all(before < at <= MOST_ORDINAL for before, at in pairwise(places))
        and all(one.founding in _FOUNDING for one in mentions)
    )


def _agrees(derived: Derived, summary: Summary | None) -> bool:
    if derived.appraisal is None or summary is None:
        return True
    length = len(derived.extraction.text)
    spans = [(one.start, one.end) for one in derived.appraisal.findings]
    spans += [(one.start, one.end) for one in derived.appraisal.facts]
    return derived.appraisal.record_class == summary.record_class and all(
        0 <= start <= end <= length for start, end in spans
    )
