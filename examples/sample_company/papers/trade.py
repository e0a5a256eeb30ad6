"""Transactions: orders, quotations, deliveries, invoices, receipts, vouchers, bank papers, books."""

from __future__ import annotations

from datetime import timedelta

from examples.sample_company import identifiers, marks
from examples.sample_company.paper import Block, Grid, Paper
from examples.sample_company.papers.parts import (
    METHODS,
    Setting,
    capital,
    dear,
    goods,
    loose_name,
    money,
    name_of,
    short_of,
    spoken,
    yuan,
)

ACCOUNTS = (
    "1002 银行存款",
    "1122 应收账款",
    "6001 主营业务收入",
    "2221 应交税费-应交增值税",
    "6401 主营业务成本",
    "1405 库存商品",
)


def order_number(setting: Setting) -> str:
    """An order number; some look like a card, a phone or a time stamp."""
    style, random = setting.random.randrange(5), setting.random
    if style == 0:
        return identifiers.card_like_order(random)
    if style == 1:
        return identifiers.phone_like_order(random)
    if style == 2:
        return f"{setting.day:%Y%m%d}{random.randrange(10**5, 10**6)}"
    return f"DD{setting.day:%y%m%d}{random.randrange(100, 999)}"


def _transaction(
    setting: Setting,
    kind: str,
    title: str,
    blocks: list[Block],
    facts: list[tuple[str, str]],
    *,
    accounting: str | None = None,
    rule: str = "RS-TXN",
) -> Paper:
    return Paper(
        kind=kind,
        title=title,
        blocks=tuple(blocks),
        record_class="transaction",
        day=setting.day,
        accounting=accounting,
        facts=tuple(facts),
        customers=(setting.customer.id,),
        rule=rule,
        ends=setting.day,
    )


def order(setting: Setting) -> Paper:
    """A customer's order."""
    number, bought, who = order_number(setting), goods(setting), setting.customer.human
    blocks: list[Block] = [
        f"{setting.choose('订单号', '订单编号', '采购单号')}:{number}",
        f"{setting.choose('客户', '订货单位', '购买人')}:{loose_name(setting)}",
        f"{setting.choose('下单日期', '订货日期', '日期')}:{spoken(setting.random, setting.day)}",
        f"{setting.choose('收货人', '联系人')}:{marks.person(who.name)} {marks.mobile(who.mobile)}",
        f"{setting.choose('收货地址', '送货地址')}:{marks.address(who.address)}",
        bought.grid,
        f"付款方式:{(method := setting.choose(*METHODS))}",
        f"备注:{setting.choose('加急', '送货前电话联系', '无', '开专票', '与上次合并开票')}",
    ]
    facts = [
        ("order_number", number),
        ("amount", yuan(bought.cents)),
        ("method", method),
        ("issued_on", setting.day.isoformat()),
    ]
    return _transaction(
        setting, "order", setting.choose("销售订单", "订货单", "采购订单", "客户订单确认书"), blocks, facts
    )


def quotation(setting: Setting) -> Paper:
    """An offer with prices."""
    bought, number = goods(setting), setting.number("BJ")
    blocks: list[Block] = [
        f"报价单号:{number} 报价日期:{spoken(setting.random, setting.day)}",
        f"致:{loose_name(setting)} {dear(setting)}",
        bought.grid,
        f"以上报价{setting.choose('含税', '不含税', '含13%增值税')},有效期{setting.choose('7', '15', '30')}天。",
        f"报价人:{marks.person(setting.choose(*setting.world.staff))} 电话:{marks.landline(setting.world.own.landline)}",
    ]
    return _transaction(
        setting,
        "quotation",
        setting.choose("报价单", "产品报价表", "询价回复"),
        blocks,
        [("amount", yuan(bought.cents)), ("issued_on", setting.day.isoformat())],
    )


def delivery_note(setting: Setting) -> Paper:
    """A note signed on delivery."""
    bought, who, number = goods(setting), setting.customer.human, order_number(setting)
    blocks: list[Block] = [
        f"单号:SH{setting.day:%Y%m%d}-{setting.random.randrange(100):02d} 对应订单:{number}",
        f"收货单位:{loose_name(setting)}",
        f"送货地址:{marks.address(who.address)} 电话:{marks.mobile(who.mobile)}",
        bought.grid,
        f"送货人:{marks.person(setting.choose(*setting.world.staff))} 车牌:{marks.mark('licence_plate', who.plate)}",
        f"收货人签字:{marks.person(who.name)} {spoken(setting.random, setting.day)}",
    ]
    return _transaction(
        setting,
        "delivery_note",
        setting.choose("送货单", "发货单", "出库单", "货物签收单"),
        blocks,
        [("order_number", number), ("amount", yuan(bought.cents))],
    )


