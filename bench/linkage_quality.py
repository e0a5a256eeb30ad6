"""How good customers are against the truth: pairs and whole clusters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision, recall and F1 of pairs, and of whole customers (found exactly)."""

    precision: float
    recall: float
    f1: float
    cluster_precision: float
    cluster_recall: float
    cluster_f1: float


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def quality(found: Iterable[Sequence[str]], truth: Mapping[str, int]) -> Quality:
    """The figures of a partition of all mentions of `truth`."""
    sizes = Counter(truth.values())
    true = sum(map(_pairs, sizes.values()))
    joined = right = whole = clusters = 0
    for group in found:
        clusters += 1
        joined += _pairs(len(group))
        inside = Counter(truth[one] for one in group)
        right += sum(map(_pairs, inside.values()))
        if len(inside) == 1 and sizes[next(iter(inside))] == len(group):
            whole += 1
    precision, recall = right / max(1, joined), right / max(1, true)
    exact, complete = whole / max(1, clusters), whole / max(1, len(sizes))
    return Quality(precision, recall, _f1(precision, recall), exact, complete, _f1(exact, complete))
