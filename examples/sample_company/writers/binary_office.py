"""doc, ppt and WPS's wps and dps: templates whose fields are overwritten in place."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from examples.sample_company.marks import plain
from examples.sample_company.paper import Paper
from examples.sample_company.writers.open_document import slides

FIRST_FIELD = 0xE100  # private use: no font or text has these characters
WORD_FIELDS: dict[str, tuple[int, ...]] = {
    "short": (40, *(60, 60, 100) * 8),
    "long": (40, *(60, 60, 60, 160) * 22),
    "wide": (40, *(110, 440) * 28),
}
SLIDES = 8
SLIDE_FIELDS = (40, 70, 70, 70, 70, 70)


def field_char(number: int) -> str:
    """The character that fills field `number` of a template."""
    return chr(FIRST_FIELD + number)


@cache
def _template(name: str) -> bytes:
    return files("examples.sample_company.templates").joinpath(name).read_bytes()


def _width(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _filled(template: bytes, texts: dict[int, str], widths: list[int]) -> bytes:
    """The template with each field overwritten; a field without text becomes blanks."""
    target = bytearray(template)
    for number, width in enumerate(widths):
        field = (field_char(number) * width).encode("utf-16-le")
        text = texts.get(number, "")
        new = (text + " " * (width - _width(text))).encode("utf-16-le")
        start = template.find(field)
        if start < 0:
            raise ValueError(f"the template has no whole field {number}")
        while start >= 0:
            target[start : start + len(field)] = new
            start = template.find(field, start + len(field))
    return bytes(target)


def _placed(lines: list[str], widths: list[int]) -> dict[int, str] | None:
    """Each line in the next field that is wide enough; None when the template is too small."""
    found: dict[int, str] = {}
    number = 0
    for line in lines:
        while number < len(widths) and widths[number] < _width(line):
            number += 1
        if number == len(widths):
            return None
        found[number] = line
        number += 1
    return found


def doc(paper: Paper) -> bytes:
    """The paper as a Word 97 document (also what WPS writes as wps)."""
    lines = [plain(line).replace("\t", "  ") for line in paper.lines()]
    if paper.header and paper.title:
        lines[0], lines[1] = lines[1], lines[0]  # the first field has the title's style
    for name, widths in WORD_FIELDS.items():
        placed = _placed(lines, list(widths))
        if placed is not None:
            return _filled(_template(f"{name}.doc"), placed, list(widths))
    raise ValueError("the paper has more lines than the longest template")


def ppt(paper: Paper) -> bytes:
    """The paper as a PowerPoint 97 presentation (also what WPS writes as dps)."""
    texts: dict[int, str] = {}
    for number, lines in enumerate(slides(paper)[:SLIDES]):
        for place, line in enumerate(lines[: len(SLIDE_FIELDS)]):
            if _width(line) > SLIDE_FIELDS[place]:
                raise ValueError("a line is wider than a slide's field")
            texts[number * len(SLIDE_FIELDS) + place] = line
    return _filled(_template("slides.ppt"), texts, list(SLIDE_FIELDS) * SLIDES)
