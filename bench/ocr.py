"""How fast and how right pages are read: `python -m bench.ocr [--pages 28] [--backend …] [--precision …]`.

Pages are drawn anew from a seed, so that everybody measures the same ones. "Right" compares signs without
blanks; "folded" takes full-width and half-width signs for equal. CPU time is what counts on a shared machine.
"""

from __future__ import annotations

import argparse
import resource
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bench.ocr_pages import DrawnPage, clean_pages, degraded
from kedang.extraction.ocr_engine import Backend, EngineOptions, OcrEngine, fastest_backend, load_engine
from kedang.extraction.ocr_inference import Precision
from kedang.extraction.ocr_layout import page_text
from kedang.extraction.orientation import Turn

SEED = 1
TURNED_PAGES = 12


@dataclass(slots=True)
class Score:
    """What a set of pages came to."""

    pages: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    signs: int = 0
    errors: int = 0
    folded_errors: int = 0
    numbers: int = 0
    numbers_right: int = 0

    def line(self, name: str) -> str:
        return (
            f"{name:10s} {self.pages:3d} pages  {self.pages / self.cpu_seconds:.2f} pages/s and core"
            f"  ({self.cpu_seconds / self.pages:.2f} s CPU, {self.wall_seconds / self.pages:.2f} s wall a page)"
            f"  CER {self.errors / self.signs:.3%} (folded {self.folded_errors / self.signs:.3%})"
            f"  numbers right {self.numbers_right}/{self.numbers}"
        )


def main() -> None:
    """Print the figures."""
    asked = _arguments()
    options = EngineOptions(precision=asked.precision, detection_sides=tuple(asked.sides))
    started = time.perf_counter()
    engine = load_engine(options, asked.backend)
    print(
        f"{asked.backend} {asked.precision} sides {asked.sides}: loaded in {time.perf_counter() - started:.1f} s, {_now_mb()} MB"
    )
    clean = list(clean_pages(SEED, asked.pages))
    engine.read(clean[0].pixels)
    print(score(engine, clean).line("clean"), flush=True)
    print(
        score(engine, (degraded(page, SEED + n) for n, page in enumerate(clean[: asked.pages // 2]))).line(
            "degraded"
        ),
        flush=True,
    )
    print(turned(engine, clean[:TURNED_PAGES]))
    print(f"memory now {_now_mb()} MB, peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def score(engine: OcrEngine, pages: Iterable[DrawnPage]) -> Score:
    """Read the pages and compare them with what was drawn."""
    total = Score()
    for page in pages:
        cpu, wall = time.process_time(), time.perf_counter()
        said = page_text(engine.read(page.pixels).lines)
        total.cpu_seconds += time.process_time() - cpu
        total.wall_seconds += time.perf_counter() - wall
        truth, flat = _flat(page.text), _flat(said)
        total.pages += 1
        total.signs += len(truth)
        total.errors += changes(truth, flat)
        total.folded_errors += changes(_folded(truth), _folded(flat))
        total.numbers += len(page.numbers)
        total.numbers_right += sum(number in flat for number in page.numbers)
    return total


def turned(engine: OcrEngine, pages: Iterable[DrawnPage]) -> str:
    """How many pages, clean and poor, come upright from each of the four ways they can lie."""
    right = of = 0
    for ordinal, page in enumerate(pages):
        for sheet in (page, degraded(page, ordinal, skew=(0, 1.2, -2, 3, -4, 6)[ordinal % 6])):
            for quarters in range(4):
                lying = np.ascontiguousarray(np.rot90(sheet.pixels, quarters))
                of += 1
                right += engine.read(lying).turn == Turn((4 - quarters) % 4)
    return f"turned     {right}/{of} pages set upright (a quarter of them lay upright)"


def changes(truth: str, said: str) -> int:
    """The least number of signs to change, add or drop (Myers 1999, in one long integer)."""
    places: dict[str, int] = {}
    for place, sign in enumerate(truth):
        places[sign] = places.get(sign, 0) | 1 << place
    mask, last = (1 << len(truth)) - 1, 1 << max(0, len(truth) - 1)
    plus, minus, distance = mask, 0, len(truth)
    for sign in said:
        equal = places.get(sign, 0)
        across = (((equal & plus) + plus) ^ plus) | equal
        rising, falling = minus | ~(across | plus) & mask, plus & across
        distance += bool(rising & last) - bool(falling & last)
        rising, falling = (rising << 1 | 1) & mask, falling << 1 & mask
        down = equal | minus
        plus, minus = falling | ~(down | rising) & mask, rising & down
    return distance


def _flat(text: str) -> str:
    return "".join(text.split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _now_mb() -> int:
    with open("/proc/self/statm", encoding="ascii") as pages:
        return int(pages.read().split()[1]) * resource.getpagesize() // 2**20


def _arguments() -> argparse.Namespace:
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--pages", type=int, default=28)
    asking.add_argument("--backend", type=Backend, default=fastest_backend())
    asking.add_argument("--precision", type=Precision, default=Precision.NATIVE)
    asking.add_argument("--sides", type=int, nargs="+", default=EngineOptions().detection_sides)
    return asking.parse_args()


if __name__ == "__main__":
    main()
