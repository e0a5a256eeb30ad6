"""Plain text, Markdown and SQL: the characters as they stand; a chat export also as a table."""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.chats import messages_of
from kedang.extraction.encodings import charset_of, decode
from kedang.extraction.errors import EMPTY
from kedang.extraction.limits import Limits
from kedang.records.content import Content, Extraction, Format, Table

MAX_BYTES_A_CODE_POINT = 4
BEYOND_DOUBT = frozenset(
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "gb18030",
        "big5hkscs",
        "hz",
        "iso2022_cn",
        "iso2022_jp",
        "iso2022_kr",
    ]
)
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


def note_guess(format: Format, assembly: TextAssembly) -> None:
    """Say so when the encoding is a guess by likeness, which it is beyond the encodings of Chinese offices."""
    if format.charset is not None and format.charset not in BEYOND_DOUBT:
        assembly.unsure_charset(replaced=0)


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of a plain text file."""
    assembly = TextAssembly(limits)
    assembly.write(text_of(content, format, assembly, limits))
    note_guess(format, assembly)
    read_so_far = assembly.extraction()
    if not read_so_far.text.strip("\ufeff \t\n\u3000"):
        assembly.problem(EMPTY)
    chat = messages_of(read_so_far.text)
    if chat:
        rows = tuple(message.row for message in chat)
        starts = tuple(message.start for message in chat)
        assembly.tables.append(Table("chat", CHAT_HEADERS, rows, 1, starts))
        assembly.tell("kind", "chat")
    return assembly.extraction()
