"""The index of Paperless-ngx 3 on the documents of search_corpus.py; run by search.py --peer.

Engine, fields and analysers follow paperless-ngx/src/documents/search (2026): content stored and
analysed, bigram_content for CJK (every pair at position 0, so phrases are not exact), simple_content
for substrings, autocomplete words found in Python. Fields about tags, notes and owners are left out,
which is in its favour. "bulk" is its reindexing, one commit for all; "each" is what happens when
documents arrive, one commit for each.

Needs tantivy 0.27 and nothing of kedang.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import tantivy  # type: ignore[import-not-found]
from search_corpus import Corpus  # type: ignore[import-not-found]

_WORD = re.compile(r"\w+")
EACH = 40  # documents committed one by one


def make_index(folder: str) -> Any:
    """An empty index with the peer's schema and analysers."""
    fields = tantivy.SchemaBuilder()
    fields.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    for name in ("title", "content"):
        fields.add_text_field(name, stored=True, tokenizer_name="paperless_text")
    fields.add_text_field("bigram_content", stored=False, tokenizer_name="bigram_analyzer")
    fields.add_text_field("simple_content", stored=False, tokenizer_name="simple_search_analyzer")
    fields.add_text_field("autocomplete_word", stored=True, tokenizer_name="raw")
    index = tantivy.Index(fields.build(), path=folder)
    chain, filters, cut = tantivy.TextAnalyzerBuilder, tantivy.Filter, tantivy.Tokenizer
    text = chain(cut.simple()).filter(filters.remove_long(65)).filter(filters.lowercase())
    index.register_tokenizer("paperless_text", text.filter(filters.ascii_fold()).build())
    pairs = chain(cut.ngram(min_gram=2, max_gram=2, prefix_only=False)).filter(filters.lowercase())
    index.register_tokenizer("bigram_analyzer", pairs.build())
    simple = chain(cut.regex(r"\S+")).filter(filters.lowercase()).filter(filters.ascii_fold())
    index.register_tokenizer("simple_search_analyzer", simple.build())
    return index


def entry(number: int, text: str) -> Any:
    """One document with the peer's fields."""
    document = tantivy.Document()
    document.add_unsigned("id", number)
    document.add_text("title", text[:20])
    for name in ("content", "bigram_content", "simple_content"):
        document.add_text(name, text)
    for word in sorted(set(_WORD.findall(text.lower()))):
        document.add_text("autocomplete_word", word)
    return document


def main() -> None:
    """Index, measure, print JSON."""
    texts = [text for _, text in Corpus().documents(int(sys.argv[1]))]
    with tempfile.TemporaryDirectory(prefix="peer-bench-") as folder:
        index = make_index(folder)
        began, used = time.perf_counter(), time.process_time()
        writer = index.writer()
        for number, text in enumerate(texts):
            writer.add_document(entry(number, text))
        writer.commit()
        writer.wait_merging_threads()
        bulk, processor = time.perf_counter() - began, time.process_time() - used
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        began = time.perf_counter()
        for number, text in enumerate(texts[:EACH]):
            writer = index.writer()
            writer.add_document(entry(len(texts) + number, text))
            writer.commit()
            del writer
        each = time.perf_counter() - began
    figures = {
        "documents": len(texts),
        "bulk_documents_per_second": round(len(texts) / bulk),
        "bulk_documents_per_processor_second": round(len(texts) / processor),
        "each_documents_per_second": round(EACH / each, 1),
        "bytes_per_document": round(size / len(texts)),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
