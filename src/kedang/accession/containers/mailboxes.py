"""Members of an mbox: its mails, each the bytes between two From lines, of any size.

A From line begins the file or follows a blank line, starts with "From " and ends with a time and a
year (RFC 4155). Lines quoted as ">From " stay as they stand: what is received is what lay there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kedang.accession.containers.mime_parts import LINE_BYTES
from kedang.accession.members import Damage, Member, MemberKind, Opening, Stretch, slices

_TIME = re.compile(rb"\d:\d\d")
_YEAR = re.compile(rb"[12]\d{3}")
_TAIL_BYTES = 40  # a date behind its time: seconds, zone, year


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The mails in the order they stand."""
    for ordinal, (start, body, end, next_start) in enumerate(_mails(opening)):
        if ordinal > opening.start_after:
            yield _member(opening, ordinal, Stretch(start, next_start - start), Stretch(body, end - body))


def _mails(opening: Opening) -> Iterator[tuple[int, int, int, int]]:
    """(From line, first byte behind it, end of the mail, next From line or end) of each mail."""
    with opening.content.open() as stream:
        position, start, body = 0, -1, 0
        before = blank = 0  # length of the line before, and of it when it is blank
        begins, is_blank = True, True
        while line := stream.readline(LINE_BYTES):
            if begins and is_blank and line.startswith(b"From ") and _starts(line, position):
                if start >= 0:
                    yield start, body, max(body, position - blank), position
                start, body = position, position + len(line)
            position += len(line)
            is_blank = begins and line in (b"\n", b"\r\n")
            before = len(line)
            blank = before if is_blank else 0
            begins = line.endswith(b"\n")
        if start >= 0:
            yield start, body, max(body, position - blank), position


def _starts(line: bytes, position: int) -> bool:
    if position == 0:
        return True
    at = _TIME.search(line, len("From "))
    return at is not None and _YEAR.search(line, max(at.end(), len(line) - _TAIL_BYTES)) is not None


def _member(opening: Opening, ordinal: int, whole: Stretch, mail: Stretch) -> Member:
    return Member(
        ordinal=ordinal,
        raw_name=b"",
        name=f"message-{ordinal + 1}.eml",
        kind=MemberKind.MESSAGE,
        chunks=lambda: opening.metered(slices(opening.content, mail)),
        size_bytes=mail.length,
        range=whole,
        verbatim=mail,
    )
