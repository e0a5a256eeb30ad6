"""What is kept of a comparison: when it is used again, what judgements teach it, whom a mention may meet."""

from __future__ import annotations

from dataclasses import replace

from kedang.resolution.comparable import Comparable
from kedang.resolution.keeping import TRAIN_FROM, Labelled, meetings, still_fit, trained
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import shipped_models

PERSON, ORGANISATION = MentionKind.PERSON, MentionKind.ORGANISATION
NAMED = {PERSON: {"name": "equal-1"}, ORGANISATION: {"name": "full"}}


def judged(count: int, *, same: bool = False, kind: MentionKind = PERSON) -> list[Labelled]:
    return [Labelled(kind, NAMED[kind], same)] * count


def test_models_are_used_again_until_the_case_has_grown_by_more_than_a_quarter() -> None:
    assert still_fit(1000, 1250)
    assert not still_fit(1000, 1251)


def test_few_judgements_teach_nothing_and_leave_the_very_models() -> None:
    models = shipped_models()
    assert trained(models, judged(TRAIN_FROM - 1)) == (models, 0)
    assert trained(models, judged(TRAIN_FROM - 1))[0] is models


def test_enough_judgements_move_the_scores_of_their_kind_only_and_once() -> None:
    models, used = trained(shipped_models(), judged(TRAIN_FROM + 8))
    assert used == TRAIN_FROM + 8
    assert models.person.shift < -1
    assert models.organisation == shipped_models().organisation
    assert trained(models, judged(TRAIN_FROM + 8))[0] is models


def test_judgements_that_were_taken_back_teach_no_longer() -> None:
    models = shipped_models()
    taught, _ = trained(models, judged(TRAIN_FROM, kind=ORGANISATION))
    assert taught.organisation.shift
    assert trained(taught, judged(1, kind=ORGANISATION)) == (models, 0)


def test_levels_of_another_release_say_nothing() -> None:
    strange = [Labelled(PERSON, {"name": "never-heard-of", "prior": ""}, False)] * TRAIN_FROM
    silent = [Labelled(PERSON, {}, False)] * TRAIN_FROM
    assert trained(shipped_models(), strange) == trained(shipped_models(), silent)


def test_who_shares_a_block_or_says_the_same_meets() -> None:
    models, secret = shipped_models(), bytes(32)
    one = Comparable("a", PERSON, name="欧阳修远", sound="ou yang xiu yuan", mobiles=("13917758201",))
    other = replace(one, id="b", name="欧阳修遠")
    bare = Comparable("c", PERSON, name="王总", weak_name=True)
    first, second, third, fourth = meetings([one, other, bare, replace(bare, id="d")], models, secret)
    assert set(first) & set(second)
    assert len(third) == 1  # nothing but its row as a whole
    assert third == fourth
    (elsewhere,) = meetings([one], models, b"1" * 32)
    assert not set(first) & set(elsewhere)
