from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kedang.resolution.clusters import Tie
from kedang.resolution.evidence import probability
from kedang.resolution.judgements import Judgement, Verdict, calibrated, queue, standing
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import shipped_models

_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _said(left: str, right: str, verdict: Verdict, hour: int = 0) -> Judgement:
    return Judgement(left, right, verdict, "agent-1", _NOON + timedelta(hours=hour))


def test_the_last_word_on_a_pair_counts_whichever_side_is_named_first() -> None:
    said = [_said("a", "b", Verdict.SAME, 2), _said("b", "a", Verdict.DIFFERENT, 1)]
    assert standing(said)["a", "b"].verdict is Verdict.SAME
    assert standing(reversed(said)) == standing(said)


def test_of_two_words_at_one_instant_the_cautious_one_counts() -> None:
    said = [_said("a", "b", Verdict.DIFFERENT), _said("a", "b", Verdict.SAME)]
    assert standing(said)["a", "b"].verdict is Verdict.DIFFERENT


def test_the_queue_begins_with_uncertain_pairs_of_large_customers() -> None:
    ties = [Tie("a", "b", 9.0), Tie("c", "d", 0.1), Tie("e", "f", 0.1), Tie("g", "h", 0.0)]
    sizes = {"e": 40, "f": 12}
    judged = [_said("g", "h", Verdict.CANNOT_TELL)]
    first, second, third = queue(ties, lambda one: sizes.get(one, 1), judged)
    assert (first.left, second.left, third.left) == ("e", "c", "a")


def test_judged_pairs_move_the_probabilities_towards_what_was_judged() -> None:
    models = shipped_models()
    wrong = [(Tie(f"a{n}", f"b{n}", 6.0), Verdict.DIFFERENT if n % 2 else Verdict.SAME) for n in range(400)]
    shift = calibrated(models, wrong).person.shift
    assert abs(probability(6.0 + shift) - 0.5) < 0.1
    assert calibrated(models, []).person.shift == 0
    unsure = [(Tie("a", "b", 6.0, kind=MentionKind.ORGANISATION), Verdict.CANNOT_TELL)]
    assert calibrated(models, unsure).organisation.shift == 0
    few = calibrated(models, wrong[:3]).person.shift
    assert abs(few) < abs(shift)
