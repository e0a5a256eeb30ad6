"""What was received, shown on a terminal: it can neither move the cursor nor pretend to be ours."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from kedang.entrypoints.legible import UNSAFE, clean

NEW_LINE = "\u2424"
BREAKS = str.maketrans(dict.fromkeys("\n\r\u2028\u2029", NEW_LINE) | {"\t": " "})


class PlainConsole(Console):
    """A console that shows control characters and direction overrides as the sign of something unreadable."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print, each text cleaned."""
        super().print(*map(_cleaned, objects), **options)

    def on_broken_pipe(self) -> None:
        """The fault as it is: how a command ends is said in one place."""
        raise  # called while the BrokenPipeError is handled


def one_line(text: str) -> str:
    """A received name or title on one line, so that it cannot write lines of its own."""
    return clean(text).translate(BREAKS)


def as_shown_json(written: str) -> str:
    """JSON that says the same with nothing in it that a terminal obeys."""
    return UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _cleaned(shown: Any) -> Any:
    if isinstance(shown, str):
        return clean(shown)
    if isinstance(shown, Text):
        shown.plain = clean(shown.plain)  # as long as before, so that styles stay where they were
    return shown
