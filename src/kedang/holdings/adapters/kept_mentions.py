"""Who is named in records, opened again."""

from __future__ import annotations

import msgspec

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.contents import key_of
from kedang.holdings.customer_errors import MentionsUnreadable
from kedang.holdings.intake.plain import OpenableRecord
from kedang.pipeline.kept_mentions import KeptMention, decode_mentions
from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.pack import Pointer, read_blob


def mentions_payload(archive: Archive, record: OpenableRecord, key: bytes | None = None) -> bytes:
    """The mentions as they were encoded; empty when the record names nobody."""
    if not record.mentions_length:
        return b""
    pointer = Pointer(PackId(record.derived_pack), record.mentions_offset, record.mentions_length)
    binding = Binding(archive.case_id, record.id, Role.MENTIONS)
    return open_bytes(key or key_of(archive, record), read_blob(archive.store, pointer), binding=binding)


def mentions_of_record(
    archive: Archive, record: OpenableRecord, key: bytes | None = None
) -> tuple[KeptMention, ...]:
    """Everybody that the record names but the closing company, in order.

    Raises:
        MentionsUnreadable: what was sealed is no list of mentions.
    """
    try:
        return decode_mentions(mentions_payload(archive, record, key))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise MentionsUnreadable(record=record.id) from error
