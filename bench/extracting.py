"""Bare extraction in one process: `python -m bench.extracting TREE` prints documents a second."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from kedang.accession.contents import BytesContent
from kedang.extraction.extract import extract
from kedang.extraction.limits import Limits
from kedang.extraction.recognition import recognise


def documents_a_second(tree: Path) -> float:
    """Every file of the tree, recognised and its text taken out."""
    limits, count = Limits(), 0
    started = time.perf_counter()
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            content = BytesContent(path.read_bytes())
            extract(content, recognise(content, name=path.name), limits=limits)
            count += 1
    return count / (time.perf_counter() - started)


if __name__ == "__main__":
    print(documents_a_second(Path(sys.argv[1])), flush=True)
    os._exit(0)  # parsers written in other languages may crash while Python shuts down
