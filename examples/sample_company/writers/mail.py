"""Mails: eml, mbox, maildir."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email import policy
from email.header import Header
from email.message import EmailMessage
from random import Random

from examples.sample_company.marks import plain
from examples.sample_company.paper import Paper
from examples.sample_company.writers.text import html

CHINA = timezone(timedelta(hours=8))
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a mail."""

    name: str
    payload: bytes

    @property
    def media_type(self) -> str:
        """The type that a mail program would give it."""
        return TYPES.get(self.name.rpartition(".")[2].lower(), "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, when."""

    sender: tuple[str, str]
    recipient: tuple[str, str]
    sent: datetime
    key: str


def sent_at(random: Random, day: date) -> datetime:
    """A moment of the working day."""
    return datetime(
        day.year,
        day.month,
        day.day,
        random.randrange(8, 19),
        random.randrange(60),
        random.randrange(60),
        tzinfo=CHINA,
    )


def eml(
    paper: Paper,
    envelope: Envelope,
    attachments: tuple[Attachment, ...] = (),
    *,
    charset: str = "utf-8",
    web: bool = False,
) -> bytes:
    """One mail; its subject is the paper's title, its body the lines. `web` adds an HTML alternative."""
    body = plain("\n".join(paper.lines()[1:])) + "\n"
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    message["Date"] = envelope.sent
    message["Message-ID"] = f"<{envelope.key}@yanghe.example.com>"
    message["From"] = "@sender@"
    message["To"] = "@recipient@"
    message["Subject"] = "@subject@"
    message["X-Mailer"] = "Foxmail 7.2" if charset != "utf-8" else "Coremail Webmail"
    message.set_content(body, charset=charset, cte="base64" if charset != "utf-8" else None)
    if web:
        message.add_alternative(html(paper).decode(), subtype="html", cte="quoted-printable")
    for attachment in attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.payload, maintype=main, subtype=sub, filename=attachment.name)
    _fix_boundaries(message, envelope.key)
    return _with_headers(message.as_bytes(), plain(paper.title), envelope, charset)


def _with_headers(payload: bytes, subject: str, envelope: Envelope, charset: str) -> bytes:
    """The mail with its names and subject in its own charset, where the library would write UTF-8."""
    head, gap, body = payload.partition(b"\r\n\r\n")
    words = (
        (b"From: @sender@", _header("From", charset, *envelope.sender)),
        (b"To: @recipient@", _header("To", charset, *envelope.recipient)),
        (b"Subject: @subject@", _header("Subject", charset, subject)),
    )
    for old, new in words:
        head = head.replace(old, new)
    return head + gap + body


def _header(field: str, charset: str, text: str, address: str = "") -> bytes:
    shown = Header(text, charset, header_name=field, maxlinelen=60).encode(linesep="\r\n")
    return f"{field}: {shown}{f' <{address}>' if address else ''}".encode("ascii")


def _fix_boundaries(message: EmailMessage, key: str) -> None:
    for place, part in enumerate(message.walk()):
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"----=_Part_{place}_{key}")


def mbox(messages: list[tuple[datetime, bytes]]) -> bytes:
    """Mails behind each other, as mboxrd."""
    target = bytearray()
    for sent, message in messages:
        target += f"From sender@example.com {sent.astimezone(UTC):%a %b %d %H:%M:%S %Y}\n".encode()
        for line in message.replace(b"\r\n", b"\n").split(b"\n"):
            target += (b">" if line.lstrip(b">").startswith(b"From ") else b"") + line + b"\n"
        target += b"\n"
    return bytes(target)
