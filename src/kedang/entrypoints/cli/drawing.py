"""Tables, marked texts and bars on a terminal. Loads rich, which a command that prints lines does without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from kedang.entrypoints.legible import clean

WIDEST = 100  # columns; longer lines are hard to read


class PlainConsole(Console):
    """A console that shows control characters and direction overrides as the sign of something unreadable."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, emoji=False, **options)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, each text cleaned."""
        super().print(*map(_cleaned, objects), **options)

    def on_broken_pipe(self) -> None:
        """The fault as it is: how a command ends is said in one place."""
        raise  # called while the BrokenPipeError is handled


def draw(drawn: Table | Text) -> None:
    """A table or a marked text on standard output."""
    PlainConsole(soft_wrap=True).print(drawn)


def progress_bar() -> Bar:
    """The line of long work that is redrawn, and goes when the work is done."""
    return Bar(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
        console=PlainConsole(stderr=True, soft_wrap=True),
        transient=True,
    )


def print_help(heading: str, rows: Iterable[tuple[str, str]], *, said: str = "", more: str = "") -> None:
    """A page of help: heading, what it is, names with what each is for, and where more is told."""
    console = PlainConsole()
    console.width = min(console.width, WIDEST)
    console.print(heading, style="bold", markup=False)
    console.print(f"\n{said}\n" if said else "", markup=False)
    console.print(_two_columns(rows))
    if more:
        console.print(f"\n{more}", markup=False)


def _two_columns(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    lines = list(rows)
    widest = max((cell_len(name) for name, _ in lines if cell_len(name) <= 26), default=10)
    table.add_column(style="bold cyan", min_width=widest, no_wrap=False)
    table.add_column(ratio=1, overflow="fold")
    for name, about in lines:
        table.add_row(name, about)
    return table


def _cleaned(shown: Any) -> Any:
    if isinstance(shown, str):
        return clean(shown)
    if isinstance(shown, Text):
        shown.plain = clean(shown.plain)  # as long as before, so that styles stay where they were
    return shown
