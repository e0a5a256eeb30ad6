"""Marker names and every form in which a program might write them down."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.sources import Subject
from tests.world import files_below

PERSON = "慕容雪霏"  # the same characters in GBK and Big5
MARKED = Subject(
    name=PERSON,
    mobile="13917758264",
    email="xuefei.murong@kanarie.example",
    company="霖彤金石有限公司",
    address="琉璃街 7461 弄 93 号",
)
WORDS = (MARKED.name, MARKED.mobile, MARKED.email, "霖彤金石", "琉璃街")
CHARSETS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Trace:
    """A marker found where none may be."""

    place: str
    word: str
    form: str


def forms(word: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every form of a word."""
    for charset in CHARSETS:
        try:
            raw = word.encode(charset)
        except UnicodeEncodeError:
            continue
        yield charset, raw
        yield f"hex {charset}", raw.hex().encode()
        yield f"HEX {charset}", raw.hex().upper().encode()
        for style, mark in (("percent", "%"), ("quoted-printable", "="), ("bytes literal", "\\x")):
            coded = "".join(f"{mark}{byte:02X}" for byte in raw)
            yield f"{style} {charset}", coded.encode()
            yield f"{style} {charset}, small", "".join(f"{mark}{byte:02x}" for byte in raw).encode()
        for shift in range(3):
            coded_64 = base64.b64encode(bytes(shift) + raw + bytes(3))
            # Only the characters that depend on nothing but the word: six bits each.
            yield f"base64 {charset} +{shift}", coded_64[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
    if not word.isascii():
        yield "escapes", "".join(f"\\u{ord(sign):04x}" for sign in word).encode()
        yield "ESCAPES", "".join(f"\\u{ord(sign):04X}" for sign in word).encode()
        yield "entities", "".join(f"&#{ord(sign)};" for sign in word).encode()
        yield "hex entities", "".join(f"&#x{ord(sign):x};" for sign in word).encode()


NEEDLES = tuple((word, form, raw) for word in WORDS for form, raw in forms(word))


def traces_in(place: str, octets: bytes) -> list[Trace]:
    """The markers in some bytes."""
    return [Trace(place, word, form) for word, form, raw in NEEDLES if raw in octets]


def traces_below(*folders: Path) -> list[Trace]:
    """The markers in the bytes and the names of all files below the folders."""
    return [trace for path in files_below(*folders) for trace in traces_at(path)]


def traces_at(path: Path) -> list[Trace]:
    """The markers in one file and its path; nothing when it has gone meanwhile."""
    try:
        octets = path.read_bytes()
    except OSError:
        octets = b""
    return traces_in(str(path), octets + b"\n" + bytes(path))


def distinct(traces: Iterable[Trace]) -> list[str]:
    """What was found, each place once."""
    return sorted({f"{trace.place}: {trace.word} ({trace.form})" for trace in traces})
