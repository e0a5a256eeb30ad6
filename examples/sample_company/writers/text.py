"""Plain text, CSV, Markdown, JSON, XML and HTML in the charsets of Chinese offices."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import escape
from random import Random

from examples.sample_company.marks import Marked, plain
from examples.sample_company.paper import Block, Grid, Heading, Paper
from kedang.records.traditional import simplified_characters

CHARSETS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "utf-16")
BOMS = {"utf-16": b"\xff\xfe"}
Changer = Callable[[str], str]


def encode(text: str, charset: str) -> bytes:
    """Bytes in the charset; UTF-16 is little-endian with its mark on every machine."""
    if charset == "utf-16":
        return BOMS["utf-16"] + text.encode("utf-16-le")
    return text.encode(charset)


def traditional(paper: Paper) -> Paper:
    """The paper in traditional characters, marks kept."""
    return mapped(paper, lambda text: text.translate(_to_traditional()))


@cache
def _to_traditional() -> dict[int, str]:
    """A traditional character for each simplified one; of several, the one that Big5 has and comes first."""
    table: dict[int, str] = {}
    for old, new in simplified_characters().items():
        if len(old.encode("big5", "ignore")) == 2:
            table.setdefault(ord(new), old)
    return table


def fitting(paper: Paper, charset: str) -> Paper:
    """The paper as the charset can hold it: what it lacks becomes `?`, as old programs did."""
    if charset.startswith("utf") or charset == "gb18030":
        return paper
    start = traditional(paper) if charset == "big5" else paper
    return mapped(start, lambda text: text.encode(charset, "replace").decode(charset))


def mapped(paper: Paper, change: Changer) -> Paper:
    """The paper with every text in it changed."""

    def block(part: Block) -> Block:
        if isinstance(part, Heading):
            return Heading(change(part.text))
        if isinstance(part, Grid):
            rows = tuple(tuple(change(cell) for cell in row) for row in part.rows)
            return Grid(tuple(change(cell) for cell in part.headers), rows, change(part.name))
        return change(part)

    return replace(
        paper,
        title=change(paper.title),
        header=change(paper.header),
        blocks=tuple(block(part) for part in paper.blocks),
    )


def txt(paper: Paper, *, charset: str = "utf-8", newline: str = "\n") -> bytes:
    """Plain text, a line for each paragraph, cells parted by tabs."""
    return encode(paper.text().replace("\n", newline), charset)


def comma_separated(paper: Paper, *, charset: str = "utf-8") -> bytes:
    """The paper's tables as CSV; lines outside a table take one cell. The title stays out unless there is nothing else."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    for block in paper.blocks:
        if isinstance(block, Grid):
            writer.writerow([plain(cell) for cell in block.headers])
            writer.writerows([[plain(cell) for cell in row] for row in block.rows])
        else:
            writer.writerow([plain(line_of(block))])
    return encode(target.getvalue(), charset)


def untitled(paper: Paper) -> Paper:
    """The paper without title and header, as a CSV keeps it."""
    return replace(paper, title="", header="")


def markdown(paper: Paper, *, charset: str = "utf-8") -> bytes:
    """Markdown with tables."""
    lines = [f"# {plain(paper.title)}", ""] if paper.title else []
    if paper.header:
        lines = [plain(paper.header), "", *lines]
    for block in paper.blocks:
        if isinstance(block, Heading):
            lines += [f"## {plain(block.text)}", ""]
        elif isinstance(block, Grid):
            lines.append("| " + " | ".join(plain(cell) for cell in block.headers) + " |")
            lines.append("|" + " --- |" * len(block.headers))
            lines += ["| " + " | ".join(plain(cell) for cell in row) + " |" for row in block.rows]
            lines.append("")
        else:
            lines += [plain(block), ""]
    return encode("\n".join(lines), charset)


def json_text(paper: Paper, *, charset: str = "utf-8", ascii_only: bool = False) -> bytes:
    """A JSON export: title, lines, tables as lists of objects."""
    content: dict[str, object] = {"header": plain(paper.header)} if paper.header else {}
    content |= {"title": plain(paper.title), "lines": [], "tables": []}
    lines, tables = list[str](), list[object]()
    for block in paper.blocks:
        if isinstance(block, Grid):
            rows = [[plain(cell) for cell in row] for row in block.rows]
            tables.append({"headers": [plain(cell) for cell in block.headers], "rows": rows})
        else:
            lines.append(plain(line_of(block)))
    content |= {"lines": lines, "tables": tables}
    return encode(json.dumps(content, ensure_ascii=ascii_only, indent=1), charset)


def xml(paper: Paper, *, charset: str = "utf-8") -> bytes:
    """A plain XML export."""
    parts = [f'<?xml version="1.0" encoding="{charset}"?>', "<document>"]
    if paper.header:
        parts.append(f"<header>{escape(plain(paper.header))}</header>")
    parts.append(f"<title>{escape(plain(paper.title))}</title>")
    for block in paper.blocks:
        if isinstance(block, Grid):
            rows = (block.headers, *block.rows)
            cells = ("".join(f"<c>{escape(plain(cell))}</c>" for cell in row) for row in rows)
            parts += ["<table>", *(f"<r>{row}</r>" for row in cells), "</table>"]
        else:
            parts.append(f"<p>{escape(plain(line_of(block)))}</p>")
    parts.append("</document>")
    return encode("\n".join(parts), charset)


def html(paper: Paper, *, charset: str = "utf-8", random: Random | None = None) -> bytes:
    """A web page; charset stands in a meta element as in the pages of its time."""
    head = (
        f'<meta charset="{charset}">'
        if charset == "utf-8"
        else f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    )
    parts = [f"<!DOCTYPE html>\n<html><head>{head}<style>td{{border:1px solid #999}}</style></head><body>"]
    if random is not None and random.random() < 0.5:
        parts.append("<script>var hidden = 'not text';</script>")
    if paper.header:
        parts.append(f"<div>{escape(plain(paper.header))}</div>")
    if paper.title:
        parts.append(f"<h1>{escape(plain(paper.title))}</h1>")
    for block in paper.blocks:
        if isinstance(block, Heading):
            parts.append(f"<h2>{escape(plain(block.text))}</h2>")
        elif isinstance(block, Grid):
            rows = (block.headers, *block.rows)
            cells = ("".join(f"<td>{escape(plain(cell))}</td>" for cell in row) for row in rows)
            parts += ["<table>", *(f"<tr>{row}</tr>" for row in cells), "</table>"]
        else:
            parts.append(f"<p>{escape(plain(block))}</p>")
    return encode("\n".join([*parts, "</body></html>"]), charset)


def line_of(block: Block) -> Marked:
    """A block outside a table as one line."""
    if isinstance(block, Heading):
        return block.text
    if isinstance(block, Grid):
        return "\t".join(block.headers)
    return block
