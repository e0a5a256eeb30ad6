"""How fast the search is and how much it weighs, beside the index of Paperless-ngx in the same run.

    python bench/search.py [--documents 100000] [--peer PYTHON] [--json FILE]

`--peer` is a Python that has tantivy: the engine of Paperless-ngx 3, run by peer_tantivy.py with its
schema and tokenizers. Documents are generated (search_corpus.py), the same in every run.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from search_corpus import Corpus  # type: ignore[import-not-found]

from kedang.access.index import SearchIndex
from kedang.access.marking import matches
from kedang.access.part import MAX_RECORDS, Entry, IndexPart, remove_part
from kedang.access.query import Expression, parse_query
from kedang.records.ids import IndexPartId

KEY = bytes(range(32))
BATCH = 500  # documents of a commit, as intake does
KINDS = (
    "name", "phone", "middle", "company", "address", "product", "contract", "phrase", "word", "latin",
    "several", "but_not", "single",
)  # fmt: skip
QUERIES = 40  # of each kind
LIMIT_MS = 60.0  # 95th percentile, issue 2 section 6


def build_part(folder: Path, corpus: Corpus, start: int, end: int) -> dict[str, float]:
    """Index documents `start` to `end` into one part; what it took."""
    spent = {"adding": 0.0, "finishing": 0.0, "processor": 0.0, "characters": 0.0}
    working, finished = folder / f"working-{start}", folder / f"part-{start // MAX_RECORDS:04d}"
    with IndexPart(working, KEY) as part:
        for first in range(start, end, BATCH):
            texts = [corpus.document(n) for n in range(first, min(end, first + BATCH))]
            spent["characters"] += sum(map(len, texts))
            began, used = time.perf_counter(), time.process_time()
            part.add([Entry.of(first - start + i, text) for i, text in enumerate(texts)])
            spent["adding"] += time.perf_counter() - began
            spent["processor"] += time.process_time() - used
        began, used = time.perf_counter(), time.process_time()
        part.finish(finished)
        spent["finishing"] += time.perf_counter() - began
        spent["processor"] += time.process_time() - used
    remove_part(working)
    return spent


def build(folder: Path, corpus: Corpus, count: int) -> dict[str, float]:
    """Index `count` documents into parts, one after the other on one core."""
    starts = range(0, count, MAX_RECORDS)
    parts = [build_part(folder, corpus, start, min(count, start + MAX_RECORDS)) for start in starts]
    total = {name: sum(part[name] for part in parts) for name in parts[0]}
    size = sum(path.stat().st_size for path in folder.iterdir())
    return {
        "documents": count,
        "characters_per_document": round(total["characters"] / count),
        "documents_per_second": round(count / (total["adding"] + total["finishing"])),
        "documents_per_processor_second": round(count / total["processor"]),
        "adding_us_per_document": round(total["adding"] / count * 1e6),
        "finishing_us_per_document": round(total["finishing"] / count * 1e6),
        "bytes_per_document": round(size / count),
    }


def build_two(count: int) -> dict[str, float]:
    """Two parts at once, in two processes, as the peer uses two threads."""
    with (
        tempfile.TemporaryDirectory(prefix="kedang-bench-") as folder,
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
    ):
        ends = [count // 2, MAX_RECORDS + count // 2]
        futures = [pool.submit(build_part, Path(folder), Corpus(), end - count // 2, end) for end in ends]
        parts = [future.result() for future in futures]
    return {"documents_per_second": round(count / max(part["adding"] + part["finishing"] for part in parts))}


def query_words(corpus: Corpus, kind: str, count: int, chance: random.Random) -> list[str]:
    """Typed queries of one kind; each is answered by one document at least."""
    asked = []
    for _ in range(QUERIES):
        facts = corpus.facts(chance.randrange(count))
        match kind:
            case "phrase":
                asked.append(f'"{facts[kind]}"')
            case "several":
                asked.append(f"{facts['name']} {facts['product']}")
            case "but_not":
                asked.append(f"{facts['latin']} {facts['word']} -{facts['product'][:4]}")
            case "single":
                asked.append(facts["name"][0])
            case _:
                asked.append(facts[kind])
    return asked


def percentile(values: list[float], part: float) -> float:
    """The value below which `part` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def time_queries(
    search: Callable[[Expression], object], asked: dict[str, list[str]]
) -> dict[str, tuple[float, float]]:
    """Milliseconds (p50, p95) by kind. Parsing the query is part of it."""
    times = {}
    for kind, typed in asked.items():
        taken = []
        for words in typed:
            began = time.perf_counter()
            search(parse_query(words).expression)
            taken.append((time.perf_counter() - began) * 1000)
        times[kind] = (percentile(taken, 0.5), percentile(taken, 0.95))
    return times


