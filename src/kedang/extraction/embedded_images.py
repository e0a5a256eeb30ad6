"""Pictures inside a document whose text stands only in them."""

from __future__ import annotations

from kedang.extraction.packages import Package

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp")
ENOUGH_TEXT = 100  # characters; a document with more speaks for itself and its pictures are decoration
MIN_PICTURE_BYTES = 2_000  # smaller ones are bullets and rules
MAX_PICTURES = 50


def pictures_of(package: Package) -> list[str]:
    """The names of the pictures worth reading, in the order of their names."""
    names = [
        name
        for name in package.names()
        if name.endswith(PICTURE_SUFFIXES) and not name.startswith(("docprops/", "thumbnails/"))
    ]
    return sorted((name for name in names if package.size_of(name) >= MIN_PICTURE_BYTES), key=_natural)[
        :MAX_PICTURES
    ]


def pictures_wanting_ocr(package: Package, text_length: int) -> int:
    """How many pictures hold the text that the document itself lacks."""
    return len(pictures_of(package)) if text_length < ENOUGH_TEXT else 0


def _natural(name: str) -> tuple[int, str]:
    return len(name), name
