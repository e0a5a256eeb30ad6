"""Tables of the report: headers with scope, numbers to the right, a bar where it helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.charts import small_bar
from kedang.entrypoints.report.markup import Child, element

SHORT_ROWS = 8  # a table up to here is not torn apart by a page's end
PHONE_COLUMNS = 5  # more of them are wider than a phone, and are moved sideways in their own box


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; `number` puts its cells to the right."""

    head: Child
    number: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Shaded:
    """A cell with a background, as in a heat table."""

    content: Child
    background: str
    colour: str


Cell = Child | Shaded


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    foot: Sequence[Cell] | None = None,
    kind: str = "",
    hint: str = "",
) -> Element:
    """A table whose first column heads its rows; where the page is narrow a wide one scrolls, and `hint` says so."""
    head = element(
        "thead",
        element("tr", *(element("th", column.head, scope="col", _class=_kind(column)) for column in columns)),
    )
    lines = [_row(columns, row) for row in rows]
    kind = f"{kind} short" if len(lines) <= SHORT_ROWS else kind
    body = element("tbody", *lines)
    last = element("tfoot", _row(columns, foot)) if foot is not None else None
    drawn = element("table", element("caption", caption), head, body, last, _class=kind.strip() or None)
    wide = len(columns) > PHONE_COLUMNS
    box = "scroll sideways" if wide else "scroll"
    told = swipe_hint(hint) if wide and hint else None
    return element("div", told, drawn, _class=box, role="region", aria_label=caption, tabindex=0)


def swipe_hint(said: str) -> Element:
    """Seen on a narrow page only: there is more to the side. A screen reader needs no telling."""
    return element("p", said, _class="swipe", aria_hidden="true")


def _kind(column: Column) -> str | None:
    return " ".join(part for part in ("number" if column.number else "", column.kind) if part) or None


def _row(columns: Sequence[Column], cells: Sequence[Cell]) -> Element:
    drawn = []
    for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
        style, content = None, cell
        if isinstance(cell, Shaded):
            style, content = f"background:{cell.background};color:{cell.colour}", cell.content
        scope = "row" if place == 0 else None
        drawn.append(
            element("td" if place else "th", content, scope=scope, _class=_kind(column), style=style)  # type: ignore[arg-type]
        )
    return element("tr", *drawn)


def bar_cell(amount: int, highest: int) -> Element:
    """A bar in proportion to the table's highest number."""
    return small_bar(amount, highest)


def facts(pairs: Iterable[tuple[str, Child]], *, kind: str = "facts") -> Element:
    """A list of names and values."""
    return element(
        "dl",
        *(element("div", element("dt", label), element("dd", value)) for label, value in pairs),
        _class=kind,
    )


def legend(entries: Iterable[tuple[str, Child]]) -> Element:
    """Colour squares and what they mean."""
    return element(
        "ul",
        *(
            element("li", element("span", _class="swatch", style=f"background:{colour}"), words)
            for colour, words in entries
        ),
        _class="legend",
    )


def wide_figure(label: str, *children: Child, hint: str = "") -> Element:
    """A figure that scrolls by itself where the page is narrow, which `hint` says there."""
    told = swipe_hint(hint) if hint else None
    return element("figure", told, *children, _class="wide", role="region", aria_label=label, tabindex=0)
