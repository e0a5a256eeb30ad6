"""A page as a PDF on A4, from memory to memory: typst reads nothing but its fonts and writes nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from kedang.entrypoints.cards.printing import CHINESE_FONT, fonts_of
from kedang.entrypoints.customer_page.blocks import Block, Page, Waterfall
from kedang.entrypoints.customer_page.texts import PageWords
from kedang.entrypoints.errors import CardFontMissing
from kedang.entrypoints.legible import UNSAFE

_FONTS = ("Noto Sans SC", "DejaVu Sans Mono", "Libertinus Serif")


def page_pdf(page: Page, words: PageWords) -> bytes:
    """The PDF. It holds personal data in clear: write it to the place that was asked for and nowhere else.

    Raises:
        CardFontMissing: Chinese would have come out as empty boxes.
    """
    layout = files("kedang.entrypoints.customer_page").joinpath("layout.typ").read_bytes()
    given = json.dumps(_given(page, words), ensure_ascii=False)
    options: dict[str, Any] = {
        "font_paths": [str(pylopdf_fonts_zh_cn.sans_path().parent)],
        "ignore_system_fonts": True,
        "sys_inputs": {"page": UNSAFE.sub("\ufffd", given)},
        "format": "pdf",
    }
    made: bytes = typst.compile(layout, **options)
    if not any(CHINESE_FONT in font for font in fonts_of(made)):
        raise CardFontMissing(missing=1)
    return made


def _given(page: Page, words: PageWords) -> dict[str, Any]:
    parts = [{"title": part.title, "blocks": [_block(block) for block in part.blocks]} for part in page.parts]
    return asdict(page) | {
        "parts": parts,
        "fonts": list(_FONTS),
        "language": words.short,
        "ordinal": "一、" if words.chinese else "1. ",
        "numbering": words.say("page", page="\1", pages="\2"),
    }


def _block(block: Block) -> dict[str, Any]:
    given = {"is": type(block).__name__.lower()} | asdict(block)
    if isinstance(block, Waterfall):
        for bar in (*given["bars"], given["total"]):
            bar["shown"] = f"{bar['bits']:+.1f}"
    return given
