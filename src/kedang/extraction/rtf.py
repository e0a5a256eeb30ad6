r"""RTF: text of body, tables, headers, footers and notes.

The form (RTF 1.9.1): groups in braces, control words `\word123`, symbols `\~`, bytes `\'hh` in the code page
of the font or of the document, characters `\uN` followed by as many substitutes as `\ucN` last said. A group
that begins with `\*` is passed over unless its word is known; so are fonts, colours, styles and pictures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.encodings import declared, decode
from kedang.extraction.errors import PARTLY_READ, Damaged
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}]+)", re.DOTALL
)
_CHARACTERS = {
    **dict.fromkeys((b"par", b"line", b"row", b"nestrow", b"sect", b"page"), "\n"),
    **dict.fromkeys((b"cell", b"nestcell", b"tab"), "\t"),
    b"emdash": "—",
    b"endash": "–",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
    b"bullet": "•",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
}
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n", b"\\": "\\", b"{": "{", b"}": "}"}
_UNSEEN = frozenset(
    b"""
    fonttbl colortbl stylesheet info pict object objdata themedata colorschememapping datastore latentstyles
    listtable listoverridetable sp sn sv rsidtbl generator xmlnstbl fldinst filetbl revtbl htmltag mhtmltag
    pntext
    """.split()
)
_SEEN_THOUGH_STARRED = frozenset((b"shptxt", b"footnote", b"annotation", b"nesttableprops", b"shpinst"))
_CHARSETS = {
    0: "cp1252",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5hkscs",
    161: "cp1253",
    162: "cp1254",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_HALVES = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 20_000  # of groups; each costs a small object, none costs a stack frame


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group and ends with it."""

    unseen: bool = False
    hidden: bool = False
    substitutes: int = 1
    codec: str = "cp1252"


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The text of an RTF file."""
    assembly = TextAssembly(limits)
    reader = _Reader(whole_bytes(content, limits))
    said = reader.read()
    assembly.line(re.sub(r"[ \t]+\n", "\n", said).strip("\n"))
    assembly.mark("body", "body", 0)
    if not reader.sound:
        assembly.problem(PARTLY_READ, part="groups")
    return assembly.extraction()


def text_of_rtf(raw: bytes) -> str:
    """The text of RTF held in memory."""
    return _Reader(raw).read()


class _Reader:
    """One pass over the tokens."""

    def __init__(self, raw: bytes) -> None:
        if not raw.startswith(b"{\\rtf"):
            raise Damaged(reason="rtf")
        self.sound = True
        self._raw = raw
        self._said: list[str] = []
        self._bytes = bytearray()
        self._state = _State()
        self._above: list[_State] = []
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._document_codec = "cp1252"
        self._starred = False
        self._to_skip = 0

    def read(self) -> str:
        """The text; groups left open at the end are noted in `sound`."""
        at = 0
        while (token := _TOKEN.match(self._raw, at)) is not None:
            at = token.end()
            word, number, byte, symbol, brace, plain = token.groups()
            if brace is not None:
                self._brace(brace)
            elif word is not None:
                value = int(number) if number is not None else None
                if word == b"bin":
                    at += max(0, value or 0)
                self._word(word, value)
            elif symbol == b"*":
                self._starred = True
            elif byte is not None:
                self._add_bytes(bytes((int(byte, 16),)))
            elif symbol is not None:
                self._add(_SYMBOLS.get(symbol, ""))
            else:
                self._add_bytes(plain.replace(b"\r", b"").replace(b"\n", b""), plain=True)
        self._flush()
        self.sound = not self._above
        said = "".join(self._said)
        if _HALVES.search(said):  # characters beyond 65535 come as two halves
            said = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return said

    def _brace(self, brace: bytes) -> None:
        self._flush()
        self._starred = False
        self._to_skip = 0
        if brace == b"}":
            self._state = self._above.pop() if self._above else _State(codec=self._document_codec)
        elif len(self._above) >= MAX_DEPTH:
            raise Damaged(reason="rtf-groups")
        else:
            self._above.append(self._state)

    def _word(self, word: bytes, value: int | None) -> None:
        starred, self._starred = self._starred, False
        if word in _UNSEEN or (starred and word not in _SEEN_THOUGH_STARRED):
            self._state = replace(self._state, unseen=True)
        if word == b"u" and value is not None:
            self._unicode(value)
        elif word in _CHARACTERS:
            self._add(_CHARACTERS[word])
        elif word == b"uc":
            self._state = replace(self._state, substitutes=max(0, min(value if value is not None else 1, 8)))
        elif word in (b"v", b"htmlrtf"):
            self._flush()
            self._state = replace(self._state, hidden=value != 0)
        else:
            self._charset(word, value)

    def _charset(self, word: bytes, value: int | None) -> None:
        if word == b"ansicpg" and value:
            self._document_codec = declared(f"cp{value}") or "cp1252"
            self._state = replace(self._state, codec=self._document_codec)
        elif word == b"f" and value is not None:
            self._flush()
            self._font = value
            self._state = replace(self._state, codec=self._fonts.get(value, self._document_codec))
        elif word == b"fcharset" and value in _CHARSETS:
            told = _CHARSETS[value]
            self._fonts[self._font] = self._document_codec if value == 0 else told
        elif word in (b"plain", b"deff"):
            self._flush()

    def _unicode(self, value: int) -> None:
        self._flush()
        if not self._state.unseen and not self._state.hidden:
            self._said.append(chr(value & 0xFFFF))
        self._to_skip = self._state.substitutes

    def _add(self, text: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
            return
        self._flush()
        if text and not self._state.unseen and not self._state.hidden:
            self._said.append(text)

    def _add_bytes(self, raw: bytes, *, plain: bool = False) -> None:
        if self._to_skip and raw:
            skipped = min(self._to_skip, len(raw) if plain else 1)
            self._to_skip -= skipped
            raw = raw[skipped:]
        if raw and not self._state.unseen and not self._state.hidden:
            self._bytes += raw

    def _flush(self) -> None:
        """Read the bytes gathered so far; two bytes of one character may come as two tokens."""
        if self._bytes:
            self._said.append(decode(bytes(self._bytes), self._state.codec)[0])
            self._bytes.clear()
