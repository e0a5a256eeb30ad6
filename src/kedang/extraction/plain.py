"""Plain text, Markdown and SQL: the characters as they stand; a chat export also as a table."""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.chats import messages_of
from kedang.extraction.encodings import charset_of, decode
from kedang.extraction.limits import Limits
from kedang.records.content import Content, Extraction, Format, Table

MAX_BYTES_A_CODE_POINT = 4
CHAT_HEADERS = ("time", "sender", "message")


def text_of(content: Content, format: Format, assembly: TextAssembly, limits: Limits) -> str:
    """The decoded text, at most as much as the limits allow; doubts are noted in the assembly."""
    most = limits.max_text_code_points * MAX_BYTES_A_CODE_POINT + MAX_BYTES_A_CODE_POINT
    with content.open() as stream:
        raw = stream.read(most)
    complete = content.size_bytes <= most
    assembly.cut = not complete
    charset = charset_of(raw, complete=complete) if format.charset is None else None
    codec = format.charset or (charset.codec if charset is not None else "utf-8")
    text, sound = decode(raw, codec)
    if not sound:
        better = charset_of(raw, complete=complete)
        if better is not None and better.codec != codec:
            codec = better.codec
            text, sound = decode(raw, codec)
    if not sound and complete:
        assembly.unsure_charset(replaced=text.count("\ufffd"))
    return text.removeprefix("\ufeff")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of a plain text file."""
    assembly = TextAssembly(limits)
    assembly.write(text_of(content, format, assembly, limits))
    read_so_far = assembly.extraction()
    chat = messages_of(read_so_far.text)
    if chat:
        rows = tuple(message.row for message in chat)
        starts = tuple(message.start for message in chat)
        assembly.tables.append(Table("chat", CHAT_HEADERS, rows, 1, starts))
        assembly.tell("kind", "chat")
    return assembly.extraction()
