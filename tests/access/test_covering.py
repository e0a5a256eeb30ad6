"""What is covered in a text is nowhere in what is shown of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kedang.access.covering import BAR, Covered, Shown, covered, plain
from kedang.records.content import Finding, FindingCategory

ID, PHONE, NAME = FindingCategory.RESIDENT_ID, FindingCategory.MOBILE_PHONE, FindingCategory.PERSON_NAME
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
PLACES = st.tuples(st.integers(-3, 66), st.integers(-3, 66))
FINDINGS = st.lists(
    st.builds(
        lambda kind, place: Finding(kind, place[0], place[1], 1.0), st.sampled_from([ID, PHONE, NAME]), PLACES
    ),
    max_size=8,
)


def finding(category: FindingCategory, text: str, value: str) -> Finding:
    start = text.index(value)
    return Finding(category, start, start + len(value), 1.0)


def hidden_places(text: str, findings: list[Finding], shown: set[FindingCategory]) -> set[int]:
    return {
        at
        for one in findings
        if one.category not in shown
        for at in range(max(one.start, 0), min(one.end, len(text)))
    }


@given(TEXTS, FINDINGS, st.sets(st.sampled_from([ID, PHONE, NAME])), st.lists(PLACES, max_size=3))
def test_exactly_the_characters_of_findings_are_hidden_unless_they_may_be_shown(
    text: str, findings: list[Finding], shown: set[FindingCategory], opened: list[tuple[int, int]]
) -> None:
    parts = covered(text, findings, shown=shown, opened=opened)
    revealed = {at for start, end in opened for at in range(start, end)}
    wanted = hidden_places(text, findings, shown) - revealed
    assert {at for part in parts if isinstance(part, Covered) for at in range(part.start, part.end)} == wanted
    assert plain(parts) == "".join(BAR if at in wanted else text[at] for at in range(len(text)))


@given(TEXTS, FINDINGS, PLACES)
def test_parts_follow_one_another_without_gaps_and_none_is_empty(
    text: str, findings: list[Finding], within: tuple[int, int]
) -> None:
    parts = covered(text, findings, within=within)
    start = min(max(within[0], 0), len(text))
    ends = [start, *(part.end for part in parts)]
    assert [part.start for part in parts] == ends[:-1]
    assert ends[-1] == min(max(within[1], start), len(text))
    assert all(part.end > part.start for part in parts)
    assert all(part.text == text[part.start : part.end] for part in parts if isinstance(part, Shown))


@given(TEXTS, FINDINGS, PLACES)
def test_a_stretch_of_a_text_hides_what_the_whole_text_hides(
    text: str, findings: list[Finding], within: tuple[int, int]
) -> None:
    start = min(max(within[0], 0), len(text))
    end = min(max(within[1], start), len(text))
    assert plain(covered(text, findings, within=within)) == plain(covered(text, findings))[start:end]


def test_findings_that_overlap_are_one_bar_of_the_longest_that_begins_first() -> None:
    text = "证号110101199003070011电话"
    parts = covered(text, [Finding(PHONE, 5, 16, 1.0), Finding(ID, 2, 20, 1.0), Finding(NAME, 2, 4, 1.0)])
    assert parts == (Shown("证号", 0, 2), Covered(ID, 2, 20), Shown("电话", 20, 22))


def test_a_category_that_may_be_shown_opens_nothing_of_another() -> None:
    text = "李春梅13812345678"
    name, both = finding(NAME, text, "李春梅"), Finding(PHONE, 2, 14, 1.0)
    assert plain(covered(text, [name, both], shown={NAME})) == "李春" + BAR * 12


def test_one_value_that_was_revealed_leaves_the_other_hidden() -> None:
    text = "李春梅 13812345678 / 13912345678"
    first, other = finding(PHONE, text, "13812345678"), finding(PHONE, text, "13912345678")
    parts = covered(text, [first, other], opened=[(first.start, first.end)])
    assert plain(parts) == "李春梅 13812345678 / " + BAR * 11
