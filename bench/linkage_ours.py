"""kedang's customers of one file of mentions, in a process of its own: `python -m bench.linkage_ours FILE`. Figures as JSON."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench.linkage_files import mentions, truth
from bench.linkage_quality import quality
from bench.machine import peak_megabytes
from kedang.pipeline.resolver import prepare_memory
from kedang.resolution.learning import LEARN_FROM
from kedang.resolution.resolving import resolve


def measure(path: Path, *, learn_from: int = LEARN_FROM) -> dict[str, Any]:
    """Seconds, memory and quality at the default threshold."""
    started, processor = time.perf_counter(), time.process_time()
    found = resolve(mentions(path), learn_from=learn_from)
    clusters = sum(1 for _ in found.clusters())
    figures: dict[str, Any] = {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "megabytes": peak_megabytes(),
        "clusters": clusters,
        "learnt": [found.models.person.learnt, found.models.organisation.learnt],
    }
    true = truth(path)
    got = quality(found.clusters(), true)
    figures["default"] = {name: getattr(got, name) for name in got.__slots__}
    wrong = Counter(true[tie.left] == true[tie.right] for tie in found.ties())
    figures["ties"], figures["wrong ties"] = wrong.total(), wrong[False]
    asked = Counter(true[tie.left] == true[tie.right] for tie in found.to_judge())
    figures["to judge"], figures["of them one customer"] = asked.total(), asked[True]
    figures["gave way"] = Counter(conflict.value for _, conflict in found.broken_ties)
    return figures


def main() -> int:
    """Measure one file, in a process like that which compares."""
    prepare_memory()
    print(json.dumps(measure(Path(sys.argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
