"""Scenes of review in a real case, each told as plain values: python -m tests.holdings.review_scenes SCENE…"""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import Any

# isort: off
from tests.holdings.checking_scenes import Scenes, clock, code_of, play
# isort: on - Django is set up by what was imported

from django.db import connection
from django.db.models import QuerySet

from kedang.access.deciding import Act
from kedang.catalogue.numbering import check_codes
from kedang.catalogue.scheme import shipped_scheme
from kedang.holdings.actions import correcting, review_batches, reviewing
from kedang.holdings.actions.correcting import Decided, NewValues
from kedang.holdings.actions.house_rules import set_standard
from kedang.holdings.adapters.decisions import state_seen
from kedang.holdings.models import Question, Record, ReviewBatch
from kedang.holdings.queries.agreeing import leaves_of
from kedang.holdings.queries.corrections import sent_back_reason
from kedang.holdings.queries.permitted import permitted
from kedang.holdings.queries.reviewing import waiting
from kedang.holdings.queries.standard_checks import clauses_not_met, standard_set


class ReviewScenes(Scenes):
    """What happens to records that wait for review."""

    def reviewed(self) -> dict[str, Any]:
        """One accepted, one sent back and accepted after that; nobody reviews his own."""
        lin, bo = self.archives["lin"], self.archives["bo"]
        self._all_to_review()
        first, second, third = self._waiting()[:3]
        values = Decided("corrected", NewValues(sensitivity="trade-secret"), "含报价")
        correcting.correct(lin, first.id, values, clock=clock)
        own = code_of(lambda: reviewing.accept(lin, self._seen(first), clock=clock))
        stale = code_of(
            lambda: reviewing.accept(bo, reviewing.Looked({first.id: state_seen(first)}), clock=clock)
        )
        given = reviewing.accept(bo, self._seen(first), clock=clock)
        silent = code_of(lambda: reviewing.send_back(bo, self._seen(second), clock=clock))
        reviewing.send_back(bo, self._seen(second, "日期不对"), clock=clock)
        question = Question.objects.get(record_id=second.id, code="KD-H420")
        second.refresh_from_db()
        wordless = code_of(lambda: correcting.answer(lin, question.id, Decided("accepted"), clock=clock))
        correcting.answer(lin, question.id, Decided("accepted", reason="已核，无误"), clock=clock)
        correcting.archive_ready(lin, [second.id], clock=clock)
        again = Record.objects.get(id=second.id).state
        reviewing.send_back(bo, self._seen(second, "还是不对"), clock=clock)
        question.refresh_from_db()
        return {
            "own": own,
            "stale": stale,
            "given": given,
            "number": Record.objects.get(id=first.id).reference_code,
            "silent": silent,
            "wordless": wordless,
            "state_back": second.state,
            "again": again,
            "reopened": question.state,
            "reason": sent_back_reason(lin, second),
            "untouched": Record.objects.get(id=third.id).reference_code,
        }

    def standard(self) -> dict[str, Any]:
        """What the standard does not let in is accepted as an exception with a reason only."""
        bo, lin = self.archives["bo"], self.archives["lin"]
        record = self._waiting()[0]
        undated = Decided("corrected", NewValues(no_date=True), "原件无日期")
        correcting.correct(lin, record.id, undated, clock=clock)
        clauses = ("A3",)
        found = {
            "refused": code_of(lambda: reviewing.accept(bo, self._seen(record), clock=clock)),
            "silent": code_of(
                lambda: reviewing.accept(bo, self._seen(record), excepted=clauses, clock=clock)
            ),
        }
        reason = self._seen(record, "确无日期")
        given = reviewing.accept(bo, reason, excepted=clauses, clock=clock)
        return found | {"given": bool(given[record.id])} | self._chosen_standard()

    def _chosen_standard(self) -> dict[str, Any]:
        """Another standard lets the same in; what numbers need cannot be left out."""
        bo, lin, now = self.archives["bo"], self.archives["lin"], clock()
        record = self._waiting()[0]
        undated = Decided("corrected", NewValues(no_date=True), "原件无日期")
        correcting.correct(lin, record.id, undated, clock=clock)
        wrong = [
            code_of(partial(set_standard, lin, name, out, "试", now=now))
            for name, out in (
                ("nobody's", ()),
                ("kedang-archiving-1", ("C1",)),
                ("kedang-archiving-1", ("Z9",)),
            )
        ]
        wrong.append(code_of(partial(set_standard, lin, "kedang-strict-1", (), " ", now=now)))
        record.refresh_from_db()
        set_standard(lin, "kedang-strict-1", (), "清算组要求从严", now=now)
        bo.case.refresh_from_db()
        strict = [one.id for one in clauses_not_met(bo, [record])[record.id]]
        set_standard(lin, "kedang-archiving-1", ("A3",), "日期无从查考", now=now)
        bo.case.refresh_from_db()
        last = standard_set(bo)
        given = reviewing.accept(bo, self._seen(record), clock=clock)
        leaf = list(leaves_of(self.case.case_id, "house-rule-changed"))[-1]["facts"]
        set_standard(lin, "kedang-archiving-1", (), "恢复", now=now)
        bo.case.refresh_from_db()
        return {
            "wrong": wrong,
            "strict": strict,
            "let_in": bool(given[record.id]),
            "leaf": leaf,
            "reason": last.reason if last else "",
        }

    def batch(self) -> dict[str, Any]:
        """A sample is looked at before a batch is accepted; one wrong record sends it back."""
        bo, he = self.archives["bo"], self.archives["he"]
        rows = waiting(self.case.case_id, self.people["bo"], today=self.today)
        nobody = permitted(self.case.case_id, self.people["chen"], Act.ACCEPT, today=self.today)
        some = rows.filter(id__in=[one.id for one in rows[:3]])
        first = self._draw(some, 2)
        found: dict[str, Any] = {
            "empty": code_of(lambda: self._draw(nobody, 2)),
            "none": code_of(lambda: self._draw(rows, 0)),
            "early": code_of(lambda: self._end(first.id, "accepted")),
            "foreign": code_of(lambda: review_batches.look(he, first.id, first.sample[0], "good")),
            "own_rule": code_of(partial(set_standard, bo, "kedang-strict-1", (), "试", now=clock())),
        }
        for one in first.sample:
            review_batches.look(bo, first.id, one, "good")
        outside = next(one for one, _ in first.records if one not in first.sample)
        self._changed(outside)
        found["accepted"] = self._end(first.id, "accepted")
        second = self._draw(rows.filter(id=outside), 1)
        review_batches.look(bo, second.id, outside, "bad")
        found["bad"] = code_of(lambda: self._end(second.id, "accepted"))
        found["back"] = self._end(second.id, "sent-back", "类别不对")
        return found | {"state": Record.objects.get(id=outside).state} | self._stale_sample(rows)

    def _stale_sample(self, rows: QuerySet[Record]) -> dict[str, Any]:
        third = self._draw(rows, 1)
        review_batches.look(self.archives["bo"], third.id, third.sample[0], "good")
        self._changed(third.sample[0])
        return {
            "stale": code_of(lambda: self._end(third.id, "accepted")),
            "given_up": self._end(third.id, "given-up"),
            "over": code_of(lambda: self._end(third.id, "given-up")),
        }

    def _draw(self, rows: QuerySet[Record], size: int) -> ReviewBatch:
        return review_batches.draw(self.archives["bo"], rows, size, chance=random.Random(1), clock=clock)

    def _end(self, batch: str, verdict: str, reason: str = "") -> tuple[int, int]:
        allowed = permitted(self.case.case_id, self.people["bo"], Act.ACCEPT, today=self.today)
        return review_batches.end_batch(
            self.archives["bo"], batch, verdict, reason, allowed=allowed, clock=clock
        )

    def _changed(self, record: str) -> None:
        """Somebody corrects it meanwhile."""
        values = Decided("corrected", NewValues(sensitivity="trade-secret"), "改")
        correcting.correct(self.archives["he"], record, values, clock=clock)

    def two_reviewers(self) -> dict[str, Any]:
        """Two accept the same records at once: each gets its number once, and no number is left out."""
        ids = [one.id for one in self._waiting() if one.record_date is not None]
        outcomes: list[str] = []

        def work(name: str, order: list[str]) -> None:
            archive = self.archives[name]
            for one in order:
                row = Record.objects.get(id=one)
                outcomes.append(code_of(partial(reviewing.accept, archive, self._seen(row), clock=clock)))
            connection.close()

        threads = [
            threading.Thread(target=work, args=("bo", ids)),
            threading.Thread(target=work, args=("he", ids[::-1])),
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        given = Record.objects.exclude(reference_code=None).values_list("reference_code", flat=True)
        codes = [str(one) for one in given]
        faults = check_codes(codes, scheme=shipped_scheme(), fonds=self.case.case.fonds_code)
        return {
            "records": len(ids),
            "outcomes": {one: outcomes.count(one) for one in set(outcomes)},
            "numbered": Record.objects.filter(id__in=ids, state="archived")
            .exclude(reference_code=None)
            .count(),
            "faults": [f"{one.kind} {one.number}" for one in faults],
        }


if __name__ == "__main__":
    play(ReviewScenes)
