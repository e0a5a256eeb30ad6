"""The sample company as tests see it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """A tree with its truth."""

    root: Path
    truth: dict[str, Any]

    def loose(self) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Each file of the tree with its truth."""
        for entry in self.truth["files"]:
            if "inside" not in entry:
                with open(self.raw_path(entry), "rb") as file:
                    yield entry, file.read()

    def raw_path(self, entry: dict[str, Any]) -> bytes:
        """The path of a file as the disk has it."""
        name = bytes.fromhex(entry["raw_path_hex"]) if "raw_path_hex" in entry else entry["path"].encode()
        return os.path.join(os.fsencode(self.root), name)
