"""Scenes of checking and review in a real case, each told as plain values: python -m tests.holdings.checking_scenes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
django.setup()


from kedang.access.deciding import Grant, Person, Scope  # noqa: E402
from kedang.appraisal.learning import LEAST_ANSWERS  # noqa: E402
from kedang.entrypoints.cli.context import new_context  # noqa: E402
from kedang.holdings.actions import correcting, learning, reviewing, undoing  # noqa: E402
from kedang.holdings.actions.correcting import Decided, NewValues  # noqa: E402
from kedang.holdings.actions.describing import FactSaid  # noqa: E402
from kedang.holdings.actions.house_rules import set_review  # noqa: E402
from kedang.holdings.actions.people import add_account, grant_of, join_case  # noqa: E402
from kedang.holdings.adapters.contents import derived_of  # noqa: E402
from kedang.holdings.adapters.decisions import state_seen  # noqa: E402
from kedang.holdings.adapters.descriptions import description_of, facts_held  # noqa: E402
from kedang.holdings.adapters.door_key import door_key  # noqa: E402
from kedang.holdings.adapters.learnt import open_learnt, told_of  # noqa: E402
from kedang.holdings.intake.decided import describe_again  # noqa: E402
from kedang.holdings.models import Correction, LearntModel, Membership, Question, Record  # noqa: E402
from kedang.holdings.queries.agreeing import leaves_of  # noqa: E402
from kedang.holdings.queries.checking import QueueFilter, following, queue, tally, who_may_answer  # noqa: E402
from kedang.holdings.queries.corrections import corrections_of  # noqa: E402
from kedang.holdings.queries.people import agent_names  # noqa: E402
from kedang.holdings.queries.reviewing import waiting  # noqa: E402
from kedang.holdings.queries.searching import search_records  # noqa: E402
from kedang.holdings.queries.shown_titles import title_of  # noqa: E402
from kedang.pipeline.messages import Summary  # noqa: E402
from kedang.records.errors import KedangError  # noqa: E402

READ: dict[str, Any] = {
    "record_class": "contract", "class_permille": 640, "accounting": False, "accounting_kind": "",
    "sensitivity": "general", "record_date": "", "title": "", "text_source": "ocr", "pages": 1,
    "awaits_ocr": False, "trigger_dates": {}, "finding_counts": {}, "problems": (), "mentions": (),
}  # fmt: skip
CONFIRMED = ("KD-G101", "KD-G102", "KD-G103")


def clock() -> datetime:
    """The time."""
    return datetime.now(UTC)


def code_of(act: Callable[[], object]) -> str:
    """The code that an act is refused with; empty when it is not."""
    try:
        act()
    except KedangError as error:
        return error.code
    return ""


class Scenes:
    """The case, and people at work in it."""

    def __init__(self, archive: Any) -> None:
        self.case = archive
        self.today = clock().date()
        self.people: dict[str, Person] = {}
        self.archives: dict[str, Any] = {}
        if Membership.objects.exists():
            self._known()
            return
        door = door_key(archive.home.root)
        contract = Scope(classes=frozenset({"contract"}))
        for name, role, scope in (
            ("lin", "owner", Scope()),
            ("bo", "reviewer", Scope()),
            ("he", "owner", Scope()),
            ("sorter", "sorter", contract),
            ("chen", "", Scope()),
        ):
            account = add_account(
                door, archive.new_id(), name=name, login=name, password="a long enough one",
                must_change=False, now=clock(),
            )  # fmt: skip
            grants = [Grant(archive.new_id(), role, scope)] if role else []
            member = join_case(archive, door, account, grants, now=clock())
            self.people[name] = Person(member.agent_id, tuple(grants))
            self.archives[name] = archive.twin(member.agent_id)

    def _known(self) -> None:
        """The people of scenes that were played before."""
        names = agent_names(self.case)
        for row in Membership.objects.all():
            name = names[row.agent_id]
            self.people[name] = Person(row.agent_id, tuple(map(grant_of, row.grants)))
            self.archives[name] = self.case.twin(row.agent_id)

    def asked(self, *codes: str) -> list[Question]:
        """Open questions of these codes."""
        rows = Question.objects.filter(case_id=self.case.case_id, state="open", code__in=codes)
        return list(rows.select_related("record").order_by("record__first_order"))

    def row(self, record: str) -> dict[str, Any]:
        """What stands of a record, its questions and its MAC."""
        found = Record.objects.filter(id=record).values().get()
        questions = (
            Question.objects.filter(record_id=record).order_by("code").values_list("code", "state", "answer")
        )
        kept = {name: str(value) for name, value in found.items() if name not in ("sealed",)}
        kept["mac"] = bytes(found["mac"]).hex()
        return kept | {"questions": [list(one) for one in questions]}

    # scenes

    def corrected_and_undone(self) -> dict[str, Any]:
        """An answer with a class, a date and a reason, and the same taken back."""
        question, lin = self.asked(*CONFIRMED)[0], self.archives["lin"]
        before = self.row(question.record_id)
        values = NewValues(record_class="contract", sensitivity="trade-secret", record_date=self.today)
        said = Decided("accepted", values, "原件封面写明", state_seen(question.record, question))
        made = correcting.answer(lin, question.id, said, clock=clock)
        changed = self.row(question.record_id)
        (shown,) = corrections_of(lin, Record.objects.get(id=question.record_id))
        undoing.undo_correction(lin, made.id, clock=clock)
        (undone,) = corrections_of(lin, Record.objects.get(id=question.record_id))
        return {
            "before": before,
            "changed": changed,
            "after": self.row(question.record_id),
            "shown": {one.column: [one.before, one.after] for one in shown.changed},
            "reason": shown.reason,
            "who": shown.who,
            "undone_by": undone.undone_by,
            "again": code_of(lambda: undoing.undo_correction(lin, made.id, clock=clock)),
        }

    def described(self) -> dict[str, Any]:
        """Title and facts corrected, read again by a machine, and the correction taken back."""
        record, lin = self._archived("contract"), self.archives["lin"]
        before, facts = self.row(record.id), self._facts(record)
        number = next(at for at, one in enumerate(facts, start=1) if one[0] == "signed_on")
        wanted = (FactSaid("2019-05-06", number=number), FactSaid("1,200元", kind="amount"))
        values = NewValues(title="供货协议补遗", facts=wanted)
        made = correcting.correct(lin, record.id, Decided("corrected", values, "对照原件"), clock=clock)
        record.refresh_from_db()
        (shown,) = corrections_of(lin, record)
        twice = Decided("corrected", NewValues(facts=(FactSaid("1200", kind="amount"),)), "又一次")
        found = {
            "title": title_of(lin, record),
            "facts": sorted(set(self._facts(record)) - set(facts)),
            "days": record.trigger_dates["signed_on"],
            "hits": [self._hits("供货协议补遗", record), self._hits("服务合同", record)],
            "kept": self._read_again(record.id),
            "told": [shown.title, [[one.column, one.before, one.after] for one in shown.facts]],
            "wrong": [
                self._refused(record, NewValues(facts=(one,)))
                for one in (
                    FactSaid("昨天", number=number),
                    FactSaid("x", number=999),
                    FactSaid("x", kind="nonsense"),
                )
            ],
            "twice": code_of(lambda: correcting.correct(lin, record.id, twice, clock=clock)),
            "leaf": self._last_leaf("described"),
        }
        undoing.undo_correction(lin, made.id, clock=clock)
        return found | {
            "as_before": self.row(record.id) | {"mac": ""} == before | {"mac": ""},
            "facts_back": self._facts(Record.objects.get(id=record.id)) == facts,
            "hits_back": self._hits("供货协议补遗", record),
        }

    def two_on_one(self) -> dict[str, Any]:
        """Two people answer one question that both look at."""
        question = self.asked(*CONFIRMED)[0]
        seen = state_seen(question.record, question)
        first = Decided("accepted", NewValues(record_class="service"), "", seen)
        second = Decided("accepted", NewValues(record_class="personal"), "", seen)
        made = correcting.answer(self.archives["lin"], question.id, first, clock=clock)
        refused = code_of(lambda: correcting.answer(self.archives["he"], question.id, second, clock=clock))
        row = Record.objects.get(id=question.record_id)
        return {
            "refused": refused,
            "class": row.record_class,
            "corrections": Correction.objects.filter(record=row, undone=None).count(),
            "by": made.agent_id == self.people["lin"].agent,
        }

    def overlaid(self) -> dict[str, Any]:
        """An earlier correction is not undone past a later one; a reckoned record is reckoned anew and back."""
        record = self._archived("contract")
        lin, before = self.archives["lin"], self.row(record.id)
        first = correcting.correct(
            lin, record.id, Decided("corrected", NewValues(record_class="service"), "实为售后"), clock=clock
        )
        second = correcting.correct(
            lin, record.id, Decided("corrected", NewValues(record_class="other"), "又改"), clock=clock
        )
        middle = self.row(record.id)
        refused = code_of(lambda: undoing.undo_correction(lin, first.id, clock=clock))
        undoing.undo_correction(lin, second.id, clock=clock)
        undoing.undo_correction(lin, first.id, clock=clock)
        return {"refused": refused, "before": before, "middle": middle, "after": self.row(record.id)}

    def refusals(self) -> dict[str, str]:
        """What is no decision."""
        question, lin = self.asked(*CONFIRMED)[0], self.archives["lin"]
        wrong = NewValues(record_class="nonsense")
        record = question.record_id
        return {
            "value": code_of(
                lambda: correcting.answer(lin, question.id, Decided("accepted", wrong), clock=clock)
            ),
            "nothing": code_of(
                lambda: correcting.correct(lin, record, Decided("corrected", reason="x"), clock=clock)
            ),
            "reason": code_of(lambda: correcting.correct(lin, record, Decided("corrected"), clock=clock)),
            "unknown": code_of(lambda: undoing.undo_correction(lin, "0" * 32, clock=clock)),
            "question": code_of(lambda: correcting.answer(lin, "0" * 32, Decided("accepted"), clock=clock)),
        }

    def assigned(self) -> dict[str, Any]:
        """Given to somebody who may, refused for somebody who may not."""
        question, lin = self.asked(*CONFIRMED)[0], self.archives["lin"]
        sorter = self.people["sorter"]
        refused = code_of(
            lambda: correcting.assign(lin, question.id, sorter, seen=None, today=self.today, clock=clock)
        )
        he = self.people["he"]
        correcting.assign(lin, question.id, he, seen=None, today=self.today, clock=clock)
        mine = queue(self.case.case_id, he, QueueFilter(mine=True), today=self.today)
        return {
            "refused": refused,
            "mine": [one.id for one in mine] == [question.id],
            "may": sorted(name for _, name in who_may_answer(lin, question.record, today=self.today)),
        }

    def seen_by_scope(self) -> dict[str, Any]:
        """Whoever has a narrow grant has a queue of that and its counts; the queue is walked once through."""
        counted: dict[str, Any] = {}
        for name in ("lin", "sorter", "chen"):
            person = self.people[name]
            rows = queue(self.case.case_id, person, QueueFilter(), today=self.today)
            walked, at = [], rows.first()
            while at is not None:
                walked.append(at.id)
                at = following(rows, at)
            found = tally(self.archives[name], person, today=self.today)
            counted[name] = {
                "queue": [one.id for one in rows],
                "walked": walked,
                "classes": sorted({one.record.record_class for one in rows}),
                "total": found.total,
                "by_code": sum(found.codes.values()),
                "by_source": sum(count for _, _, count in found.sources),
                "review": waiting(self.case.case_id, person, today=self.today).count(),
            }
        return counted

    def learnt(self) -> dict[str, Any]:
        """Too few answers teach nothing; enough of them do, and the model ends with a record it was learnt of."""
        lin = self.archives["lin"]
        few = learning.learn_classes(lin, clock=clock) is None
        for question in self.asked(*CONFIRMED):
            chosen = "personal" if "巡检" in self._text(question.record) else "transaction"
            said = Decided("accepted", NewValues(record_class=chosen))
            correcting.answer(lin, question.id, said, clock=clock)
        for record in Record.objects.filter(record_class="contract", state="archived"):
            said = Decided(
                "corrected", NewValues(record_class="contract", sensitivity="trade-secret"), "核过"
            )
            correcting.correct(lin, record.id, said, clock=clock)
        row = learning.learn_classes(lin, clock=clock)
        opened = open_learnt(lin)
        if row is None or opened is None:
            raise AssertionError("nothing was learnt")
        told = [told_of(one, derived_of(lin, one)) for one in Record.objects.filter(id__in=row.records)]
        clear = [word for word in opened[1].words if word.encode() in bytes(row.sealed)]
        first = Record.objects.filter(id=row.records[0])
        page = first.get().key_page
        first.update(key_page="0" * 32)  # as when its key has ended
        gone = open_learnt(lin) is None
        first.update(key_page=page)
        return {
            "few": few,
            "answers": len(row.records),
            "least": LEAST_ANSWERS,
            "before": row.right_before,
            "after": row.right_after,
            "proposes": bool({opened[1].propose(one)[0].value for one in told} & {"personal", "transaction"}),
            "clear": clear,
            "gone": gone,
            "rows": LearntModel.objects.count(),
        }

    def reviewing_on(self) -> bool:
        """From now on another person accepts."""
        set_review(self.case, "second-person", now=clock())
        return True

    def all_to_review(self) -> int:
        """Everything that is sorted waits for another person; how many that are."""
        self._all_to_review()
        return len(self._waiting())

    # what scenes share

    def _facts(self, record: Record) -> list[tuple[str, str]]:
        derived = derived_of(self.case, record)
        read = derived.appraisal.facts if derived is not None and derived.appraisal is not None else ()
        return [(one.kind, one.value) for one in facts_held(self.case, record, read)]

    def _hits(self, words: str, record: Record) -> bool:
        found = search_records(self.case, words, limit=100)
        return record.id in {one.record_id for one in found.hits}

    def _read_again(self, record: str) -> list[str]:
        """The title and the day that hold after a machine has read something else."""
        row, lin = Record.objects.get(id=record), self.archives["lin"]
        read = Summary(**{**READ, "title": "机器另读的题名", "trigger_dates": {"signed_on": "2024-01-01"}})
        said = {"title": title_of(lin, row), "facts": description_of(lin, row).facts}
        return [describe_again(lin, row, read, said), row.trigger_dates["signed_on"]]

    def _refused(self, record: Record, values: NewValues) -> str:
        said = Decided("corrected", values, "试")
        return code_of(lambda: correcting.correct(self.archives["lin"], record.id, said, clock=clock))

    def _last_leaf(self, act: str) -> dict[str, Any]:
        leaf = list(leaves_of(self.case.case_id, act))[-1]
        return {name: value for name, value in leaf["facts"].items() if name != "reason"}

    def _text(self, record: Record) -> str:
        derived = derived_of(self.case, record)
        return derived.extraction.text if derived else ""

    def _archived(self, record_class: str) -> Record:
        return Record.objects.filter(state="archived", record_class=record_class).order_by("first_order")[0]

    def _all_to_review(self) -> None:
        """As when the rule of review had been there from the beginning."""
        for question in self.asked(*CONFIRMED):
            correcting.answer(self.case, question.id, Decided("accepted"), clock=clock)
        ids = list(Record.objects.filter(state="sorting").values_list("id", flat=True))
        correcting.archive_ready(self.case, ids, clock=clock)

    def _waiting(self) -> list[Record]:
        return list(Record.objects.filter(state="review").order_by("first_order"))

    def _seen(self, record: Record, reason: str = "") -> reviewing.Looked:
        return reviewing.Looked({record.id: state_seen(Record.objects.get(id=record.id))}, reason)


def play(scenes: type[Scenes]) -> None:
    """The scenes that the arguments name, one after another in one case."""
    with new_context(as_json=True).reading() as archive:
        played = scenes(archive)
        said = {name: getattr(played, name)() for name in sys.argv[1:]}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    play(Scenes)
