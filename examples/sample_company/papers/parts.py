"""What many documents share: amounts in words, days as people write them, party blocks, goods."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.paper import Grid
from examples.sample_company.world import Company, Customer, World

CAPITAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
CAPITAL_PLACES = ("", "拾", "佰", "仟")
METHODS = ("银行转账", "支付宝", "微信支付", "现金", "承兑汇票", "支票", "刷卡")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a builder is given: everybody, chance, whom it concerns and when."""

    world: World
    random: Random
    customer: Customer
    day: date

    def number(self, prefix: str) -> str:
        """A number such as XS-2023-0147."""
        return f"{prefix}-{self.day.year}-{self.random.randrange(1, 9999):04d}"

    def choose(self, *items: str) -> str:
        """One of the items."""
        return items[self.random.randrange(len(items))]

    def phrase(self, section: str, key: str) -> str:
        """One sentence of phrases.toml."""
        words: list[str] = phrases()[section][key]
        return words[self.random.randrange(len(words))]

    def later(self, low: int, high: int) -> date:
        """A day between `low` and `high` days after this document's."""
        return self.day + timedelta(days=self.random.randrange(low, high))

    def product(self) -> str:
        """One product with its model."""
        return self.random.choice(self.world.products)


@cache
def phrases() -> dict[str, Any]:
    """The sentences of phrases.toml."""
    return tomllib.loads(files("examples.sample_company").joinpath("phrases.toml").read_text("utf-8"))


def capital(cents: int) -> str:
    """An amount in the capital numerals of contracts and cheques."""
    yuan, rest = divmod(cents, 100)
    text, zero = "", False
    for group, unit in ((yuan // 10**8, "亿"), (yuan // 10**4 % 10**4, "万"), (yuan % 10**4, "元")):
        piece = ""
        for place in (3, 2, 1, 0):
            digit = group // 10**place % 10
            if digit:
                piece += ("零" if zero else "") + CAPITAL_DIGITS[digit] + CAPITAL_PLACES[place]
                zero = False
            elif text or piece:
                zero = True
        text += piece + unit if piece or (unit == "元" and text) else ""
    if not rest:
        return text + "整"
    jiao, fen = divmod(rest, 10)
    return (
        text + (CAPITAL_DIGITS[jiao] + "角" if jiao else "零") + (CAPITAL_DIGITS[fen] + "分" if fen else "")
    )


def money(cents: int) -> str:
    """12,345.60."""
    return f"{cents // 100:,}.{cents % 100:02d}"


def yuan(cents: int) -> str:
    """12345.60, the normal form of facts."""
    return f"{cents // 100}.{cents % 100:02d}"


def spoken(random: Random, day: date) -> str:
    """A day as an office writes it."""
    style = random.randrange(5)
    if style == 0:
        return f"{day.year}年{day.month}月{day.day}日"
    if style == 1:
        return f"{day:%Y-%m-%d}"
    if style == 2:
        return f"{day:%Y/%m/%d}"
    if style == 3:
        return f"{day.year}.{day.month}.{day.day}"
    return f"{day.year}年{day.month:02d}月{day.day:02d}日"


@dataclass(frozen=True, slots=True)
class Goods:
    """What was bought, with the sum."""

    grid: Grid
    cents: int
    first: str


def goods(setting: Setting, *, most: int = 6) -> Goods:
    """Some goods as a table with amounts that add up."""
    random, rows, total, first = setting.random, [], 0, ""
    for line in range(1, random.randrange(1, most + 1) + 1):
        product, count = setting.product(), random.randrange(1, 40)
        price = random.randrange(800, 800_000)
        total += count * price
        first = first or product
        rows.append(
            (
                str(line),
                product,
                setting.choose("台", "个", "箱", "套"),
                str(count),
                money(price),
                money(count * price),
            )
        )
    rows.append(("合计", "", "", "", "", money(total)))
    headers = (
        "序号",
        "品名规格",
        "单位",
        "数量",
        setting.choose("单价(元)", "单价"),
        setting.choose("金额(元)", "金额", "小计"),
    )
    return Goods(Grid(headers, tuple(rows), "明细"), total, first)


def company_block(setting: Setting, company: Company, label: str) -> list[Marked]:
    """The lines that introduce an organisation as a party."""
    lines = [f"{label}:{marks.organisation(company.name)}"]
    more = [
        f"{setting.choose('地址', '住所', '通讯地址')}:{marks.address(company.address)}",
        f"统一社会信用代码:{marks.credit_code(company.credit_code)}",
        f"法定代表人:{marks.person(company.legal_person)}",
        f"{setting.choose('电话', '联系电话', '座机')}:{marks.landline(company.landline)}",
        f"开户行:{marks.organisation(company.bank)} 账号:{company.account}",
        f"联系人:{marks.person(company.contact.name)} {marks.mobile(company.contact.mobile)}",
    ]
    setting.random.shuffle(more)
    return lines + more[: setting.random.randrange(2, 6)]


def customer_block(setting: Setting, label: str) -> list[Marked]:
    """The lines that introduce the customer as a party."""
    if setting.customer.company:
        return company_block(setting, setting.customer.company, label)
    who = setting.customer.human
    lines = [f"{label}:{marks.person(who.name)}"]
    more = [
        f"身份证号{setting.choose('', '码')}:{marks.resident_id(who.resident_id)}",
        f"{setting.choose('手机', '联系电话', '电话')}:{marks.mobile(who.mobile)}",
        f"{setting.choose('住址', '地址', '联系地址')}:{marks.address(who.address)}",
        f"电子邮箱:{marks.email(who.email)}",
    ]
    if setting.random.random() < 0.25:
        more.append(f"银行卡号:{marks.card(who.card)}")
    return lines + more[: setting.random.randrange(2, len(more) + 1)]


def name_of(customer: Customer) -> Marked:
    """The customer's full name, marked."""
    return marks.organisation(customer.name) if customer.company else marks.person(customer.name)


def short_of(customer: Customer) -> Marked:
    """What colleagues call the customer, marked."""
    return marks.organisation(customer.short) if customer.company else marks.person(customer.name)


def loose_name(setting: Setting) -> Marked:
    """The customer as colleagues write him: full, short, old, traditional or misspelt."""
    names = (setting.customer.name, setting.customer.name, *setting.customer.aliases())
    name = setting.random.choice(names)
    return marks.organisation(name) if setting.customer.company else marks.person(name)


def dear(setting: Setting) -> Marked:
    """The contact as one addresses him."""
    who = setting.customer.human
    return marks.person(who.name) + setting.choose("女士" if who.female else "先生", "经理", "总", "老师")
