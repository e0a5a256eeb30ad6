"""OpenDocument: odt, ods, odp, and RTF beside them."""

from __future__ import annotations

from html import escape

from examples.sample_company.marks import plain
from examples.sample_company.paper import Grid, Heading, Paper
from examples.sample_company.writers.sheets import cells
from examples.sample_company.writers.text import line_of
from examples.sample_company.writers.zipped import container

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("style", "style"),
        ("svg", "svg-compatible"),
    )
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
TYPE = "application/vnd.oasis.opendocument."
LINES_A_SLIDE = 6


def _package(kind: str, body: str) -> bytes:
    content = f'{HEAD}<office:document-content {SPACES} office:version="1.2"><office:body>{body}</office:body></office:document-content>'
    manifest = (
        f'{HEAD}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE}{kind}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    members = [("mimetype", f"{TYPE}{kind}"), ("content.xml", content), ("META-INF/manifest.xml", manifest)]
    return container(((name, text.encode()) for name, text in members), stored_first=True)


def _p(text: str) -> str:
    return f"<text:p>{escape(text)}</text:p>"


def odt(paper: Paper) -> bytes:
    """The paper as an OpenDocument text."""
    parts = [_p(plain(paper.header))] if paper.header else []
    if paper.title:
        parts.append(f'<text:h text:outline-level="1">{escape(plain(paper.title))}</text:h>')
    for block in paper.blocks:
        if isinstance(block, Heading):
            parts.append(f'<text:h text:outline-level="2">{escape(plain(block.text))}</text:h>')
        elif isinstance(block, Grid):
            rows = "".join(_row([plain(cell) for cell in row]) for row in (block.headers, *block.rows))
            columns = f'<table:table-column table:number-columns-repeated="{len(block.headers)}"/>'
            parts.append(f'<table:table table:name="{escape(block.name)}">{columns}{rows}</table:table>')
        else:
            parts.append(_p(plain(block)))
    return _package("text", f"<office:text>{''.join(parts)}</office:text>")


def _row(row: list[str]) -> str:
    inner = "".join(
        f'<table:table-cell office:value-type="string">{_p(cell)}</table:table-cell>' for cell in row
    )
    return f"<table:table-row>{inner}</table:table-row>"


def ods(paper: Paper) -> bytes:
    """The paper as an OpenDocument spreadsheet."""
    tables = []
    for name, rows in cells(paper, numeric=False):
        inner = "".join(_row([str(cell) for cell in row]) for row in rows)
        tables.append(f'<table:table table:name="{escape(name)}">{inner}</table:table>')
    return _package("spreadsheet", f"<office:spreadsheet>{''.join(tables)}</office:spreadsheet>")


def slides(paper: Paper) -> list[list[str]]:
    """The paper's lines as slides of a few lines."""
    lines: list[str] = [plain(paper.title)] if paper.title else []
    for block in paper.blocks:
        if isinstance(block, Grid):
            lines += ["  ".join(plain(cell) for cell in row) for row in (block.headers, *block.rows)]
        else:
            lines.append(plain(line_of(block)))
    return [lines[start : start + LINES_A_SLIDE] for start in range(0, len(lines), LINES_A_SLIDE)]


def odp(paper: Paper) -> bytes:
    """The paper as an OpenDocument presentation."""
    pages = []
    for number, lines in enumerate(slides(paper), 1):
        box = f"<draw:text-box>{''.join(_p(line) for line in lines)}</draw:text-box>"
        frame = f'<draw:frame svg:width="24cm" svg:height="15cm" svg:x="2cm" svg:y="2cm">{box}</draw:frame>'
        pages.append(
            f'<draw:page draw:name="第{number}页" draw:master-page-name="Default">{frame}</draw:page>'
        )
    return _package("presentation", f"<office:presentation>{''.join(pages)}</office:presentation>")


def rtf(paper: Paper) -> bytes:
    """The paper as RTF, in Unicode escapes as Word writes them."""
    parts = ["{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fnil\\fcharset134 SimSun;}}\\uc1\\fs21 "]
    if paper.header:
        parts.append("{\\header " + _escaped(plain(paper.header)) + "\\par}")
    if paper.title:
        parts.append("{\\qc\\b\\fs36 " + _escaped(plain(paper.title)) + "\\par}\\pard ")
    for block in paper.blocks:
        if isinstance(block, Grid):
            for row in (block.headers, *block.rows):
                edges = "".join(f"\\cellx{(place + 1) * 1500}" for place in range(len(row)))
                inner = "".join(f"\\intbl {_escaped(plain(cell))}\\cell" for cell in row)
                parts.append(f"\\trowd{edges}{inner}\\row\\pard ")
        else:
            parts.append(_escaped(plain(line_of(block))) + "\\par ")
    return ("\n".join(parts) + "}").encode("ascii")


def _escaped(text: str) -> str:
    found = []
    for char in text:
        if char in "\\{}":
            found.append("\\" + char)
        elif ord(char) < 128:
            found.append(char)
        else:
            units = char.encode("utf-16-le")
            for place in range(0, len(units), 2):
                unit = int.from_bytes(units[place : place + 2], "little", signed=True)
                found.append(f"\\u{unit}?")
    return "".join(found)
