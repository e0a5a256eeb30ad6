"""Accounting books, bank statements and financial reports."""

from __future__ import annotations

from datetime import date, timedelta

from examples.sample_company import marks
from examples.sample_company.paper import Block, Grid, Paper
from examples.sample_company.papers.parts import Setting, money, name_of, short_of
from examples.sample_company.papers.trade import ACCOUNTS


def bank_statement(setting: Setting) -> Paper:
    """A month of the own account, as the bank writes it."""
    balance, rows, ids = setting.random.randrange(10**7, 10**8), [], []
    start = setting.day.replace(day=1)
    for line in range(18):
        customer = setting.random.choice(setting.world.customers)
        cents = setting.random.randrange(10_000, 4_000_000)
        income = setting.random.random() < 0.7
        balance += cents if income else -cents
        supplier = marks.organisation(setting.random.choice(setting.world.suppliers).name)
        ids += [customer.id] if income else []
        sums = ("", money(cents)) if income else (money(cents), "")
        words = (f"{start + timedelta(days=line):%Y-%m-%d}", setting.choose("货款", "转账", "服务费"))
        rows.append((*words, *sums, money(balance), name_of(customer) if income else supplier))
    grid = Grid(("交易日期", "摘要", "借方发生额", "贷方发生额", "余额", "对方户名"), tuple(rows), "明细")
    own = setting.world.own
    blocks: list[Block] = [
        f"户名:{marks.organisation(own.name)} 账号:{own.account}",
        f"开户行:{marks.organisation(own.bank)} 币种:人民币",
        grid,
    ]
    return Paper(
        "bank_statement",
        f"{start.year}年{start.month}月银行对账单",
        tuple(blocks),
        "transaction",
        setting.day,
        accounting="bank",
        customers=tuple(dict.fromkeys(ids)),
        rule="RS-ACC-BANK",
        ends=setting.day,
    )


def ledger(setting: Setting) -> Paper:
    """A page of a ledger: an accounting book."""
    account, rows, balance = setting.choose(*ACCOUNTS), [], setting.random.randrange(10**6, 10**8)
    for line in range(1, 24):
        cents = setting.random.randrange(1_000, 3_000_000)
        balance += cents
        day = date(setting.day.year, setting.random.randrange(1, 13), setting.random.randrange(1, 28))
        customer = setting.random.choice(setting.world.customers)
        rows.append(
            (f"{day:%m-%d}", f"记-{line}", f"{short_of(customer)} 货款", money(cents), "", money(balance))
        )
    rows.sort(key=lambda row: str(row[0]))
    grid = Grid(("日期", "凭证号", "摘要", "借方", "贷方", "余额"), tuple(rows), account.split()[1])
    title = f"{setting.day.year}年{account}{setting.choose('明细账', '总账', '日记账')}"
    return Paper(
        "ledger",
        title,
        (f"科目:{account} 年度:{setting.day.year}", grid),
        "transaction",
        setting.day,
        accounting="book",
        also=("other",),
        rule="RS-ACC-BOOK",
        ends=setting.day,
    )


def annual_report(setting: Setting) -> Paper:
    """A year's financial report."""
    rows = tuple(
        (item, money(setting.random.randrange(10**6, 10**9)), money(setting.random.randrange(10**6, 10**9)))
        for item in (
            "货币资金",
            "应收账款",
            "存货",
            "固定资产",
            "资产总计",
            "应付账款",
            "实收资本",
            "未分配利润",
            "营业收入",
            "营业成本",
            "净利润",
        )
    )
    blocks: list[Block] = [
        f"编制单位:{marks.organisation(setting.world.own.name)} {setting.day.year}年12月31日 单位:元",
        Grid(("项目", "期末余额", "年初余额"), rows, "资产负债表"),
        "财务报表附注:一、公司基本情况。二、财务报表的编制基础。三、遵循企业会计准则的声明。",
        f"单位负责人:{marks.person(setting.world.own.legal_person)} 主管会计:{marks.person('冯玉珍')}",
    ]
    return Paper(
        "annual_report",
        f"{setting.day.year}年度财务会计报告",
        tuple(blocks),
        "other",
        setting.day,
        accounting="annual-report",
        also=("transaction",),
        rule="RS-ACC-ANNUAL",
    )


def interim_report(setting: Setting) -> Paper:
    """A quarter's report."""
    rows = tuple(
        (item, money(setting.random.randrange(10**6, 10**8)), money(setting.random.randrange(10**6, 10**8)))
        for item in ("营业收入", "营业成本", "税金及附加", "销售费用", "管理费用", "利润总额", "净利润")
    )
    blocks: list[Block] = [
        f"编制单位:{marks.organisation(setting.world.own.name)} 单位:元",
        Grid(("项目", "本期金额", "上期金额"), rows, "利润表"),
    ]
    quarter = "一二三四"[(setting.day.month - 1) // 3]
    return Paper(
        "interim_report",
        f"{setting.day.year}年第{quarter}季度利润表",
        tuple(blocks),
        "other",
        setting.day,
        accounting="interim-report",
        also=("transaction",),
        rule="RS-ACC-INTERIM",
        ends=setting.day,
    )
