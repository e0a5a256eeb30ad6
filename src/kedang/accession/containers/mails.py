"""Members of one mail: attachments and mails inside it. The texts shown as its body are no members.

eml is the mail itself; emlx (Apple) has a line with the mail's length before it and a property list
behind; in mhtml (a saved web page) the page's own texts, styles and pictures are no members.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime

from kedang.accession.containers.mime_headers import decoded_words, file_name, parameters
from kedang.accession.containers.mime_parts import Part, mail_parts
from kedang.accession.containers.transfer import IDENTITY, decoded
from kedang.accession.contents import RangeContent
from kedang.accession.members import (
    TOO_DEEP,
    Damage,
    Member,
    MemberKind,
    Opening,
    Stretch,
    slices,
)
from kedang.records.content import Content

_BODIES = frozenset(
    {
        "text/plain",
        "text/html",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
    }
)
_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
_PAGE_FAMILIES = ("text/", "image/", "font/", "application/javascript", "application/x-javascript")
_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/ms-tnef": ".dat",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/tiff": ".tif",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """Attachments and inner mails in the order they stand; ordinals count bodies too."""
    mail, shift = _mail(opening)
    with mail.open() as stream:
        for part in mail_parts(stream, opening.limits):
            if part.too_deep:
                whole = Stretch(shift + part.start, part.end - part.start)
                yield Damage(part.ordinal, TOO_DEEP, range=whole)
            elif not _is_body(part, opening.fmt_name):
                yield _member(opening, part, shift)


def _mail(opening: Opening) -> tuple[Content, int]:
    """The mail and where it begins in the container."""
    content = opening.content
    if opening.fmt_name != "emlx":
        return content, 0
    first = content.head(64).split(b"\n", 1)[0]
    shift = len(first) + 1
    length = min(int(first), content.size_bytes - shift)
    return RangeContent(content, shift, length), shift


def _is_body(part: Part, fmt_name: str) -> bool:
    disposition = part.fields.get(b"content-disposition", b"").partition(b";")[0].strip().lower()
    if disposition == b"attachment":
        return False
    if not part.around:
        # A mail that is nothing but one file (a scanner's, a fax's) has that file as a member.
        return part.media_type.startswith(("text/", "multipart/")) or part.body == part.end
    if fmt_name == "mhtml" and part.media_type.startswith(_PAGE_FAMILIES):
        return True
    return part.media_type in _BODIES and not file_name(part.fields)[0]


def _member(opening: Opening, part: Part, shift: int) -> Member:
    raw_name, name = file_name(part.fields)
    encoding = part.fields.get(b"content-transfer-encoding", b"").strip().lower().decode("latin-1")
    body = Stretch(shift + part.body, part.end - part.body)
    is_mail = part.media_type in _MAILS
    return Member(
        ordinal=part.ordinal,
        raw_name=raw_name,
        name=name or _fallback_name(part, is_mail=is_mail),
        kind=MemberKind.MESSAGE if is_mail else MemberKind.ATTACHMENT,
        chunks=lambda: opening.metered(
            decoded(encoding, slices(opening.content, body)), packed_bytes=body.length
        ),
        size_bytes=body.length if encoding in IDENTITY else None,
        modified=_modified(part),
        range=Stretch(shift + part.start, part.end - part.start),
        verbatim=body if encoding in IDENTITY else None,
    )


def _fallback_name(part: Part, *, is_mail: bool) -> str:
    described = part.fields.get(b"content-description", b"")
    if described and not is_mail:
        return decoded_words(described)
    suffix = ".eml" if is_mail else _SUFFIXES.get(part.media_type, "")
    return f"part-{part.ordinal + 1}{suffix}"


def _modified(part: Part) -> datetime | None:
    known = parameters(part.fields.get(b"content-disposition", b""))
    said = known.get(b"modification-date") or known.get(b"creation-date")
    if not said:
        return None
    try:
        return parsedate_to_datetime(said.decode("latin-1"))
    except ValueError:
        return None
