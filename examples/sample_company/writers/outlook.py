"""One Outlook message (MS-OXMSG): properties as streams in a compound file."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

from examples.sample_company.marks import plain
from examples.sample_company.paper import Paper
from examples.sample_company.writers.compound import Storage, compound
from examples.sample_company.writers.mail import Attachment, Envelope

UNICODE, BINARY, NUMBER, TIME = 0x001F, 0x0102, 0x0003, 0x0040
SUBJECT, CLASS, BODY, SENT = 0x0037, 0x001A, 0x1000, 0x0039
SENDER_NAME, SENDER_ADDRESS, SENDER_TYPE, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x0C1E, 0x5D01
SHOWN_TO, MESSAGE_ID, HEADERS = 0x0E04, 0x1035, 0x007D
RECIPIENT_NAME, RECIPIENT_ADDRESS, RECIPIENT_TYPE, RECIPIENT_SMTP, RECIPIENT_KIND = (
    0x3001,
    0x3003,
    0x3002,
    0x39FE,
    0x0C15,
)
FILE_NAME, LONG_NAME, DATA, METHOD, MIME = 0x3704, 0x3707, 0x3701, 0x3705, 0x370E
READABLE = 0x6  # property flags: readable and writable
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
Properties = dict[int, str | int | bytes | datetime]


def msg(paper: Paper, envelope: Envelope, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """The mail as Outlook saves it."""
    sender, address = envelope.sender
    head: Properties = {
        CLASS: "IPM.Note",
        SUBJECT: plain(paper.title),
        BODY: plain("\r\n".join(paper.lines()[1:])),
        SENT: envelope.sent,
        0x0E06: envelope.sent,
        SENDER_NAME: sender,
        SENDER_ADDRESS: address,
        SENDER_TYPE: "SMTP",
        SENDER_SMTP: address,
        0x0042: sender,
        SHOWN_TO: envelope.recipient[0],
        MESSAGE_ID: f"<{envelope.key}@yanghe.example.com>",
        0x340D: 0x00040E79,  # the store holds Unicode
        0x0E07: 1,
    }
    counts = struct.pack("<8xIIII8x", 1, len(attachments), 1, len(attachments))
    root = _storage(head, counts)
    root.class_id = bytes.fromhex("0b0d020000000000c000000000000046")
    root.entries["__nameid_version1.0"] = Storage({f"__substg1.0_000{place}0102": b"" for place in (2, 3, 4)})
    name, mailbox = envelope.recipient
    recipient: Properties = {
        RECIPIENT_NAME: name,
        RECIPIENT_ADDRESS: mailbox,
        RECIPIENT_TYPE: "SMTP",
        RECIPIENT_SMTP: mailbox,
        RECIPIENT_KIND: 1,
        0x3000: 0,
    }
    root.entries["__recip_version1.0_#00000000"] = _storage(recipient, bytes(8))
    for place, attachment in enumerate(attachments):
        root.entries[f"__attach_version1.0_#{place:08X}"] = _storage(_attached(attachment, place), bytes(8))
    return compound(root)


def _attached(attachment: Attachment, place: int) -> Properties:
    short = attachment.name.rpartition(".")
    return {
        FILE_NAME: f"FILE{place}.{short[2][:3].upper()}",
        LONG_NAME: attachment.name,
        DATA: attachment.payload,
        METHOD: 1,
        MIME: attachment.media_type,
        0x0E21: place,
        0x370B: 0xFFFFFFFF,
    }


def _storage(properties: Properties, head: bytes) -> Storage:
    storage, rows = Storage(), bytearray(head)
    for tag, value in sorted(properties.items()):
        if isinstance(value, str):
            payload = value.encode("utf-16-le")
            storage.entries[f"__substg1.0_{tag:04X}{UNICODE:04X}"] = payload
            rows += struct.pack("<HHIII", UNICODE, tag, READABLE, len(payload) + 2, 0)
        elif isinstance(value, bytes):
            storage.entries[f"__substg1.0_{tag:04X}{BINARY:04X}"] = value
            rows += struct.pack("<HHIII", BINARY, tag, READABLE, len(value), 0)
        elif isinstance(value, datetime):
            ticks = int((value - EPOCH).total_seconds()) * 10_000_000
            rows += struct.pack("<HHIQ", TIME, tag, READABLE, ticks)
        else:
            rows += struct.pack("<HHIII", NUMBER, tag, READABLE, value, 0)
    storage.entries["__properties_version1.0"] = bytes(rows)
    return storage
