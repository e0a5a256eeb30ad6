"""Names of persons: surname, given name, how they sound, and which are only nicknames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.resolution.person_names import person_name_of, surname_share

GIVEN = st.text(alphabet="伟芳娜秀英敏静丽强磊洋艳杰娟涛明超兰霞平", min_size=1, max_size=2)
SURNAMES = st.sampled_from(["王", "欧阳", "单", "司马", "陈", "仇", "尉迟", "萧"])


@pytest.mark.parametrize(
    ("written", "surname", "given", "sound"),
    [
        ("歐陽修遠 先生", "欧阳", "修远", "ou yang xiu yuan"),
        ("陈　静", "陈", "静", "chen jing"),
        ("王小明经理", "王", "小明", "wang xiao ming"),
        ("王建国总", "王", "建国", "wang jian guo"),
        ("王伟（采购部）", "王", "伟", "wang wei"),
        ("张王丽华", "张", "王丽华", "zhang wang li hua"),
        ("单雄信", "单", "雄信", "shan xiong xin"),
        ("曾国藩", "曾", "国藩", "zeng guo fan"),
        ("解缙", "解", "缙", "xie jin"),
        ("仇和", "仇", "和", "qiu he"),
        ("区伟", "区", "伟", "ou wei"),
        ("尉迟恭", "尉迟", "恭", "yu chi gong"),
        ("龔䶮", "龚", "䶮", "gong yan"),
        ("阿依古丽·买买提", "买买提", "阿依古丽", "a yi gu li mai mai ti"),
        ("约翰•史密斯", "史密斯", "约翰", "yue han shi mi si"),
        ("古丽娜尔", "", "古丽娜尔", "gu li na er"),
        ("John Smith", "smith", "john", "john smith"),
        ("Smith, John", "smith", "john", "john smith"),
        ("Leonie Köhler", "kohler", "leonie", "leonie kohler"),
        ("ZHANG Xiaoming", "zhang", "xiaoming", "zhang xiao ming"),
        ("Wei Zhang", "zhang", "wei", "zhang wei"),
        ("Ouyang Xiuyuan", "ou yang", "xiuyuan", "ou yang xiu yuan"),
        ("David王", "王", "david", "wang david"),
    ],
)
def test_a_full_name_is_cut_in_two(written: str, surname: str, given: str, sound: str) -> None:
    name = person_name_of(written)
    assert (name.surname, name.given_name, name.sound, name.is_weak) == (surname, given, sound, False)


@pytest.mark.parametrize(
    ("written", "surname"),
    [
        ("老王", "王"), ("小李", "李"), ("王总", "王"), ("李老师", "李"), ("陈姐", "陈"), ("张工", "张"), ("小欧阳", "欧阳"),
        ("李 女士", "李"), ("刘某", "刘"), ("欧阳", "欧阳"), ("Mr. Li", "li"), ("阿强", ""), ("大伟", ""), ("Tony", ""),
        ("乐乐妈妈", ""), ("先生", ""),
    ],
)  # fmt: skip
def test_a_nickname_or_a_surname_with_a_title_is_weak(written: str, surname: str) -> None:
    name = person_name_of(written)
    assert (name.is_weak, name.surname) == (True, surname)


def test_a_weak_name_keeps_the_title_that_tells_it_from_others() -> None:
    assert person_name_of("王总").full == "王总"
    assert person_name_of("王老师").full != person_name_of("王总").full


@given(SURNAMES, GIVEN, st.sampled_from(["", "先生", "女士", " 经理", "老师"]))
def test_titles_leave_the_name_as_it_is(surname: str, given: str, title: str) -> None:
    name = person_name_of(surname + given + title)
    assert (name.full, name.surname, name.given_name) == (surname + given, surname, given)


@given(st.text(alphabet="王李欧阳老小阿总 ·,()abZ陳龔", max_size=8))
def test_the_full_form_of_a_full_form_is_itself(written: str) -> None:
    once = person_name_of(written)
    assert person_name_of(once.full).full == once.full


@given(st.sampled_from(["陳靜", "龔偉", "歐陽鋒", "蕭紅", "劉備", "張飛"]))
def test_traditional_characters_give_the_same_parts(written: str) -> None:
    simple = {
        "陳靜": "陈静",
        "龔偉": "龚伟",
        "歐陽鋒": "欧阳锋",
        "蕭紅": "萧红",
        "劉備": "刘备",
        "張飛": "张飞",
    }
    assert person_name_of(written) == person_name_of(simple[written])


def test_frequent_surnames_have_their_share_and_rare_ones_none() -> None:
    assert (surname_share("王") or 0) > 50 * (surname_share("欧阳") or 1)
    assert surname_share("亓官") is None
