"""Recovery shares as cards on paper: a PDF with two cards to a sheet of A4.

The PDF exists in memory only until the caller writes it where he was asked to: typst compiles from memory to
memory, reads nothing but its fonts and writes nothing.
"""

from __future__ import annotations

import ctypes
import json
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

import pylopdf_fonts_zh_cn
import pypdfium2
import pypdfium2.raw as pdfium
import segno
import typst

from kedang.entrypoints.errors import CardFontMissing
from kedang.vault.shares import ShareCard

CHINESE_FONT = "NotoSansSC"
WORD_FONT = "DejaVuSansMono"  # comes with typst
QUIET_ZONE = 4  # modules of white around a QR code, ISO/IEC 18004


def print_cards(cards: Sequence[ShareCard], *, fonds_code: str, printed_on: date) -> bytes:
    """The PDF. It holds secrets: write it to the place that was asked for and nowhere else.

    Raises:
        CardFontMissing: a text would have come out as empty boxes.
    """
    document: bytes = _compiled(cards, fonds_code, printed_on, format="pdf")
    embedded = " ".join(fonts_of(document))
    missing = [font for font in (CHINESE_FONT, WORD_FONT) if font not in embedded]
    if missing:
        raise CardFontMissing(missing=len(missing))
    return document


def fonts_of(document: bytes) -> frozenset[str]:
    """The names of the fonts in which the PDF's visible characters are set."""
    opened = pypdfium2.PdfDocument(BytesIO(document))
    try:
        return frozenset(name for page in opened for name in _page_fonts(page))
    finally:
        opened.close()


def _page_fonts(page: Any) -> Iterator[str]:
    text = page.get_textpage()
    for at in range(text.count_chars()):
        if not chr(pdfium.FPDFText_GetUnicode(text, at)).isspace():
            name, flags = ctypes.create_string_buffer(256), ctypes.c_int()
            pdfium.FPDFText_GetFontInfo(text, at, name, len(name), flags)
            yield name.value.decode()


def _compiled(cards: Sequence[ShareCard], fonds_code: str, printed_on: date, **options: Any) -> Any:
    layout = files("kedang.entrypoints.cards").joinpath("layout.typ").read_bytes()
    given = {
        "fonds": fonds_code,
        "printed": printed_on.isoformat(),
        "texts": _texts(),
        "cards": [_shown(card) for card in cards],
    }
    return typst.compile(
        layout,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
        ignore_system_fonts=True,
        sys_inputs={"cards": json.dumps(given, ensure_ascii=False)},
        **options,
    )


def _shown(card: ShareCard) -> dict[str, Any]:
    """What the layout says of one card."""
    numbers = {
        "number": card.number,
        "count": card.count,
        "threshold": card.threshold,
        "group": card.group,
        "groups": card.groups,
        "group_threshold": card.group_threshold,
    }
    grouped = card.groups > 1
    needed = "needed" if not grouped else "group_needed" if card.count > 1 else "group_whole"
    return {
        "share": _said("share", numbers),
        "needed": _said(needed, numbers),
        "group": _said("group", numbers) if grouped else None,
        "set": f"{card.identifier:05d}",
        "mark": f"{card.mark[:3]} {card.mark[3:]}",
        "first": " ".join(card.words[:2]),
        "words": card.words,
        "qr": _qr(card.words),
        "alone": card.threshold == card.group_threshold == 1,
    }


def _qr(words: Sequence[str]) -> str:
    """The words in capitals, which a QR code holds in fewer squares; they are read in any case."""
    code = segno.make(" ".join(words).upper(), error="m", micro=False)
    drawn = BytesIO()
    code.save(drawn, kind="svg", border=QUIET_ZONE, xmldecl=False, svgns=True)
    return drawn.getvalue().decode()


def _said(key: str, numbers: dict[str, int]) -> dict[str, str]:
    return {language: text.format(**numbers) for language, text in _texts()[key].items()}


@cache
def _texts() -> dict[str, dict[str, str]]:
    table = files("kedang.entrypoints.cards").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(table)
