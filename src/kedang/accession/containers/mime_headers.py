"""Headers of mails as bytes: fields, parameters and names, however broken the sender wrote them.

Sources: RFC 5322 (fields), 2045 (parameters), 2047 (encoded words), 2231 (long and charset-tagged
parameters).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from kedang.accession.names import hinted_name, readable_name

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:(.*)", re.DOTALL)
_PARAMETER = re.compile(
    # An open quote takes the rest: looking for its end twice would cost the square of the length.
    rb';\s*([^\s;=]+)\s*=\s*("(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^";][^;]*|)',
    re.DOTALL,
)
_WORD = re.compile(rb"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(=\?)")

Fields = Mapping[bytes, bytes]


def fields_of(octets: bytes) -> dict[bytes, bytes]:
    """The first value of each field by lower-case name, unfolded. Lines that are none are skipped."""
    fields: dict[bytes, list[bytes]] = {}
    current: list[bytes] = []
    for line in octets.splitlines():
        if line[:1] in (b" ", b"\t"):
            current.append(line.strip())
            continue
        found = _FIELD.match(line)
        current = []
        if found and found[1].lower() not in fields:
            current.append(found[2].strip())
            fields[found[1].lower()] = current
    return {name: b" ".join(lines) for name, lines in fields.items()}


def media_type(fields: Fields) -> str:
    """The content type in lower case, text/plain when none is said."""
    first = fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return first.decode("ascii", "replace") if b"/" in first else "text/plain"


def parameters(value: bytes) -> dict[bytes, bytes]:
    """Parameters of a field by lower-case name; RFC 2231 continuations are joined as they stand."""
    found: dict[bytes, bytes] = {}
    for name, raw in _PARAMETER.findall(b";" + value.partition(b";")[2]):
        raw = raw.strip()
        if raw.startswith(b'"'):
            raw = re.sub(rb'\\(["\\])', rb"\1", raw[1:].removesuffix(b'"'))
        found.setdefault(name.lower(), raw)
    return found


def file_name(fields: Fields) -> tuple[bytes, str]:
    """(raw bytes as they stand, readable name) of a part; both empty when it has none."""
    for field, parameter in ((b"content-disposition", b"filename"), (b"content-type", b"name")):
        known = parameters(fields.get(field, b""))
        raw, tagged = _joined(known, parameter)
        if raw:
            return raw, _tagged(raw) if tagged else decoded_words(raw)
    return b"", ""


def _joined(known: Mapping[bytes, bytes], name: bytes) -> tuple[bytes, bool]:
    """The value of a parameter and whether it is percent-encoded with a charset in front."""
    if name + b"*" in known:
        return known[name + b"*"], True
    if name in known:
        return known[name], False
    parts, tagged = [], False
    for number in range(len(known)):
        key = name + b"*%d" % number
        if key + b"*" in known:
            parts.append(known[key + b"*"])
            tagged = True
        elif key in known:
            parts.append(known[key])
        else:
            break
    return b"".join(parts), tagged


def _tagged(raw: bytes) -> str:
    charset, quote, rest = raw.partition(b"'")
    text = rest.partition(b"'")[2] if quote else raw
    octets = unquote_to_bytes(text)
    return hinted_name(octets, charset.decode("ascii", "replace") or None)


def decoded_words(raw: bytes) -> str:
    """A header value as text: encoded words decoded, raw bytes in the charset that fits."""
    joined = _BETWEEN_WORDS.sub(rb"\1\2", raw)
    parts: list[str] = []
    last = 0
    pending: tuple[str, bytes] | None = None  # a character may be cut between two words
    for word in _WORD.finditer(joined):
        if word.start() > last and pending is not None:
            parts.append(hinted_name(pending[1], pending[0]))
            pending = None
        parts.append(readable_name(joined[last : word.start()]))
        charset = word[1].decode("ascii", "replace").partition("*")[0].lower()
        octets = _word_bytes(word[2], word[3])
        if pending is not None and pending[0] == charset:
            pending = (charset, pending[1] + octets)
        else:
            if pending is not None:
                parts.append(hinted_name(pending[1], pending[0]))
            pending = (charset, octets)
        last = word.end()
    if pending is not None:
        parts.append(hinted_name(pending[1], pending[0]))
    parts.append(readable_name(joined[last:]))
    return "".join(parts)


def _word_bytes(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text, header=True)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return text
