"""Addresses: one place under many writings has the same parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.resolution.addresses import address_of, numeral
from kedang.resolution.comparable import Address
from kedang.resolution.divisions import divisions_by_name, stem_of

HOME = Address("浙江省", "杭州市", "西湖区", "文三路", "388", "3-2-501")


@pytest.mark.parametrize(
    "written",
    [
        "浙江省杭州市西湖区文三路388号3幢2单元501室",
        "浙江省 杭州市 西湖区 文三路 388 号 3 幢 2 单元 501 室",
        "杭州西湖区文三路388号3-2-501",
        "杭州市西湖区翠苑街道文三路三百八十八号三幢二单元501",
        "地址：浙江杭州西湖文三路３８８号3栋2单元501室",
        "中国浙江省杭州市西湖區文三路388號3幢2單元501室",
        "310012浙江省杭州市西湖区文三路388号3#2单元501(电联)",
    ],
)
def test_one_home_written_differently_has_one_form(written: str) -> None:
    assert address_of(written) == HOME


@pytest.mark.parametrize(
    ("written", "province", "city", "district"),
    [
        ("浦东新区张江镇祖冲之路2288弄3号楼1203", "上海市", "上海市", "浦东新区"),
        ("上海市上海市徐汇区漕溪北路18号", "上海市", "上海市", "徐汇区"),
        ("浙江义乌市稠州北路699号", "浙江省", "金华市", "义乌市"),
        ("昆山市玉山镇前进西路1208号", "江苏省", "苏州市", "昆山市"),
        ("东莞市长安镇长青南路303号", "广东省", "东莞市", "长安镇"),
        ("内蒙古呼和浩特新城区海拉尔东路1号", "内蒙古自治区", "呼和浩特市", "新城区"),
        ("吉林市船营区松江路5号", "吉林省", "吉林市", "船营区"),
        ("浙江省余杭市人民大道12号", "浙江省", "杭州市", "余杭区"),
        ("苏州市工业园区星湖街328号", "江苏省", "苏州市", "工业园区"),
        ("苏州工业园区星湖街328号", "江苏省", "苏州市", "工业园区"),
        ("西湖区文三路5号", "", "", "西湖区"),
        ("鼓楼区中山路1号", "", "", "鼓楼区"),
        ("南京路100号", "", "", ""),
        ("北京东路12号", "", "", ""),
    ],
)  # fmt: skip
def test_what_is_not_written_follows_where_only_one_place_bears_the_name(
    written: str, province: str, city: str, district: str
) -> None:
    address = address_of(written)
    assert (address.province, address.city, address.district) == (province, city, district)


@pytest.mark.parametrize(
    ("written", "street", "number", "room", "estate"),
    [
        ("杭州市文三路388号云帆大厦A座1203室", "文三路", "388", "A-1203", "云帆大厦"),
        ("杭州市西湖区翠苑小区12幢3单元401", "翠苑小区", "", "12-3-401", "翠苑小区"),
        ("上海市长宁区长宁路1000弄5号302室", "长宁路1000弄", "5", "302", ""),
        ("成都市武侯区人民南路四段27号", "人民南路四段", "27", "", ""),
        ("苏州市姑苏区干将东路666号1号楼7层", "干将东路", "666", "1-7F", ""),
        ("湖南省长沙县星沙街道", "星沙街道", "", "", ""),
    ],
)
def test_road_number_estate_and_room(written: str, street: str, number: str, room: str, estate: str) -> None:
    address = address_of(written)
    assert (address.street, address.number, address.room, address.estate) == (street, number, room, estate)


def test_every_division_of_today_is_found_by_its_whole_name() -> None:
    names = divisions_by_name()
    counties = [
        one for some in names.values() for one, is_full in some if is_full and one.county and one.city
    ]
    assert len(counties) > 3_000
    for division in counties[::17]:
        found = address_of(f"{division.province}{division.city}{division.county}甲乙路5号")
        assert (found.province, found.city) == (division.province, division.city)
        assert found.street == "甲乙路"


@given(st.text(alphabet="浙江省杭州市西湖区文三路388号幢单元室上海-A座", max_size=20))
def test_blanks_never_change_an_address(written: str) -> None:
    assert address_of(" ".join(written)) == address_of(written)


@pytest.mark.parametrize(("written", "number"), [("三十二", "32"), ("一百零八", "108"), ("二〇五", "205"), ("十", "10"), ("012a", "12A")])  # fmt: skip
def test_numbers_of_houses_in_either_script(written: str, number: str) -> None:
    assert numeral(written) == number


@pytest.mark.parametrize(
    ("name", "stem"),
    [("浙江省", "浙江"), ("延边朝鲜族自治州", "延边"), ("内蒙古自治区", "内蒙古"), ("忠县", "忠县"), ("黑龙江省", "黑龙江"), ("广西壮族自治区", "广西")],
)  # fmt: skip
def test_stems_are_what_people_say(name: str, stem: str) -> None:
    assert stem_of(name) == stem