def check_recall(
    index: SearchIndex, parts: list[IndexPartId], corpus: Corpus, asked: dict[str, list[str]], count: int
) -> dict[str, int]:
    """Hits missed and hits too many against a scan of every document, over two queries of each kind."""
    expressions = [parse_query(words).expression for typed in asked.values() for words in typed[:2]]
    expected: list[set[int]] = [set() for _ in expressions]
    for number, text in corpus.documents(count):
        for place, expression in enumerate(expressions):
            if matches(text, expression):
                expected[place].add(number)
    missed = surplus = 0
    for expression, wanted in zip(expressions, expected, strict=True):
        answer = index.search(parts, expression, limit=count)
        found = {int(hit.part) * MAX_RECORDS + hit.ordinal for hit in answer.hits}
        missed += len(wanted - found)
        surplus += len(found - wanted)
    return {
        "queries": len(expressions),
        "hits": sum(map(len, expected)),
        "missed": missed,
        "surplus": surplus,
    }


def peer(python: str, count: int) -> dict[str, float]:
    """What the peer does with the first `count` documents."""
    script = Path(__file__).with_name("peer_tantivy.py")
    done = subprocess.run([python, str(script), str(count)], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def measure(folder: Path, given: argparse.Namespace) -> dict[str, object]:
    """Build, ask cold and warm, check against a scan, compare; prints as it goes."""
    corpus = Corpus()
    figures: dict[str, object] = {"index": build(folder, corpus, given.documents)}
    print("index   ", figures["index"], flush=True)
    names = sorted((path.name.removeprefix("part-") for path in folder.iterdir()), reverse=True)
    parts = [IndexPartId(name) for name in names]
    index = SearchIndex(lambda part: IndexPart(folder / f"part-{part}", KEY, read_only=True))
    chance = random.Random(7)
    asked = {kind: query_words(corpus, kind, given.documents, chance) for kind in KINDS}
    for state in ("cold", "warm"):
        times = time_queries(lambda expression: index.search(parts, expression), asked)
        figures[state] = times
        for kind, (middle, high) in times.items():
            mark = "" if high < LIMIT_MS else "  OVER"
            print(f"{state:5} {kind:9} p50 {middle:7.2f} ms  p95 {high:7.2f} ms{mark}", flush=True)
    scanned = min(MAX_RECORDS, given.documents)
    figures["recall"] = check_recall(index, parts[-1:], corpus, asked, scanned)
    print("recall  ", figures["recall"], flush=True)
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("peak    ", figures["peak_mb"], "MB", flush=True)
    if given.peer:
        figures["two"] = build_two(given.peer_documents)
        print("two     ", figures["two"], flush=True)
        figures["peer"] = peer(given.peer, given.peer_documents)
        print("peer    ", figures["peer"], flush=True)
    index.close()
    return figures


def main() -> None:
    """Read the options, measure in a folder that goes away."""
    choices = argparse.ArgumentParser(description=__doc__)
    choices.add_argument("--documents", type=int, default=100_000)
    choices.add_argument("--peer", help="a Python with tantivy")
    choices.add_argument("--peer-documents", type=int, default=10_000)
    choices.add_argument("--json", type=Path)
    given = choices.parse_args()
    with tempfile.TemporaryDirectory(prefix="kedang-bench-") as folder:
        figures = measure(Path(folder), given)
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
