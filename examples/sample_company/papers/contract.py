"""Contracts: sale, service, framework, supplement, confidentiality."""

from __future__ import annotations

from datetime import date, timedelta

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.paper import Block, Grid, Heading, Paper
from examples.sample_company.papers.parts import (
    METHODS,
    Setting,
    capital,
    company_block,
    customer_block,
    goods,
    money,
    name_of,
    phrases,
    spoken,
    yuan,
)

PARTIES = (
    ("甲方", "乙方"),
    ("买方", "卖方"),
    ("需方", "供方"),
    ("购货单位", "供货单位"),
    ("甲方(购买方)", "乙方(销售方)"),
)
ORDINALS = "一二三四五六七八九十"


def sales_contract(setting: Setting) -> Paper:
    """A contract of sale with a table of goods."""
    bought = goods(setting)
    ends = setting.later(200, 900)
    words = {
        "product": bought.first,
        "amount": money(bought.cents),
        "capital": capital(bought.cents),
        "deadline": spoken(setting.random, ends),
        "start": spoken(setting.random, setting.day),
        "days": str(setting.random.randrange(3, 45)),
        "months": setting.choose("12", "24", "36"),
        "method": setting.choose(*METHODS),
    }
    keys = [
        "subject",
        "price",
        "payment",
        "delivery",
        "quality",
        "acceptance",
        "breach",
        "secrecy",
        "force",
        "dispute",
    ]
    middle = keys[2:]
    setting.random.shuffle(middle)
    order = [*keys[:2], *middle[: setting.random.randrange(4, 9)], "effect"]
    body: list[Block] = list(_clauses(setting, "clauses", order, words))
    body.insert(min(2, len(body)), bought.grid)
    title = setting.choose("销售合同", "购销合同", "产品买卖合同", "办公设备采购合同", "供货合同", "合同书")
    return _contract(setting, title, body, number=setting.number("XS"), cents=bought.cents, ends=ends)


def service_agreement(setting: Setting) -> Paper:
    """A yearly maintenance agreement."""
    cents, ends = setting.random.randrange(2_000, 90_000) * 100, setting.day + timedelta(days=364)
    words = {
        "amount": money(cents),
        "capital": capital(cents),
        "start": spoken(setting.random, setting.day),
        "deadline": spoken(setting.random, ends),
    }
    words |= {"product": setting.product(), "days": "15", "months": "12", "method": setting.choose(*METHODS)}
    body = list(_clauses(setting, "service_clauses", ["scope", "level", "staff", "fee"], words))
    body += _clauses(
        setting, "clauses", ["payment", "secrecy", "breach", "dispute", "effect"], words, start=4
    )
    title = setting.choose("设备维护服务协议", "技术服务合同", "办公设备全包服务协议", "售后维保合同")
    return _contract(setting, title, body, number=setting.number("FW"), cents=cents, ends=ends)


def framework_agreement(setting: Setting) -> Paper:
    """A framework without an amount: orders follow."""
    ends = setting.day + timedelta(days=730)
    words = {
        "product": setting.product(),
        "start": spoken(setting.random, setting.day),
        "deadline": spoken(setting.random, ends),
    }
    words |= {"days": "7", "months": "12", "method": "银行转账"}
    body: list[Block] = [
        "一、甲方在协议期内以订单形式向乙方采购,订单为本协议的组成部分,单价以当期价目表为准。"
    ]
    body += _clauses(
        setting,
        "clauses",
        ["payment", "delivery", "quality", "secrecy", "force", "dispute", "effect"],
        words,
        start=1,
    )
    title = setting.choose("年度采购框架协议", "战略合作框架协议", "集中采购框架合同")
    return _contract(setting, title, body, number=setting.number("KJ"), cents=None, ends=ends)


def supplement(setting: Setting) -> Paper:
    """An amendment of an earlier contract."""
    old, ends, cents = (
        setting.number("XS"),
        setting.later(60, 500),
        setting.random.randrange(500, 60_000) * 100,
    )
    body: list[Block] = [
        f"甲乙双方于{spoken(setting.random, setting.day - timedelta(days=120))}签订了编号为{old}的合同(以下称原合同),现就有关事项补充约定如下:",
        f"一、原合同{setting.choose('交货期限', '付款期限', '服务期限')}变更为{spoken(setting.random, ends)}前。",
        f"二、增加采购{setting.product()},价款增加{money(cents)}元(大写:{capital(cents)})。",
        "三、本补充协议与原合同不一致的,以本协议为准;未涉及的按原合同执行。",
        setting.phrase("clauses", "effect").format(
            start=spoken(setting.random, setting.day), deadline=spoken(setting.random, ends)
        ),
    ]
    return _contract(
        setting,
        setting.choose("补充协议", "合同变更协议", "补充协议书(一)"),
        body,
        number=setting.number("BC"),
        cents=cents,
        ends=ends,
    )


