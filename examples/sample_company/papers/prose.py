"""Free text without labels: diaries, thanks and anger, handovers, answers, contracts in two languages."""

from __future__ import annotations

from datetime import timedelta

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.paper import Block, Paper
from examples.sample_company.papers.parts import Setting, loose_name, money, name_of, spoken, yuan
from examples.sample_company.world import Customer


def _filled(setting: Setting, key: str, customer: Customer) -> Marked:
    """One sentence of the section `prose` about the customer."""
    who, random = customer.human, setting.random
    place = who.address if random.random() < 0.5 else who.address.partition("区")[2]
    words = {
        "person": marks.person(who.name),
        "org": marks.organisation(random.choice((customer.name, customer.short)))
        if customer.company
        else marks.person(who.name),
        "own": marks.organisation(setting.world.own.name),
        "phone": marks.mobile(who.mobile),
        "phone2": marks.landline(setting.world.own.landline),
        "place": marks.address(place),
        "card": marks.card(who.card),
        "wechat": marks.mark("wechat_id", who.wechat),
        "staff": marks.person(setting.choose(*setting.world.staff)),
        "product": setting.product(),
        "amount": money(random.randrange(50_000, 9_000_000)),
        "deadline": spoken(random, setting.later(3, 60)),
    }
    return setting.phrase("prose", key).format(**words)


def _many(setting: Setting, key: str, count: int) -> tuple[list[Marked], tuple[str, ...]]:
    """Sentences about customers chosen at random, with their ids."""
    customers = [setting.random.choice(setting.world.customers) for _ in range(count)]
    lines = [_filled(setting, key, customer) for customer in customers]
    met = (customer for customer, line in zip(customers, lines, strict=True) if _names(customer, line))
    return lines, tuple(dict.fromkeys(customer.id for customer in met))


def _names(customer: Customer, line: Marked) -> bool:
    return any(word in line for word in (customer.short, customer.human.name, customer.human.mobile))


def diary(setting: Setting) -> Paper:
    """A salesman's diary of visits."""
    lines, ids = _many(setting, "diary", setting.random.randrange(5, 12))
    blocks: list[Block] = []
    for day, line in enumerate(lines):
        moment = setting.day + timedelta(days=day)
        blocks.append(f"{moment.month}月{moment.day}日 {setting.choose('晴', '阴', '小雨', '多云')} {line}")
    title = setting.choose("拜访日志", "工作日志", "跑客户流水账")
    return Paper(
        "diary",
        title,
        tuple(blocks),
        "communication",
        setting.day,
        also=("other", "service"),
        customers=ids,
        rule="RS-COMM",
        ends=setting.day,
    )


def feedback(setting: Setting) -> Paper:
    """What a customer writes of his own accord: thanks, or anger."""
    lines = [_filled(setting, "feedback", setting.customer) for _ in range(setting.random.randrange(1, 4))]
    blocks: list[Block] = [*lines, spoken(setting.random, setting.day)]
    title = setting.choose("表扬信", "给贵公司的一封信", "客户留言", "投诉信")
    return Paper(
        "feedback",
        title,
        tuple(blocks),
        "other",
        setting.day,
        also=("service", "communication"),
        customers=(setting.customer.id,),
        rule="RS-OTHER",
        ends=setting.day,
    )


def handover(setting: Setting) -> Paper:
    """A leaving salesman's notes for his successor."""
    lines, ids = _many(setting, "handover", setting.random.randrange(5, 10))
    numbered: list[Block] = [f"{place}、{line}" for place, line in enumerate(lines, 1)]
    blocks = [
        f"移交人:{marks.person(setting.choose(*setting.world.staff))} {spoken(setting.random, setting.day)}",
        *numbered,
    ]
    return Paper(
        "handover",
        setting.choose("工作交接清单", "离职交接", "客户交接说明"),
        tuple(blocks),
        "other",
        setting.day,
        also=("communication", "personal", "service"),
        customers=ids,
        rule="RS-OTHER",
        ends=setting.day,
    )


def answer(setting: Setting) -> Paper:
    """A letter in flowing prose."""
    lines = [_filled(setting, "letters", setting.customer) for _ in range(setting.random.randrange(2, 5))]
    blocks: list[Block] = [
        "".join(lines),
        marks.organisation(setting.world.own.name),
        spoken(setting.random, setting.day),
    ]
    return Paper(
        "answer",
        setting.choose("复函", "答复意见", "回信"),
        tuple(blocks),
        "communication",
        setting.day,
        also=("other",),
        customers=(setting.customer.id,),
        rule="RS-COMM",
        ends=setting.day,
    )


def bilingual_contract(setting: Setting) -> Paper:
    """A contract in English and Chinese."""
    lines = [_filled(setting, "english", setting.customer) for _ in range(4)]
    number, ends, cents = (
        setting.number("EX"),
        setting.later(200, 700),
        setting.random.randrange(10**6, 10**8),
    )
    own = setting.world.own
    blocks: list[Block] = [
        f"Contract No. 合同号: {number}",
        f"Buyer 买方: {name_of(setting.customer)}",
        f"Seller 卖方: {marks.organisation(own.name)}",
        *dict.fromkeys(lines),
        f"Amount 金额: RMB {money(cents)}",
        f"Valid until 有效期至: {ends.isoformat()}",
        f"Signed 签订日期: {setting.day.isoformat()}",
    ]
    facts = (
        ("contract_number", number),
        ("party", setting.customer.name),
        ("party", own.name),
        ("signed_on", setting.day.isoformat()),
        ("valid_until", ends.isoformat()),
        ("amount", yuan(cents)),
    )
    return Paper(
        "bilingual_contract",
        "SALES CONTRACT 销售合同",
        tuple(blocks),
        "contract",
        setting.day,
        facts=facts,
        customers=(setting.customer.id,),
        rule="RS-CONTRACT-TAX",
        ends=ends,
    )


def contract_page(setting: Setting) -> Paper:
    """The last page of a contract that lost the others: no title, no number."""
    words = {"product": setting.product()}
    own = setting.world.own
    lines = dict.fromkeys(setting.phrase("prose", "fragments").format(**words) for _ in range(3))
    blocks: list[Block] = [
        *lines,
        setting.phrase("clauses", "breach"),
        setting.phrase("clauses", "dispute"),
        f"甲方(盖章):{name_of(setting.customer)} 乙方(盖章):{marks.organisation(own.name)}",
        f"授权代表:{marks.person(setting.customer.human.name)} {spoken(setting.random, setting.day)}",
    ]
    facts = (("party", setting.customer.name), ("party", own.name), ("signed_on", setting.day.isoformat()))
    return Paper(
        "contract_page",
        "",
        tuple(blocks),
        "contract",
        setting.day,
        facts=facts,
        customers=(setting.customer.id,),
        rule="RS-CONTRACT-TAX",
    )


def jotting(setting: Setting) -> Paper:
    """Two lines on a slip: a name, a number, a sum, nothing else."""
    who = setting.customer.human
    blocks: list[Block] = [
        f"{loose_name(setting)} {marks.mobile(who.mobile)}",
        f"{setting.product()} {setting.random.randrange(2, 30)}台 {setting.choose('急', '先付一半', '问老板')}",
    ]
    return Paper(
        "jotting",
        "",
        tuple(blocks),
        "other",
        setting.day,
        also=("communication", "personal", "transaction"),
        customers=(setting.customer.id,),
        rule="RS-OTHER",
        ends=setting.day,
    )
