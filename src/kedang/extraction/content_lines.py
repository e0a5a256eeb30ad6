"""The lines of vCard and iCalendar: name, parameters, value; folded lines joined, encodings read.

Versions: vCard 2.1 (QUOTED-PRINTABLE, CHARSET, soft line breaks), 3.0 and 4.0 (backslash escapes),
iCalendar 2.0.
"""

from __future__ import annotations

import quopri
import re
from dataclasses import dataclass

from kedang.extraction.encodings import charset_of, declared, decode

_LINE = re.compile(
    r"(?:[A-Za-z0-9_-]+\.)?([A-Za-z0-9_-]+)((?:;(?:[^:\";]++|\"[^\"]*\")*+)*+):(.*)", re.DOTALL
)
_ESCAPE = re.compile(r"\\([nN,;:\\])")


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One property: its name in upper case, its parameters in upper case, its value as it stands."""

    name: str
    parameters: tuple[str, ...]
    value: str


def content_lines(raw: bytes, codec: str) -> list[ContentLine]:
    """Every property of the file, in order; lines that are none are passed over."""
    found: list[ContentLine] = []
    for line in _unfolded(decode_lenient(raw, codec)):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        parameters = tuple(
            parameter.strip().upper() for parameter in match[2].split(";") if parameter.strip()
        )
        found.append(ContentLine(match[1].upper(), parameters, _value(match[3], parameters)))
    return found


def decode_lenient(raw: bytes, codec: str) -> str:
    """The text under the codec; U+FFFD where it does not fit."""
    return decode(raw, codec)[0].removeprefix("\ufeff")


def unescaped(value: str) -> str:
    """The value with its backslash escapes read."""
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def components(value: str) -> list[str]:
    """The parts of a compound value such as N or ADR, unescaped, blanks kept."""
    return [unescaped(part).strip() for part in re.split(r"(?<!\\);", value)]


def _unfolded(text: str) -> list[str]:
    """Logical lines: continuations begin with a blank; quoted-printable ones that end in "=" go on below."""
    lines: list[str] = []
    soft = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if soft:
            lines[-1] = lines[-1][:-1] + line.lstrip(" \t") if lines[-1].endswith("=") else lines[-1] + line
        elif line[:1] in (" ", "\t") and lines:
            lines[-1] += line[1:]
        else:
            lines.append(line)
        soft = bool(lines) and lines[-1].endswith("=") and "QUOTED-PRINTABLE" in lines[-1][:200].upper()
    return lines


def _value(value: str, parameters: tuple[str, ...]) -> str:
    if not any("QUOTED-PRINTABLE" in parameter for parameter in parameters):
        return value
    raw = quopri.decodestring(value.encode("utf-8", "replace"))
    label = next(
        (parameter.partition("=")[2] for parameter in parameters if parameter.startswith("CHARSET=")), ""
    )
    codec = declared(label) if label else None
    if codec is not None:
        text, sound = decode(raw, codec)
        if sound:
            return text
    seen = charset_of(raw, complete=True)
    return decode(raw, seen.codec if seen is not None else "utf-8")[0]
