from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from kedang.disposition.errors import ScheduleMalformed
from kedang.disposition.periods import said_period
from kedang.disposition.schedule import Authority, RuleKind, Schedule, read_schedule, shipped_schedule

# Every row of the retention table: id, period, kind, level.
ROWS = """
RS-ACC-VOUCHER P30Y STAT D>L | RS-ACC-BOOK P30Y STAT D>L | RS-ACC-FIXEDCARD P5Y STAT D>L
RS-ACC-INTERIM P10Y STAT D>L | RS-ACC-ANNUAL PERM STAT D>L | RS-ACC-BANK P10Y STAT D>L
RS-ACC-HANDOVER P30Y STAT D>L | RS-ACC-DESTROYLIST PERM STAT D>L | RS-TAX P10Y STAT R
RS-INVOICE-STUB P5Y STAT R | RS-CONTRACT-TAX P10Y STAT R | RS-CONTRACT-GEN P3Y PURPOSE K
RS-CONTRACT-INTL P4Y PURPOSE K | RS-CONTRACT-KEY P30Y PROD D | RS-CONTRACT-KEY-PERM PERM PROD D
RS-TXN P10Y STAT R | RS-TXN-PLATFORM P3Y STAT L | RS-SELLER-ID P3Y STAT D | RS-LIVE P3Y STAT D
RS-SERVICE P3Y PURPOSE K | RS-COMM P3Y PURPOSE K | RS-PERSONAL INHERIT MAX L
RS-PERSONAL-SENS INHERIT MAX L | RS-MARKETING P0D MAX L | RS-OTHER P3Y PURPOSE K
RS-CORP-SOE PERM STAT D | RS-CORP PERM PROD D | RS-LOG-NET P6M STAT L | RS-LOG-NET-SHIPPED P3Y PROD K
RS-PIA P3Y STAT L | RS-PROVIDE P3Y STAT R | RS-CONSENT P3Y PURPOSE K | RS-DSR P3Y PURPOSE K
RS-DESTROY-CERT PERM PROD S | RS-TRANSFER-CERT P30Y PROD D | RS-AUDIT-CHAIN INHERIT PROD K
RS-AML-ID P10Y STAT L | RS-AML-TXN P10Y STAT L | RS-VIDEO-MIN P30D STAT R | RS-VIDEO-MAX P30D MAX R
RS-HOLD HOLD STAT L
"""
# The industry rules by period, the longer of two where a fact decides.
PACKS = """
IP-SEC-BR P20Y | IP-SEC-CL P20Y | IP-SEC-SV P10Y | IP-FUND P20Y | IP-FUT P20Y | IP-FUT-SERVICE P10Y
IP-INS P10Y
IP-INS-SHORT P5Y | IP-CRED-16 P5Y | IP-AUC P5Y | IP-VAL P30Y | IP-VAL-ORDINARY P15Y | IP-MED-OP P15Y
IP-MED-IP P30Y | IP-MED-PSY P30Y | IP-VAC P5Y | IP-DEV P5Y | IP-DEV-S P2Y | IP-DEV-S-NONE P5Y
IP-DEV-S-IMPLANT PERM | IP-DRUG P5Y | IP-NARC P3Y | IP-NARC-PSYCHOTROPIC P2Y | IP-NARC-LEDGER P5Y
IP-FOOD P6M | IP-FOOD-NONE P2Y | IP-COS P1Y | IP-COS-SHORT P2Y | IP-CHEM P3Y | IP-PEST P2Y | IP-AUTO P10Y
IP-AUTO-DEALER P5Y | IP-AUTO-R P6Y | IP-EXPT P5Y | IP-CUST P3Y | IP-NETCAFE P60D | IP-ENT P60D
IP-ENT-VIDEO P30D | IP-GUARD P2Y | IP-GUARD-VIDEO P30D | IP-CT P90D | IP-TRAV P2Y | IP-RIDE P2Y | IP-RE P5Y
IP-HR P2Y | IP-ESIG P5Y | IP-GOV P15Y
"""
UNVERIFIED = {"IP-DRUG", "IP-TRAV", "IP-RIDE", "IP-RE"}


def texts() -> dict[str, str]:
    room = files("kedang.disposition")
    return {
        name: room.joinpath(f"{name}.toml").read_text(encoding="utf-8")
        for name in ("schedule", "packs", "triggers", "bases")
    }


def said(schedule: Schedule, rule_id: str) -> str:
    rule = schedule.rule(rule_id)
    return f"{rule.id} {said_period(rule.period)} {rule.kind.value} {rule.auth.value}"


def test_every_row_of_the_table_is_there() -> None:
    schedule = shipped_schedule()
    rows = [row.strip() for row in ROWS.replace("\n", "|").split("|") if row.strip()]
    assert [said(schedule, row.split()[0]) for row in rows] == rows
    assert {rule.id for rule in schedule.rules if rule.pack is None} == {row.split()[0] for row in rows}


