"""Pages without text: read by recognition, merged with the pages that have text of their own."""

from __future__ import annotations

import importlib
from typing import Any

from kedang.extraction.limits import Limits
from kedang.records.content import Content, Extraction, Format


class PageReader:
    """Reads pages with one recognition engine, loaded at the first page of a process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._engine: Any = None

    def read(self, content: Content, found: Format, embedded: Extraction) -> Extraction:
        """`embedded` with the text of its `ocr_pages`; no page is left waiting."""
        # The engine weighs a gigabyte: only a process that meets a scan loads it.
        ocr = importlib.import_module("kedang.extraction.ocr")
        if self._engine is None:
            self._engine = importlib.import_module("kedang.extraction.ocr_engine").load_engine()
        read = ocr.read_pages(content, found, embedded.ocr_pages, limits=self._limits, engine=self._engine)
        merged: Extraction = ocr.merge_ocr(embedded, read)
        return merged
