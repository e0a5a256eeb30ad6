"""What a later comparison must look at together: customers with everybody with whom they may still become one."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

from kedang.resolution.mentions import MentionKind
from kedang.resolution.resolving import Resolution

_FETCH = 20_000


def surroundings(found: Resolution) -> Mapping[str, int]:
    """For each mention a number of what hangs together by ties that join and by those that a person is asked about.

    Which customers are found, and what is asked, depends on nothing beyond one's own surroundings.
    """
    cursor = found.database.cursor()
    nodes = cursor.execute("select node, id, component from nodes order by node").fetchall()
    above = array("i", range(len(nodes)))

    def find(node: int) -> int:
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def unite(one: int, other: int) -> None:
        one, other = find(one), find(other)
        above[max(one, other)] = min(one, other)

    for node, _, component in nodes:
        unite(node, component)
    for kind in MentionKind:
        cursor.execute(f"select l, r from {kind.value}_links")
        while some := cursor.fetchmany(_FETCH):
            for one, other in some:
                unite(one, other)
    return {one: find(node) for node, one, _ in nodes}
