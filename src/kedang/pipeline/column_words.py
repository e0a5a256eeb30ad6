"""What persons have said of columns, as messages carry it."""

from __future__ import annotations

from collections.abc import Iterable

from kedang.resolution.columns import Overrides
from kedang.resolution.meanings import Meaning


def overrides_said(columns: Iterable[tuple[str, str]]) -> Overrides:
    """The corrections by column key; a meaning that this release does not know is left out."""
    known = {one.value for one in Meaning}
    return {key: Meaning(meaning) for key, meaning in columns if meaning in known}
