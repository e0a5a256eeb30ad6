"""Progress of long work on a terminal: stage, things, bytes, rate, time left. Quiet elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from kedang.entrypoints.cli.showing import Screen, load_drawing
from kedang.entrypoints.cli.texts import text_of

MEGABYTE = 1_000_000
SHOWN_EVERY = 0.05  # seconds; as often as the eye can tell


class TerminalProgress:
    """One line that is redrawn; nothing at all when there is no terminal."""

    def __init__(self, screen: Screen, language: str) -> None:
        self._language = language
        self.watched = screen.is_terminal
        self._bar = load_drawing().progress_bar() if self.watched else None
        self._task = self._bar.add_task("", total=None, said="") if self._bar else None
        self._things = 0
        self._bytes = 0
        self._since = self._shown = time.monotonic()

    def __enter__(self) -> TerminalProgress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def stage(self, name: str, total: int | None) -> None:
        """A new stage."""
        self._things = self._bytes = 0
        self._since = time.monotonic()
        if self._bar:
            self._bar.reset(self._task, total=total)
            self._bar.update(self._task, description=text_of(f"stage-{name}", self._language), said="")

    def advance(self, things: int, size_bytes: int) -> None:
        """So many things and bytes more are done."""
        self._things += things
        self._bytes += size_bytes
        now = time.monotonic()
        if not self._bar or now - self._shown < SHOWN_EVERY:
            return
        self._shown = now
        rate = self._things / max(0.001, now - self._since)
        key = "progress" if self._bytes else "progress-things"
        said = text_of(key, self._language).format(
            things=self._things, megabytes=self._bytes / MEGABYTE, rate=rate
        )
        self._bar.update(self._task, completed=self._things, said=said)
