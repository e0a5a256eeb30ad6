"""The short code of a head with its QR symbol, as it is drawn on everything that leaves the house."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import segno

from kedang.entrypoints.report.markup import element
from kedang.ledger.checkpoints import Checkpoint
from kedang.ledger.notes import split_note
from kedang.ledger.short_codes import ShortCode, short_code

QUIET_MODULES = 4  # white around the symbol, ISO/IEC 18004 §6.3.8
GROUPS_IN_A_LINE = 4


def head_code(signed_head: str) -> ShortCode:
    """The short code of a signed head."""
    return short_code(Checkpoint.parse(split_note(signed_head)[0]))


def drawn_code(code: ShortCode, *, title: str) -> Element:
    """The QR symbol beside the code in groups of five."""
    size, _, groups = str(code).partition("/")
    parts = groups.split("-")
    lines = (parts[:GROUPS_IN_A_LINE], parts[GROUPS_IN_A_LINE:])
    said = [element("span", f"{size}/", _class="size")]
    said += [element("span", "-".join(line) + ("-" if line is lines[0] else "")) for line in lines]
    return element("div", drawn_symbol(code.symbol, title=title), element("code", *said), _class="head-code")


def drawn_symbol(text: str, *, title: str) -> Element:
    """A QR symbol as inline SVG, one unit a module."""
    symbol = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in symbol.matrix]
    side = len(rows) + 2 * QUIET_MODULES
    strokes = [
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    ]
    return element(
        "svg",
        element("title", title),
        element("rect", width=side, height=side, fill="#fff"),
        element("path", d="".join(strokes), fill="#000"),
        viewBox=f"0 0 {side} {side}",
        role="img",
        aria_label=title,
        _class="qr",
        shape_rendering="crispEdges",
    )


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin in a row, and how many follow each other."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs
