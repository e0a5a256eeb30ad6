"""A page as lines for a terminal, Chinese characters counted as two columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

from kedang.entrypoints.customer_page.blocks import Block, Chain, Known, Listed, Mood, Page, Said, Waterfall
from kedang.entrypoints.legible import clean

ROWS_SHOWN = 40
"""Of one table; the others are counted."""
_WIDEST = 44  # columns of a cell, but for the last of its row
_SIGNS = {Mood.GOOD: "✓ ", Mood.BAD: "✗ ", Mood.WAITING: "… ", Mood.PLAIN: "", Mood.EMPTY: ""}
_BAR = 24  # columns of the longest bar


def page_lines(page: Page, more: str) -> Iterator[tuple[str, str]]:
    """Each line with its style; `more` says how many rows of a table were left out ({count})."""
    yield f"{page.kicker}  {clean(page.title)}", "bold"
    for label, value in page.about.pairs:
        yield f"    {label}  {clean(value)}", ""
    yield "    " + "  ".join(f"{value} {label}" for value, label in page.figures), ""
    for part in page.parts:
        yield "", ""
        yield part.title, "bold"
        for block in part.blocks:
            yield from _block(block, more)


def _block(block: Block, more: str) -> Iterator[tuple[str, str]]:
    match block:
        case Said():
            yield f"    {_SIGNS[block.mood]}{clean(block.text)}{clean(block.more)}", ""
        case Known():
            for label, value in block.pairs:
                yield f"    {label}  {clean(value)}", ""
        case Listed():
            yield from _listed(block, more)
        case Chain():
            yield f"    {block.title}", ""
            steps = (f"{_SIGNS[one.mood]}{one.label} {one.amount}" for one in block.steps)
            yield "      " + "  →  ".join(steps), ""
            for gap in block.gaps:
                yield f"      {_SIGNS[gap.mood]}{clean(gap.text)}", ""
        case Waterfall():
            yield from _waterfall(block)


def _listed(listed: Listed, more: str) -> Iterator[tuple[str, str]]:
    if listed.shown:
        yield f"  {listed.caption}", ""
    rows = [[clean(cell) for cell in row] for row in listed.rows[:ROWS_SHOWN]]
    heads = [head.text for head in listed.heads]
    widths = [
        min(max(cell_len(row[at]) for row in [heads, *rows]), _WIDEST) for at in range(len(listed.heads))
    ]
    yield "    " + _row(heads, widths), "dim"
    for row in rows:
        yield "    " + _row(row, widths), ""
    if len(listed.rows) > ROWS_SHOWN:
        yield "    " + more.format(count=len(listed.rows) - ROWS_SHOWN), "dim"


def _row(cells: list[str], widths: list[int]) -> str:
    fitted = [
        set_cell_size(cell, width) if cell_len(cell) <= width else set_cell_size(cell, width - 1) + "…"
        for cell, width in zip(cells[:-1], widths[:-1], strict=True)
    ]
    return "  ".join([*fitted, cells[-1]]).rstrip()


def _waterfall(fall: Waterfall) -> Iterator[tuple[str, str]]:
    yield f"    {clean(fall.title)}", ""
    highest = max((abs(bar.bits) for bar in (*fall.bars, fall.total)), default=1.0) or 1.0
    for bar in (*fall.bars, fall.total):
        drawn = "█" * max(round(abs(bar.bits) / highest * _BAR), 1)
        yield f"      {bar.bits:+7.1f}  {set_cell_size(drawn, _BAR)}  {clean(bar.label)}", ""
    if fall.verdict:
        yield f"      {fall.verdict}", ""
