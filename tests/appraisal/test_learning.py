"""What answers teach: nothing against the signs without answers, the same from the same, undone by none of them."""

from __future__ import annotations

from kedang.appraisal.learning import LearntClasses, Lesson, Told, learn, measure, words_of
from kedang.records.content import Family, Format, RecordClass

FORM = Format("text/plain", Family.TEXT, "utf-8-text")


def lesson(words: str, machine: RecordClass, said: RecordClass, number: int = 0) -> Lesson:
    """One answered record."""
    told = Told(words_of(f"{words}{number}.txt", ("桌面",), words, FORM), machine, 0.4)
    return Lesson(told, said)


CLEANING = [lesson("风扇除尘巡检完毕", RecordClass.OTHER, RecordClass.SERVICE, one) for one in range(15)]
CALLS = [lesson("来电已转告记得回话", RecordClass.OTHER, RecordClass.COMMUNICATION, one) for one in range(15)]


def test_answers_correct_what_the_signs_have_wrong() -> None:
    lift = measure([one for pair in zip(CLEANING, CALLS, strict=True) for one in pair])
    assert (lift.answers, lift.right_before, lift.right_after) == (30, 0, 30)


def test_of_what_no_answer_speaks_the_signs_are_followed() -> None:
    model = learn(CLEANING)
    stranger = Told(
        words_of("abcdef.pdf", (), "", Format("application/pdf", Family.PDF, "pdf")),
        RecordClass.CONTRACT,
        0.9,
    )
    assert model.propose(stranger)[0] is RecordClass.CONTRACT


def test_a_model_is_the_same_from_the_same_answers_and_after_it_was_kept() -> None:
    first, second = learn(CLEANING + CALLS), learn(CLEANING + CALLS)
    assert first.to_json() == second.to_json()
    kept = LearntClasses.from_json(first.to_json())
    assert all(kept.propose(one.told)[0] is one.said for one in CLEANING + CALLS)
