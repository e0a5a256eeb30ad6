"""Files attached to a PDF (its EmbeddedFiles), such as the XML beside an invoice."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2

from kedang.accession.containers.whole import in_pieces, whole_bytes
from kedang.accession.members import NOT_TAKEN_OUT, Damage, Member, MemberKind, Opening
from kedang.accession.names import readable_name


def members_of(opening: Opening) -> Iterator[Member | Damage]:
    """The attached files; none when the PDF cannot be opened, which its text reader reports."""
    octets = whole_bytes(opening)
    if octets is None:
        yield Damage(0, NOT_TAKEN_OUT)
        return
    try:
        document = pypdfium2.PdfDocument(octets)
    except pypdfium2.PdfiumError:
        return
    try:
        for ordinal in range(document.count_attachments()):
            if ordinal > opening.start_after:
                yield _attached(opening, document, ordinal)
    finally:
        document.close()


def _attached(opening: Opening, document: pypdfium2.PdfDocument, ordinal: int) -> Member | Damage:
    try:
        attachment = document.get_attachment(ordinal)
        raw_name = attachment.get_name().encode("utf-8", "surrogatepass")
        octets = bytes(attachment.get_data())
    except pypdfium2.PdfiumError:
        return Damage(ordinal, NOT_TAKEN_OUT)
    return Member(
        ordinal=ordinal,
        raw_name=raw_name,
        name=readable_name(raw_name),
        kind=MemberKind.ATTACHMENT,
        chunks=lambda: opening.metered(in_pieces(octets), packed_bytes=opening.content.size_bytes),
        size_bytes=len(octets),
    )
