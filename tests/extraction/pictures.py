"""Pictures and pages that the tests draw, and the one OCR engine that they share."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from kedang.extraction.images import Pixels
from kedang.extraction.ocr_engine import OcrEngine, load_engine


@cache
def engine() -> OcrEngine:
    """The engine as a worker holds it; loading takes a second."""
    return load_engine()


def page(*lines: str, size: int = 32, width: int = 1000, height: int = 700, ink: int = 0) -> Image.Image:
    """Lines of writing on white, one under the other; a tab leads to the middle of the page."""
    sheet = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
    for number, line in enumerate(lines):
        for column, cell in enumerate(line.split("\t")):
            left = 60 + column * (width - 60) // max(2, line.count("\t") + 1)
            pen.text((left, 50 + number * size * 2), cell, fill=ink, font=font)
    return sheet


def pixels(picture: Image.Image) -> Pixels:
    """The picture as the engine takes it."""
    return np.asarray(picture.convert("RGB"), dtype=np.uint8)


def stored(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of that kind."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def without_blanks(text: str) -> str:
    """The text as it is compared: blanks are the reader's choice."""
    return "".join(text.split())


def character_errors(truth: str, said: str) -> float:
    """The least number of changes that turn what was said into the truth, by its length."""
    truth, said = without_blanks(truth), without_blanks(said)
    before = list(range(len(said) + 1))
    for row, sign in enumerate(truth, start=1):
        now = [row]
        for column, other in enumerate(said, start=1):
            change = before[column - 1] + (sign != other)
            now.append(min(change, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1] / max(1, len(truth))
