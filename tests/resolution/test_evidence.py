from __future__ import annotations

import math
from dataclasses import replace

import pytest

from kedang.resolution.clusters import Ground, Tie
from kedang.resolution.comparisons import COMPARISONS
from kedang.resolution.errors import ModelUnreadable
from kedang.resolution.evidence import Band, Bands, evidence_of
from kedang.resolution.frequencies import Frequencies, digest
from kedang.resolution.mentions import MentionKind
from kedang.resolution.model import Models, shipped, shipped_models, shipped_weights


def _tie(kind: MentionKind, **levels: str) -> Tie:
    places = []
    for one in COMPARISONS[kind]:
        names = [level.name for level in one.levels]
        places.append(names.index(levels[one.name]) if one.name in levels else -1)
    return Tie("a", "b", shipped(kind).bits(places), tuple(places), kind=kind)


def test_the_steps_add_up_to_the_score() -> None:
    tie = _tie(MentionKind.PERSON, name="equal-5", mobile="equal", address="street")
    found = evidence_of(tie, shipped_models())
    assert found.bits == pytest.approx(tie.bits, abs=1e-9)
    assert [step.what for step in found.steps] == ["prior", "name", "mobile", "address"]
    assert found.steps[1].zh == "姓名相同，本案中五至八位客户用此名"
    assert found.to_json()["steps"][2]["en"] == "the same mobile number"


def test_every_level_has_weights_and_words_in_both_languages() -> None:
    for kind, comparisons in COMPARISONS.items():
        for one in comparisons:
            for level in one.levels:
                step = evidence_of(_tie(kind, **{one.name: level.name}), shipped_models()).steps[1]
                assert step.zh
                assert step.en
                assert math.isfinite(step.bits)


def test_stronger_agreement_never_weighs_less_and_difference_speaks_against() -> None:
    for kind in MentionKind:
        bits = shipped(kind).level_bits()
        for one, of in zip(COMPARISONS[kind], bits, strict=True):
            bands = [weight for level, weight in zip(one.levels, of, strict=True) if "-" in level.name]
            assert bands == sorted(bands, reverse=True)
            assert of[-1] < 0
            assert of[0] > 0 or one.name == "name"


def test_a_common_name_weighs_less_than_a_rare_one() -> None:
    seen = Frequencies(customers=10_000, names={digest("王伟"): 60})
    assert seen.band("王伟") > seen.band("欧阳修远") == 0


def test_the_bands_come_from_two_costs() -> None:
    default = Bands()
    assert default.band(math.log2(1001)) is Band.JOINED
    assert default.band(math.log2(900)) is Band.TO_JUDGE
    assert default.band(-6) is Band.APART
    assert Bands(wrong_join_cost=10).join_bits < default.join_bits


def test_what_was_judged_or_certain_is_said_so() -> None:
    found = evidence_of(Tie("a", "b", 100.0, ground=Ground.CERTAIN), shipped_models())
    assert (found.band, found.steps[0].what, found.probability) == (Band.JOINED, "certain-number", 1.0)


def test_models_survive_being_kept() -> None:
    models = shipped_models()
    counted = Frequencies(customers=77, names={5: 3}, shared=frozenset({8, 9}))
    kept = models.with_model(shipped(MentionKind.PERSON)).to_bytes()
    assert Models.from_bytes(kept) == models
    learnt = models.with_model(replace(models.person, frequencies=counted, learnt=True, shift=0.5))
    assert Models.from_bytes(learnt.to_bytes()) == learnt
    assert shipped_weights()["person"]


@pytest.mark.parametrize("kept", [b"", b"{}", b"[]", b'{"format":"other","models":[]}'])
def test_kept_weights_of_another_form_are_refused(kept: bytes) -> None:
    with pytest.raises(ModelUnreadable, match="KD-N101"):
        Models.from_bytes(kept)
