"""Names of organisations: own word, region, trade, form and branch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.records.traditional import simplified
from kedang.resolution.organisation_names import organisation_name_of
from tests.world import REAL_MIXED

LABELLED = REAL_MIXED.parent / "labelled" / "company_short_names_zh.txt"
FORMS = (
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "公司",
    "集团",
    "(集团)有限公司",
    "总公司",
    "",
)


@pytest.mark.parametrize(
    ("written", "core", "region", "industry", "form", "branch"),
    [
        ("杭州雲帆貿易有限責任公司上海分公司", "云帆", "杭州市", "贸易", "有限公司", "上海分公司"),
        ("云帆(上海)贸易有限公司", "云帆", "上海市", "贸易", "有限公司", ""),
        ("云帆（集团）股份有限公司", "云帆", "", "", "集团股份有限公司", ""),
        ("浙江省杭州市西湖区云帆文具经营部", "云帆", "杭州市", "文具", "经营部", ""),
        ("云帆超市(解放路店)", "云帆", "", "", "超市", "解放路店"),
        ("云帆超市解放路店", "云帆", "", "", "超市", "解放路店"),
        ("云帆贸易上海分公司", "云帆", "", "贸易", "", "上海分公司"),
        ("杭州云帆贸易有限公司第二分店", "云帆", "杭州市", "贸易", "有限公司", "第二分店"),
        ("中国工商银行股份有限公司杭州文三路支行", "工商", "", "银行", "股份有限公司", "杭州文三路支行"),
        ("义乌市云帆电子商务商行", "云帆", "义乌市", "电子商务", "商行", ""),
        ("昆山千灯镇南野智能科技店", "南野", "昆山市", "智能科技", "店", ""),
        ("新月能源石家庄公司", "新月", "石家庄市", "", "公司", ""),
        ("阿里巴巴(中国)有限公司", "阿里巴巴", "", "", "有限公司", ""),
        ("浙江君合律师事务所", "君合", "浙江省", "", "律师事务所", ""),
        ("永康市第一人民医院", "永康第一人民", "永康市", "第一人民", "医院", ""),
        ("杭州某某企业管理合伙企业(有限合伙)", "某某", "杭州市", "企业管理", "合伙企业", ""),
        ("Hangzhou Yunfan Trading Co., Ltd.", "yunfan", "杭州市", "trading", "co ltd", ""),
        ("Yunfan International Group Limited Shanghai Branch", "yunfan", "", "international", "group limited", "shanghai branch"),
    ],
)  # fmt: skip
def test_a_name_is_cut_into_its_parts(
    written: str, core: str, region: str, industry: str, form: str, branch: str
) -> None:
    name = organisation_name_of(written)
    assert (name.core, name.region, name.industry, name.legal_form, name.branch) == (
        core, region, industry, form, branch,
    )  # fmt: skip


def test_a_name_of_region_and_trade_alone_keeps_both() -> None:
    assert organisation_name_of("北京装修公司").core == "北京装修"


@given(st.sampled_from(["云帆", "禾澄", "南野", "华信"]), st.sampled_from(["贸易", "电子科技", "食品", ""]))
def test_a_company_is_itself_under_any_suffix(own: str, trade: str) -> None:
    names = {organisation_name_of(f"杭州{own}{trade}{form}") for form in FORMS}
    assert {(name.core, name.region, name.branch) for name in names} == {(own, "杭州市", "")}


@given(st.sampled_from(["上海分公司", "解放路门店", "驻京办事处", "第二营业部", "(西湖店)", "滨江分厂"]))
def test_a_branch_has_its_heads_word_and_a_branch_of_its_own(branch: str) -> None:
    head, of_it = (
        organisation_name_of("杭州云帆贸易有限公司"),
        organisation_name_of(f"杭州云帆贸易有限公司{branch}"),
    )
    assert (of_it.core, of_it.region, of_it.industry) == (head.core, head.region, head.industry)
    assert of_it.branch
    assert not head.branch


@given(st.text(alphabet="杭州市云帆贸易科技有限公司集团()分店 abc.,LTd上海", max_size=14))
def test_the_parts_of_a_full_form_are_those_of_the_name(written: str) -> None:
    name = organisation_name_of(written)
    assert organisation_name_of(name.full) == name


@pytest.mark.skipif(not LABELLED.exists(), reason="the labelled short names are not here")
def test_the_own_word_is_nearly_always_the_short_name_that_people_gave() -> None:
    rows = [simplified(line).split() for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    pairs = [(row[1], organisation_name_of(row[0]).core) for row in rows if len(row) == 2]
    equal = sum(short == core for short, core in pairs)
    within = sum(short in core or core in short for short, core in pairs)
    assert len(pairs) == 456
    assert equal >= 420  # 0.93 when it was written
    assert within >= 453
