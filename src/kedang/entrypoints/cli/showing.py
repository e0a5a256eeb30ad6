"""What was received, shown on a terminal: it can neither move the cursor nor pretend to be ours."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

from kedang.entrypoints.legible import UNSAFE, clean

NEW_LINE = "\u2424"
BREAKS = str.maketrans(dict.fromkeys("\n\r\u2028\u2029", NEW_LINE) | {"\t": " "})
STYLES = {"bold": "\x1b[1m", "dim": "\x1b[2m", "bold red": "\x1b[1;31m", "bold cyan": "\x1b[1;36m"}
PLAIN = "\x1b[0m"
STYLELESS = frozenset({"dumb", "unknown"})  # values of TERM


class Screen:
    """Lines on a terminal, or on what takes its place; tables and bars are drawn by `drawing.py`."""

    def __init__(self, *, of_errors: bool = False) -> None:
        self._stream = "stderr" if of_errors else "stdout"
        self.is_terminal = getattr(sys, self._stream).isatty()
        self._styled = (
            self.is_terminal and os.environ.get("TERM") not in STYLELESS and not os.environ.get("NO_COLOR")
        )

    def print(self, text: str = "", *, style: str = "") -> None:
        """One line, cleaned; styled on a terminal alone."""
        line = clean(text).replace("\r", "")
        if style and self._styled:
            line = f"{STYLES[style]}{line}{PLAIN}"
        stream = getattr(sys, self._stream)  # another while a bar is drawn below the lines
        stream.write(f"{line}\n")
        stream.flush()


def load_drawing() -> Any:
    """`drawing.py`, which loads rich: only where there is more to draw than lines."""
    return import_module("kedang.entrypoints.cli.drawing")


def one_line(text: str) -> str:
    """A received name or title on one line, so that it cannot write lines of its own."""
    return clean(text).translate(BREAKS)


def as_shown_json(written: str) -> str:
    """JSON that says the same with nothing in it that a terminal obeys."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
