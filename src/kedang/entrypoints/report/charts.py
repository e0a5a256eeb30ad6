"""Charts as inline SVG. Every chart has a title for those who do not see it and a table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from xml.etree.ElementTree import Element

from kedang.entrypoints.report.markup import element

# Told apart by people who see few colours; 3 : 1 or more against paper and 1.3 : 1 between neighbours.
SERIES = ("#1f4e79", "#c2632f", "#3f7f5f", "#8a5a9e", "#a98a1e", "#5a6673", "#7fa3c4", "#d79f7c")
INK, SOFT, RULE = "#1c2430", "#5a6470", "#d9dde2"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label and the parts that it is made of, in the order of the series."""

    label: str
    parts: tuple[int, ...]

    @property
    def total(self) -> int:
        """The bar's whole height."""
        return sum(self.parts)


def nice_top(highest: int) -> int:
    """The axis' end: the least of 1, 2, 2.5, 5 times a power of ten that is not below `highest`."""
    for power in count():
        for step in (10, 20, 25, 50):
            top: int = step * 10**power // 10
            if top >= max(highest, 1):
                return top
    raise AssertionError  # count() does not end


def share_bar(parts: Sequence[tuple[int, str]], *, title: str) -> Element:
    """One bar of full width, divided in proportion: (amount, colour)."""
    whole = sum(amount for amount, _ in parts) or 1
    pieces, left = [], 0.0
    for amount, colour in parts:
        width = 1000 * amount / whole
        if amount:
            shown = max(width - 2, 1.5)
            pieces.append(element("rect", x=f"{left:.1f}", y=0, width=f"{shown:.1f}", height=22, fill=colour))
        left += width
    return _picture(1000, 22, title, pieces, kind="share", stretch=True)


def small_bar(amount: int, highest: int, *, colour: str = SERIES[0]) -> Element:
    """A bar for a table's cell; the number stands in the cell beside it, so it is left unsaid."""
    width = max(1.5, 100 * amount / max(highest, 1)) if amount else 0
    return element(
        "svg",
        element("rect", x=0, y=0, width=100, height=10, fill="#eef1f4"),
        element("rect", x=0, y=0, width=f"{width:.1f}", height=10, fill=colour),
        viewBox="0 0 100 10", preserveAspectRatio="none", _class="small-bar", aria_hidden="true",
    )  # fmt: skip


def column_chart(
    bars: Sequence[Bar], *, title: str, colours: Sequence[str] = SERIES, height: int = 230
) -> Element:
    """Upright bars, stacked where they have several parts, with the total above each."""
    slot = 46 if len(bars) <= 16 else 38
    left, top, foot = 44, 20, 24
    width = max(left + slot * len(bars) + 8, 420)
    slot = (width - left - 8) // max(len(bars), 1)
    scale_top = nice_top(max((bar.total for bar in bars), default=1))
    plot = height - top - foot
    drawn: list[Element] = _grid(scale_top, left, width, top, plot)
    for place, bar in enumerate(bars):
        middle = left + slot * place + slot / 2
        drawn.extend(_column(bar, middle, min(slot * 0.66, 34), top + plot, plot / scale_top, colours))
        drawn.append(_text(bar.label, middle, height - 7, anchor="middle", colour=INK, size=_label_size(bar)))
    return _picture(width, height, title, drawn, kind="columns")


def _label_size(bar: Bar) -> int:
    """Smaller for "2033–37" than for "2033"."""
    return 11 if len(bar.label) <= 4 else 10


def _column(
    bar: Bar, middle: float, width: float, ground: float, scale: float, colours: Sequence[str]
) -> list[Element]:
    """The parts of one bar from the ground up, and its total."""
    drawn, foot = [], ground
    for place, amount in enumerate(bar.parts):
        tall = amount * scale
        if amount:
            drawn.append(
                element(
                    "rect", x=f"{middle - width / 2:.1f}", y=f"{foot - tall:.1f}", width=f"{width:.1f}",
                    height=f"{max(tall - 0.8, 0.8):.1f}", fill=colours[place % len(colours)],
                )
            )  # fmt: skip
        foot -= tall
    if bar.total:
        drawn.append(_text(f"{bar.total:,}", middle, foot - 4, anchor="middle", colour=INK, size=10))
    return drawn


def _grid(scale_top: int, left: int, width: int, top: int, plot: int) -> list[Element]:
    """The lines behind the bars, with their values."""
    drawn = []
    steps = 5 if scale_top % 5 == 0 else 4 if scale_top % 4 == 0 else 2 if scale_top % 2 == 0 else 1
    for step in range(steps + 1):
        level = top + plot - plot * step / steps
        colour = "#8b95a1" if step == 0 else RULE
        drawn.append(element("line", x1=left, x2=width, y1=f"{level:.1f}", y2=f"{level:.1f}", stroke=colour))
        drawn.append(_text(f"{scale_top * step // steps:,}", left - 6, level + 3.5, anchor="end"))
    return drawn


def _text(words: str, x: float, y: float, *, anchor: str, colour: str = SOFT, size: int = 11) -> Element:
    return element("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, fill=colour, font_size=size)


def _picture(
    width: int, height: int, title: str, drawn: list[Element], *, kind: str, stretch: bool = False
) -> Element:
    return element(
        "svg", element("title", title), *drawn,
        viewBox=f"0 0 {width} {height}", role="img", aria_label=title, _class=f"chart {kind}",
        preserveAspectRatio="none" if stretch else None,
    )  # fmt: skip


def shade(amount: int, highest: int) -> tuple[str, str]:
    """(background, text colour) of a cell of a heat table; readable at 4.5 : 1 everywhere."""
    if not amount:
        return "#ffffff", "#6b7480"
    steps = (
        ("#e8eff6", INK), ("#cfdfee", INK), ("#a9c5e0", INK),
        ("#6f9bc6", INK), ("#2f659b", "#ffffff"), ("#173d61", "#ffffff"),
    )  # fmt: skip
    return steps[min(len(steps) - 1, int((amount / max(highest, 1)) ** 0.5 * len(steps)))]
