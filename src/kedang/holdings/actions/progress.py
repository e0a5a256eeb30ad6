"""How long work tells what it is doing."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how a long work goes on; for a terminal or a screen."""

    watched: bool
    """Whether somebody looks, so that counting beforehand is worth its time."""

    def stage(self, name: str, total: int | None) -> None:
        """A new stage with so many things to do, None when that is not known."""
        ...

    def advance(self, things: int, size_bytes: int) -> None:
        """So many things and bytes more are done."""
        ...


class Silent:
    """Progress that nobody watches."""

    watched = False

    def stage(self, name: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, things: int, size_bytes: int) -> None:
        """Nothing."""
