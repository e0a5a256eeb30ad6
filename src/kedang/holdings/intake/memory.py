"""How memory is looked after while very many rows are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 50_000  # made before dead cycles are looked for; a batch of rows is about as many


@contextmanager
def seldom_searched() -> Iterator[None]:
    """Within the block Python looks for dead cycles of objects seldom, and not among what was loaded before.

    Rows and messages make no cycles and go when nothing names them any more; looking through them again
    and again took a tenth of an intake.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
