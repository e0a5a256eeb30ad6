"""Opening records, list pages and searching in an archive that is there: `python -m bench.reading HOME`."""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

SEED = 1
TIMES = 300
RECALL_QUERIES = 24
PAGE_ROWS = 50
LONG = 2000  # code points of a text from which queries are cut
CJK = re.compile("[\u4e00-\u9fff]{4,}")
DIGITS = re.compile(r"\d{7,}")


def measured(home: Path) -> dict[str, Any]:
    """95th percentiles, recall, and bytes of index."""
    os.environ["KEDANG_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
    import django  # noqa: PLC0415 - set up in the home that was given

    django.setup()
    from bench.reader import Reader  # noqa: PLC0415

    reader = Reader(home, PAGE_ROWS)
    chance = random.Random(SEED)
    ids = chance.sample(reader.ids, min(TIMES, len(reader.ids)))
    queries = list(_queries(reader, ids, chance))
    searches = [partial(reader.search, words) for words in queries]
    index_bytes = sum(path.stat().st_size for path in (home / "index").iterdir())
    return {
        "records": len(reader.ids),
        "opening a record, ms": _percentiles([partial(reader.open, one) for one in ids]),
        f"a page of {PAGE_ROWS}, ms": _percentiles([partial(reader.page, one) for one in ids]),
        "a search, ms": _percentiles(searches),
        "recall": reader.recall(queries[:RECALL_QUERIES]),
        "index bytes a record": round(index_bytes / len(reader.ids)),
        "load": round(os.getloadavg()[0], 1),
    }


def _queries(reader: Any, ids: list[str], chance: random.Random) -> Iterable[str]:
    """Phrases, numbers and middles of numbers that stand in the texts."""
    for place, one in enumerate(ids):
        text = reader.text(one)[:LONG]
        found = (DIGITS if place % 3 else CJK).findall(text) or CJK.findall(text)
        if not found:
            continue
        said = chance.choice(found)
        if place % 3 == 1 and len(said) > 8:
            said = said[2:8]
        start = chance.randrange(max(1, len(said) - 8))
        yield said[start : start + 8]


def _percentiles(calls: Sequence[Callable[[], object]]) -> dict[str, float]:
    took, used = [], []
    for call in calls:
        started, before = time.perf_counter(), time.process_time()
        call()
        took.append(1000 * (time.perf_counter() - started))
        used.append(1000 * (time.process_time() - before))
    return {
        "median": round(statistics.median(took), 2),
        "95 %": round(statistics.quantiles(took, n=20)[18], 2),
        "most": round(max(took), 2),
        "95 %, processor": round(statistics.quantiles(used, n=20)[18], 2),
    }


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("home", type=Path)
    sys.stdout.write(json.dumps(measured(asked.parse_args().home), ensure_ascii=False) + "\n")