def invoice(setting: Setting) -> Paper:
    """A VAT invoice."""
    number, bought = identifiers.invoice_number(setting.random, year=setting.day.year), goods(setting, most=3)
    own, tax = setting.world.own, round(bought.cents * 13 / 113)
    buyer: list[Block] = [f"购买方名称:{name_of(setting.customer)}"]
    if setting.customer.company:
        buyer.append(f"纳税人识别号:{marks.taxpayer(setting.customer.company.credit_code)}")
    blocks: list[Block] = [
        f"发票号码:{marks.mark('invoice_number', number)} 开票日期:{setting.day.year}年{setting.day.month:02d}月{setting.day.day:02d}日",
        *buyer,
        f"销售方名称:{marks.organisation(own.name)}",
        f"纳税人识别号:{marks.taxpayer(own.credit_code)}",
        bought.grid,
        f"税率:13% 税额:{money(tax)}",
        f"价税合计(大写):{capital(bought.cents)} (小写)¥{money(bought.cents)}",
        f"开票人:{marks.person(setting.choose(*setting.world.staff))}",
    ]
    title = (
        setting.choose("电子发票(增值税专用发票)", "电子发票(普通发票)")
        if setting.day.year >= 2023
        else setting.choose("江苏增值税专用发票", "增值税电子普通发票")
    )
    facts = [
        ("invoice_number", number),
        ("amount", yuan(bought.cents)),
        ("issued_on", setting.day.isoformat()),
        ("party", setting.customer.name),
    ]
    return _transaction(setting, "invoice", title, blocks, facts, accounting="voucher", rule="RS-ACC-VOUCHER")


def receipt(setting: Setting) -> Paper:
    """A receipt for money."""
    cents, method = setting.random.randrange(5_000, 5_000_000), setting.choose(*METHODS)
    blocks: list[Block] = [
        f"No.{setting.random.randrange(10**6, 10**7)} 日期:{spoken(setting.random, setting.day)}",
        f"今收到:{name_of(setting.customer)}",
        f"交来:{setting.choose('货款', '维修费', '押金', '服务费', '定金')}",
        f"金额(大写):{capital(cents)} ¥{money(cents)}",
        f"收款方式:{method}",
        f"收款人:{marks.person(setting.choose(*setting.world.staff))} 单位(盖章):{marks.organisation(setting.world.own.name)}",
    ]
    facts = [("amount", yuan(cents)), ("method", method), ("paid_on", setting.day.isoformat())]
    return _transaction(
        setting,
        "receipt",
        setting.choose("收款收据", "收据", "统一收款收据"),
        blocks,
        facts,
        accounting="voucher",
        rule="RS-ACC-VOUCHER",
    )


def voucher(setting: Setting) -> Paper:
    """A bookkeeping voucher."""
    cents = setting.random.randrange(10_000, 9_000_000)
    tax = round(cents * 13 / 113)
    rows = (
        (f"销售{setting.product()}", ACCOUNTS[setting.random.randrange(2)], money(cents), ""),
        (f"收{short_of(setting.customer)}货款", ACCOUNTS[2], "", money(cents - tax)),
        ("销项税额", ACCOUNTS[3], "", money(tax)),
        ("合计", "", money(cents), money(cents)),
    )
    blocks: list[Block] = [
        f"{setting.choose('记', '收', '转')}字第{setting.random.randrange(1, 200)}号 {setting.day.year}年{setting.day.month}月{setting.day.day}日 附单据{setting.random.randrange(1, 9)}张",
        Grid(("摘要", "会计科目", "借方金额", "贷方金额"), rows, "凭证"),
        f"会计主管:{marks.person('冯玉珍')} 记账:{marks.person('蒋慧敏')} 出纳:{marks.person('钱小芸')} 制单:{marks.person('蒋慧敏')}",
    ]
    facts = [("amount", yuan(cents)), ("issued_on", setting.day.isoformat())]
    return _transaction(
        setting,
        "voucher",
        setting.choose("记账凭证", "转账凭证", "收款凭证"),
        blocks,
        facts,
        accounting="voucher",
        rule="RS-ACC-VOUCHER",
    )


