from __future__ import annotations

import pytest

from kedang.catalogue.classes import class_scheme, class_schemes, mapped_title
from kedang.catalogue.errors import ClassSchemeUnknown
from kedang.records.content import RecordClass

PAIRS = [
    ("个人信息", "基本信息", "personal"),
    ("交易记录", "交易记录", "transaction"),
    ("服务记录", "服务记录", "service"),
    ("合同协议", "合同信息", "contract"),
    ("沟通记录", "沟通记录", "communication"),
    ("其他", "其他资料", "other"),
]


@pytest.mark.parametrize(("first", "second", "record_class"), PAIRS)
def test_the_two_usual_schemes_are_mapped_to_each_other(first: str, second: str, record_class: str) -> None:
    there = mapped_title(first, from_scheme="personal-first", to_scheme="basic-first")
    back = mapped_title(second, from_scheme="basic-first", to_scheme="personal-first")
    assert (there.zh, back.zh) == (second, first)
    assert there.record_class is back.record_class is RecordClass(record_class)


def test_each_scheme_has_each_class_once_in_its_own_order() -> None:
    for scheme in class_schemes().values():
        assert {title.record_class for title in scheme.titles} == set(RecordClass)
        assert len(scheme.titles) == len(RecordClass)
    assert [title.zh for title in class_scheme("personal-first").titles] == [first for first, _, _ in PAIRS]


@pytest.mark.parametrize(("scheme", "title"), [("third", "其他"), ("personal-first", "基本信息")])
def test_an_unknown_scheme_or_title_is_refused(scheme: str, title: str) -> None:
    with pytest.raises(ClassSchemeUnknown, match="KD-C105"):
        mapped_title(title, from_scheme=scheme, to_scheme="basic-first")
