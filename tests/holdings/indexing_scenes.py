"""Scenes of indexing in a real case, each told as plain values: python -m tests.holdings.indexing_scenes SCENE…"""

from __future__ import annotations

from typing import Any

# isort: off
from tests.holdings.checking_scenes import Scenes, clock, play
# isort: on - Django is set up by what was imported

from kedang.access.part import remove_part
from kedang.holdings.actions import correcting
from kedang.holdings.actions.correcting import Decided, NewValues
from kedang.holdings.intake import indexing
from kedang.holdings.intake.plain import read_indexed
from kedang.holdings.models import IndexPart, Record
from kedang.holdings.queries.searching import search_records


class Steps:
    """How many records each commit took."""

    watched = True

    def __init__(self) -> None:
        self.taken: list[int] = []

    def stage(self, name: str, total: int | None) -> None:
        """Nothing."""

    def advance(self, things: int, size_bytes: int) -> None:  # noqa: ARG002
        """One commit."""
        self.taken.append(things)


class IndexingScenes(Scenes):
    """What happens to records whose words are not in a part."""

    def many_words(self) -> dict[str, Any]:
        """All are indexed anew, in commits of bounded size."""
        self._forget_parts()
        steps = Steps()
        done = indexing.index_records(self.case, progress=steps)
        ordered = Record.objects.order_by("first_order").values_list("indexed_row", flat=True)
        return {
            "done": done,
            "steps": steps.taken,
            "places": list(ordered),
            "found": [len(self._found(words)) for words in ("长文末尾", "巡检完毕", "服务合同")],
            "again": indexing.index_records(self.case, progress=steps),
        }

    def corrected_meanwhile(self) -> dict[str, Any]:
        """A title is corrected after its words were read and before its row says where they are."""
        self._forget_parts()
        waiting = Record.objects.filter(indexed_part=None).order_by("first_order")
        rows = list(read_indexed(waiting))
        part = indexing._part_with_room(self.case)
        entries = indexing._entries(self.case, part, rows[:3])
        record = self._archived("contract")
        values = NewValues(title="供货协议补遗")
        correcting.correct(
            self.archives["lin"], record.id, Decided("corrected", values, "对照原件"), clock=clock
        )
        indexed = indexing._index(self.case, part, rows[:3], entries, waiting)
        left = Record.objects.filter(indexed_part=None).count()
        indexing.index_records(self.case, progress=Steps())
        return {"indexed": indexed, "left": left, "found": self._found("供货协议补遗"), "record": record.id}

    def _found(self, words: str) -> list[str]:
        return [hit.record_id for hit in search_records(self.case, words, limit=100).hits]

    def _forget_parts(self) -> None:
        for row in IndexPart.objects.all():
            remove_part(indexing.part_path(self.case, row.file))
        Record.objects.update(indexed_part=None, indexed_row=None)
        IndexPart.objects.all().delete()


if __name__ == "__main__":
    play(IndexingScenes)
