"""Costly beginnings, made once for all processes of a test run."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

Made = TypeVar("Made")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Made]) -> Made:
    """What `make` gives for a new folder of that name; other processes of the run wait for it and read it."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    stored = shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stored.exists():
            read: Made = pickle.loads(stored.read_bytes())  # noqa: S301 - written below, in this run
            return read
        folder = shared / name
        folder.mkdir()
        made = make(folder)
        stored.write_bytes(pickle.dumps(made))
    return made