def bank_slip(setting: Setting) -> Paper:
    """A bank's paper on one payment."""
    cents, own = setting.random.randrange(100_000, 20_000_000), setting.world.own
    payer: list[Block] = [f"付款人户名:{name_of(setting.customer)}"]
    if setting.customer.company:
        payer += [
            f"付款人账号:{setting.customer.company.account}",
            f"付款行:{marks.organisation(setting.customer.company.bank)}",
        ]
    else:
        payer.append(f"付款人账号:{marks.card(setting.customer.human.card)}")
    blocks: list[Block] = [
        f"交易日期:{setting.day:%Y-%m-%d} 交易流水号:{setting.random.randrange(10**15, 10**16)}",
        *payer,
        f"收款人户名:{marks.organisation(own.name)}",
        f"收款人账号:{own.account} 收款行:{marks.organisation(own.bank)}",
        f"币种:人民币 金额:{money(cents)} 大写:{capital(cents)}",
        f"用途:{setting.choose('货款', '设备款', '服务费', '往来款')} 打印次数:{setting.random.randrange(1, 4)}",
    ]
    facts = [("amount", yuan(cents)), ("paid_on", setting.day.isoformat()), ("method", "银行转账")]
    return _transaction(
        setting,
        "bank_slip",
        setting.choose("电子银行业务回单", "网上银行电子回单", "银行进账单"),
        blocks,
        facts,
        accounting="voucher",
        rule="RS-ACC-VOUCHER",
    )


def customer_statement(setting: Setting) -> Paper:
    """A month's account with one customer."""
    rows, total = [], 0
    for line in range(1, setting.random.randrange(4, 12)):
        cents = setting.random.randrange(5_000, 900_000)
        total += cents
        day = setting.day.replace(day=1) + timedelta(days=line * 2)
        rows.append((f"{day:%Y-%m-%d}", order_number(setting), setting.product(), money(cents)))
    grid = Grid(("日期", "订单号", "品名", "金额"), tuple(rows), "对账单")
    blocks: list[Block] = [
        f"客户名称:{loose_name(setting)} 对账期间:{setting.day.year}年{setting.day.month}月",
        grid,
        f"本期应付合计:{money(total)}元(大写:{capital(total)})",
        f"请核对后签章传回。联系人:{marks.person('钱小芸')} {marks.landline(setting.world.own.landline)}",
    ]
    return _transaction(
        setting,
        "customer_statement",
        setting.choose("客户对账单", "往来对账单", "应收账款对账函"),
        blocks,
        [("amount", yuan(total))],
    )


def order_book(setting: Setting) -> Paper:
    """A year's orders on three sheets; the third is hidden in a workbook."""
    orders, returns, costs, ids = [], [], [], []
    for customer in setting.random.sample(setting.world.customers, 15):
        who, number, cents = customer.human, order_number(setting), setting.random.randrange(10_000, 900_000)
        ids.append(customer.id)
        orders.append(
            (number, name_of(customer), marks.person(who.name), marks.mobile(who.mobile), money(cents))
        )
        costs.append((number, money(cents * 7 // 10), money(cents * 3 // 10)))
        if setting.random.random() < 0.2:
            returns.append((number, setting.choose("质量问题", "型号不符", "客户取消"), money(cents)))
    blocks: list[Block] = [
        Grid(("订单号", "客户", "联系人", "电话", "金额"), tuple(orders), "订单"),
        Grid(("订单号", "原因", "退款"), tuple(returns), "退货"),
        Grid(("订单号", "成本", "毛利"), tuple(costs), "成本(勿外传)"),
    ]
    title = f"{setting.day.year}年订单汇总"
    return Paper(
        "order_book",
        title,
        tuple(blocks),
        "transaction",
        setting.day,
        customers=tuple(ids),
        rule="RS-TXN",
        ends=setting.day,
    )


def refund_list(setting: Setting) -> Paper:
    """Refunds to persons, with their cards."""
    rows, people = [], [customer for customer in setting.world.customers if customer.person]
    chosen = setting.random.sample(people, min(10, len(people)))
    for customer in chosen:
        who = customer.human
        row = (
            marks.person(who.name),
            marks.card(who.card),
            money(setting.random.randrange(1_000, 300_000)),
            order_number(setting),
        )
        rows.append((*row, setting.choose("押金", "退货", "多付款")))
    blocks: list[Block] = [
        f"制表:{marks.person('钱小芸')} 审核:{marks.person('冯玉珍')} {spoken(setting.random, setting.day)}",
        Grid(("收款人", "银行卡号", "金额", "原订单号", "事由"), tuple(rows), "退款"),
    ]
    ids = tuple(customer.id for customer in chosen)
    title = setting.choose("退款明细表", "押金退还登记表")
    return Paper(
        "refund_list",
        title,
        tuple(blocks),
        "transaction",
        setting.day,
        customers=ids,
        rule="RS-TXN",
        ends=setting.day,
    )