def nda(setting: Setting) -> Paper:
    """A confidentiality agreement."""
    points: list[str] = list(phrases()["nda"]["points"])
    setting.random.shuffle(points)
    cents, ends = setting.random.randrange(5, 50) * 1_000_000, setting.day + timedelta(days=1095)
    body: list[Block] = ["鉴于双方正就业务合作进行商谈,需相互提供有关信息,达成如下协议:"]
    body += [
        f"{place}、{text.format(amount=money(cents))}"
        for place, text in enumerate(points[: setting.random.randrange(4, 7)], 1)
    ]
    body.append(f"本协议有效期至{spoken(setting.random, ends)}。")
    return _contract(
        setting,
        setting.choose("保密协议", "商业秘密保护协议", "NDA 保密协议"),
        body,
        number=setting.number("BM"),
        cents=None,
        ends=ends,
        secret=True,
    )


def _clauses(
    setting: Setting, section: str, keys: list[str], words: dict[str, str], *, start: int = 0
) -> list[Block]:
    style, lines = setting.random.randrange(3), list[Block]()
    for place, key in enumerate(keys, start):
        text = setting.phrase(section, key).format(**words)
        ordinal = ORDINALS[place] if place < len(ORDINALS) else f"十{ORDINALS[place - len(ORDINALS)]}"
        lines.append((f"{ordinal}、{text}", f"第{ordinal}条 {text}", f"{place + 1}. {text}")[style])
    return lines


def _contract(
    setting: Setting,
    title: str,
    body: list[Block],
    *,
    number: str,
    cents: int | None,
    ends: date,
    secret: bool = False,
) -> Paper:
    buyer, seller = PARTIES[setting.random.randrange(len(PARTIES))]
    signed = spoken(setting.random, setting.day)
    own = setting.world.own
    top: list[Block] = [f"{setting.choose('合同编号', '编号', '合同号')}:{number}"]
    top += customer_block(setting, buyer)
    top += company_block(setting, own, seller)
    if setting.random.random() < 0.5:
        top.insert(1, f"签订日期:{signed} 签订地点:{setting.choose('苏州市', '甲方所在地', '乙方所在地')}")
    sign: Marked = f"{buyer}(盖章):{name_of(setting.customer)} {seller}(盖章):{marks.organisation(own.name)}"
    bottom: list[Block] = [sign, f"签约代表:{marks.person(setting.customer.human.name)} 日期:{signed}"]
    if setting.random.random() < 0.3:
        bottom.insert(0, Heading("(以下无正文,为签署页)"))
    return Paper(
        kind="contract",
        title=title,
        blocks=(*top, *body, *bottom),
        record_class="contract",
        day=setting.day,
        secret=secret,
        facts=_facts(setting, number, ends, cents),
        customers=(setting.customer.id,),
        rule="RS-CONTRACT-TAX",
        ends=ends,
        header=marks.organisation(own.name) + " 合同专用" if setting.random.random() < 0.2 else "",
    )


def _facts(setting: Setting, number: str, ends: date, cents: int | None) -> tuple[tuple[str, str], ...]:
    facts = (
        ("contract_number", number),
        ("party", setting.customer.name),
        ("party", setting.world.own.name),
        ("signed_on", setting.day.isoformat()),
        ("valid_until", ends.isoformat()),
    )
    return facts if cents is None else (*facts, ("amount", yuan(cents)))


def contract_register(setting: Setting) -> Paper:
    """A list of contracts: a table in which many customers stand."""
    rows, ids = [], []
    for line, customer in enumerate(setting.random.sample(setting.world.customers, 14), 1):
        cents = setting.random.randrange(1_000, 500_000) * 100
        rows.append(
            (
                str(line),
                f"XS-{setting.day.year}-{line:04d}",
                name_of(customer),
                setting.product(),
                money(cents),
                f"{setting.day:%Y-%m}-{line:02d}",
            )
        )
        ids.append(customer.id)
    grid = Grid(("序号", "合同编号", "客户名称", "标的", "金额", "签订日期"), tuple(rows), "合同台账")
    return Paper(
        "contract_register",
        f"{setting.day.year}年合同台账",
        (grid,),
        "contract",
        setting.day,
        also=("transaction", "other"),
        customers=tuple(ids),
        rule="RS-CONTRACT-TAX",
    )