def test_every_industry_rule_has_its_period() -> None:
    rows = [row.strip() for row in PACKS.replace("\n", "|").split("|") if row.strip()]
    rules = [rule for rule in shipped_schedule().rules if rule.pack is not None]
    assert [f"{rule.id} {said_period(rule.period)}" for rule in rules] == rows


def test_every_rule_has_titles_and_bases_in_both_languages() -> None:
    for rule in shipped_schedule().rules:
        assert all((rule.zh, rule.en))
        assert all(basis.zh and basis.en and basis.verified for basis in rule.basis)


def test_the_basis_of_vouchers_is_named_as_the_annex_names_it() -> None:
    (basis,) = shipped_schedule().rule("RS-ACC-VOUCHER").basis
    assert basis.zh == "《会计档案管理办法》附表一 原始凭证、记账凭证"
    assert basis.level is Authority.DELEGATED_ORDER


def test_every_day_that_the_appraisal_finds_can_start_a_period() -> None:
    table = tomllib.loads(files("kedang.appraisal").joinpath("facts.toml").read_text(encoding="utf-8"))
    found = {name for name, kind in table["kind"].items() if kind["value"] == "date"}
    asked = {fact for trigger in shipped_schedule().triggers.values() for fact in trigger.facts}
    # the beginning of a contract starts no period; the papers of a company itself are kept for ever
    assert found - asked == {"valid_from", "corporate_paper_on"}


def test_unverified_rules_are_marked_and_only_those() -> None:
    schedule = shipped_schedule()
    assert {rule.id for rule in schedule.rules if rule.unverified} == UNVERIFIED
    assert "NV" in schedule.rule("IP-DRUG").verified


def test_industry_rules_apply_to_their_pack_only() -> None:
    for rule in shipped_schedule().rules:
        assert (rule.pack is not None) == rule.id.startswith("IP-")
        assert rule.kind in {RuleKind.STATUTORY, RuleKind.MAXIMUM} or rule.pack is None


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("schedule", 'trigger = ["CLEARED"]', 'trigger = ["WHENEVER"]'),
        ("schedule", 'period = "P5Y"', 'period = "five years"'),
        ("schedule", 'basis = ["AAR-T3"]', 'basis = ["AAR-T99"]'),
        ("schedule", 'basis = ["AAR-T3"]', "basis = []"),
        ("schedule", 'kind = "PURPOSE"', 'kind = "MAYBE"'),
        ("schedule", 'auth = "K"', 'auth = "X"'),
        ("schedule", 'pick = "later"', 'pick = "soon"'),
        ("schedule", 'requires = ["invoice"]', 'requires = ["voice"]'),
        ("schedule", 'unless = ["contract-without-tax-role"]', 'unless = ["no-role"]'),
        ("schedule", 'id = "RS-TXN"', 'id = "RS-TAX"'),
        ("schedule", 'id = "RS-TXN"', 'id = "txn"'),
        ("schedule", 'classes = ["service"]', 'classes = ["services"]'),
        ("schedule", 'classes = ["service"]', "classes = []"),
        ("schedule", 'classes = ["service"]', 'classes = ["service"]\nuntil = "2030"'),
        ("schedule", 'otherwise = "P0D"', 'otherwise = "PERM"'),
        ("schedule", 'period = "PERM"\ntrigger', 'period = "PERM"\nfiscal_year_end = true\ntrigger'),
        ("schedule", 'period = "P6M"\ntrigger = ["LOGGED"]', 'period = "P6M"\ntrigger = ["NONE"]'),
        ("schedule", 'accounting = ["tax-related"]', 'accounting = ["taxes"]'),
        ("schedule", 'name = "cn-2026-07"', 'name = "cn'),
        ("packs", 'pack = "food"', 'pack = "foot"'),
        ("packs", 'implies = ["aml-obliged"]', "implied = []"),
        ("triggers", "past = false", "passed = false"),
        ("bases", 'level = "D>L"', 'level = "D>R"'),
        ("bases", 'verified = ["NV"]', "verified = []"),
        ("bases", 'verified = ["NV"]', 'verified = ["certainly"]'),
    ],
)
def test_a_schedule_that_is_wrong_anywhere_is_refused_whole(file: str, old: str, new: str) -> None:
    changed = texts()
    assert old in changed[file]
    changed[file] = changed[file].replace(old, new, 1)
    with pytest.raises(ScheduleMalformed, match="KD-D101"):
        read_schedule(**changed)


def test_a_rule_that_is_not_there_is_not_found() -> None:
    with pytest.raises(ScheduleMalformed):
        shipped_schedule().rule("RS-NONE")
