"""Finding records again: the search language, the sealed index and the marking of hits."""

from kedang.access.index import Hit, Hits, Order, SearchIndex
from kedang.access.marking import Snippet, Span, mark_hits, matches, snippet
from kedang.access.part import MAX_RECORDS, Entry, IndexPart, place_part, remove_part
from kedang.access.query import EVERYTHING, Expression, Filter, Query, parse_query

__all__ = [
    "EVERYTHING",
    "MAX_RECORDS",
    "Entry",
    "Expression",
    "Filter",
    "Hit",
    "Hits",
    "IndexPart",
    "Order",
    "Query",
    "SearchIndex",
    "Snippet",
    "Span",
    "mark_hits",
    "matches",
    "parse_query",
    "place_part",
    "remove_part",
    "snippet",
]
