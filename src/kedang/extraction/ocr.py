"""Text of pages that have none of their own, and how it joins the text that stands beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import (
    NOTHING_WRITTEN,
    OCR_UNSURE,
    PAGE_NOT_SHOWN,
    PICTURE_CUT_SHORT,
    Damaged,
    ExtractionError,
    LimitExceeded,
)
from kedang.extraction.extract import PARSER_FAULTS
from kedang.extraction.images import PageImage
from kedang.extraction.limits import Limits
from kedang.extraction.ocr_engine import OcrEngine, PageRead
from kedang.extraction.ocr_layout import page_text
from kedang.extraction.orientation import Turn
from kedang.extraction.page_images import page_images
from kedang.records.content import (
    Content,
    Extraction,
    Family,
    Format,
    Place,
    Problem,
    Table,
    TextSource,
)

_UNSURE_PAGE = 0.85  # mean over the signs of a page
_UNSURE_LINE = 0.8
_MANY_ILLEGIBLE = 3  # fewer are the texture of a photograph
_WITH_PAGES = (Family.IMAGE, Family.PDF, Family.OFD)


@dataclass(slots=True)
class _Tally:
    """What the pages read so far add up to."""

    lines: int = 0
    unsure_lines: int = 0
    signs: int = 0
    sureness: float = 0.0
    turned: int = 0
    blank: int = 0
    cut_short: int = 0
    not_shown: int = 0
    unsure_pages: int = 0

    def add(self, page: PageRead) -> None:
        signs = sum(len(line.text) for line in page.lines)
        sureness = sum(line.confidence * len(line.text) for line in page.lines)
        self.lines += len(page.lines)
        self.unsure_lines += sum(line.confidence < _UNSURE_LINE for line in page.lines)
        self.signs += signs
        self.sureness += sureness
        self.turned += page.turn is not Turn.NONE
        illegible = page.illegible >= _MANY_ILLEGIBLE and page.illegible > len(page.lines)
        unsure = illegible or (signs > 0 and sureness / signs < _UNSURE_PAGE)
        self.unsure_pages += unsure
        self.blank += not page.lines and not unsure


def read_pages(
    content: Content, format: Format, pages: Sequence[int], *, limits: Limits, engine: OcrEngine
) -> Extraction:
    """The text of the named pages (0-based), each a place, with what is doubtful as problems.

    No page of the answer wants OCR: one that cannot be drawn would fail again. Never raises for what the
    bytes hold.
    """
    assembly = TextAssembly(limits)
    tally = _Tally()
    kind = "page" if format.family in _WITH_PAGES else "picture"
    try:
        for page in page_images(content, format, pages, limits=limits):
            _write(page, kind, engine, assembly, tally)
            if assembly.cut:
                break
    except ExtractionError as error:
        facts = {name: fact for name, fact in error.facts.items() if isinstance(fact, str | int)}
        assembly.problem(error.code, **facts)
    except MemoryError:
        assembly.problem(LimitExceeded.code, limit="memory")
    except PARSER_FAULTS as error:
        assembly.problem(Damaged.code, reason=type(error).__name__)
    _conclude(assembly, tally)
    found = assembly.extraction()
    return replace(found, text_source=TextSource.OCR if found.text.strip() else TextSource.NONE)


def _write(page: PageImage, kind: str, engine: OcrEngine, assembly: TextAssembly, tally: _Tally) -> None:
    tally.cut_short += page.cut_short
    if page.pixels is None:
        tally.not_shown += 1
        return
    read = engine.read(page.pixels)
    tally.add(read)
    start = assembly.length
    text = page_text(read.lines)
    if text:
        assembly.line(text)
    assembly.mark(kind, str(page.index + 1), start)


def _conclude(assembly: TextAssembly, tally: _Tally) -> None:
    if tally.signs:
        assembly.tell("ocr_confidence", f"{tally.sureness / tally.signs:.3f}")
        assembly.tell("ocr_lines", str(tally.lines))
    if tally.unsure_lines:
        assembly.tell("ocr_unsure_lines", str(tally.unsure_lines))
    if tally.turned:
        assembly.tell("ocr_turned_pages", str(tally.turned))
    for code, pages in (
        (PAGE_NOT_SHOWN, tally.not_shown),
        (PICTURE_CUT_SHORT, tally.cut_short),
        (OCR_UNSURE, tally.unsure_pages),
        (NOTHING_WRITTEN, tally.blank),
    ):
        if pages:
            assembly.problem(code, pages=pages)


def merge_ocr(embedded: Extraction, read: Extraction) -> Extraction:
    """One text, page by page: what stood in the file, and what OCR read on pages without usable text.

    On a page that both know, the recognised text comes first and the embedded one (a stamp, a page
    number) follows. Places and rows of the embedded text keep pointing at the same characters.
    """
    if not read.text.strip():
        return _joined(embedded, read, embedded.text, embedded.places, embedded.tables)
    insertions = [_insertion(embedded, place, read) for place in read.places]
    shift = _Shift(sorted(insertions, key=lambda insertion: insertion.at))
    places = [shift.place(place) for place in embedded.places]
    grown = {_key(place): number for number, place in enumerate(places)}
    for insertion, start in shift.starts():
        new = replace(insertion.place, start=start, end=start + len(insertion.text))
        number = grown.get(_key(new))
        if number is None:
            places.append(new)
        else:
            old = places[number]
            places[number] = replace(old, start=min(old.start, new.start), end=max(old.end, new.end))
    tables = tuple(shift.table(table) for table in embedded.tables)
    ordered = tuple(sorted(places, key=lambda place: (place.start, -place.end)))
    return _joined(embedded, read, shift.woven(embedded.text), ordered, tables)


@dataclass(frozen=True, slots=True)
class _Insertion:
    """Recognised text and where it goes into the embedded one."""

    at: int
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class _Shift:
    """Positions before and after the insertions, which are in order."""

    insertions: Sequence[_Insertion]

    def _moved(self, position: int, *, at_insertion: bool) -> int:
        """Where a position goes; one that an insertion sits at moves behind it when asked to."""
        return position + sum(
            len(insertion.text)
            for insertion in self.insertions
            if insertion.at < position or (at_insertion and insertion.at == position)
        )

    def place(self, place: Place) -> Place:
        """The place around the same characters."""
        if place.start == place.end:
            at = self._moved(place.start, at_insertion=True)
            return replace(place, start=at, end=at)
        return replace(
            place,
            start=self._moved(place.start, at_insertion=True),
            end=self._moved(place.end, at_insertion=False),
        )

    def table(self, table: Table) -> Table:
        """The table whose rows begin at the same characters."""
        starts = tuple(self._moved(start, at_insertion=True) for start in table.row_starts)
        return replace(table, row_starts=starts)

    def starts(self) -> Iterable[tuple[_Insertion, int]]:
        """Each insertion and where it begins in the woven text."""
        before = 0
        for insertion in self.insertions:
            yield insertion, insertion.at + before
            before += len(insertion.text)

    def woven(self, text: str) -> str:
        """The text with the insertions in it."""
        pieces, done = [], 0
        for insertion in self.insertions:
            pieces += [text[done : insertion.at], insertion.text]
            done = insertion.at
        return "".join([*pieces, text[done:]])


def _insertion(embedded: Extraction, place: Place, read: Extraction) -> _Insertion:
    text = read.text[place.start : place.end]
    if place.kind != "page":
        return _Insertion(len(embedded.text), place, text)
    number, at = int(place.label), 0
    for other in embedded.places:
        if other.kind != "page" or not other.label.isdecimal():
            continue
        if int(other.label) == number:
            return _Insertion(other.start, place, text)
        if int(other.label) < number:
            at = max(at, other.end)
    return _Insertion(at, place, text)


def _key(place: Place) -> tuple[str, str]:
    return place.kind, place.label


def _joined(
    embedded: Extraction,
    read: Extraction,
    text: str,
    places: tuple[Place, ...],
    tables: tuple[Table, ...],
) -> Extraction:
    known = {problem.code for problem in embedded.problems}
    new: tuple[Problem, ...] = tuple(p for p in read.problems if p.code not in known)
    return replace(
        embedded,
        text=text,
        text_source=TextSource.OCR if read.text.strip() else embedded.text_source,
        places=places,
        tables=tables,
        ocr_pages=(),
        metadata=(*embedded.metadata, *read.metadata),
        problems=(*embedded.problems, *new),
    )
