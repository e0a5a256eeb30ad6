"""The customer database of an old order program, in SQLite."""

from __future__ import annotations

import sqlite3

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.papers.parts import Setting, money, name_of
from examples.sample_company.papers.trade import order_number

TABLES = """
CREATE TABLE "客户" ("编号" TEXT PRIMARY KEY, "名称" TEXT NOT NULL, "证件" TEXT, "联系人" TEXT, "手机" TEXT, "地址" TEXT);
CREATE TABLE "订单" ("订单号" TEXT, "客户编号" TEXT, "商品" TEXT, "金额" TEXT, "日期" TEXT);
CREATE TABLE "跟进" ("客户编号" TEXT, "日期" TEXT, "内容" TEXT);
CREATE INDEX "按手机" ON "客户" ("手机");
"""


def customer_database(setting: Setting) -> tuple[bytes, Marked]:
    """The database file, and its rows as marked text."""
    rows: dict[str, list[tuple[Marked, ...]]] = {"客户": [], "订单": [], "跟进": []}
    for customer in setting.world.customers[:200]:
        who, company = customer.human, customer.company
        number = marks.credit_code(company.credit_code) if company else marks.resident_id(who.resident_id)
        rows["客户"].append((customer.id, name_of(customer), number, marks.person(who.name), marks.mobile(who.mobile), marks.address(who.address)))
        for _ in range(setting.random.randrange(3)):
            amount = money(setting.random.randrange(10_000, 3_000_000))
            rows["订单"].append((order_number(setting), customer.id, setting.product(), amount, setting.later(-900, 0).isoformat()))
        if setting.random.random() < 0.5:
            rows["跟进"].append((customer.id, setting.later(-700, 0).isoformat(), setting.phrase("service", "suggestions")))
    base = sqlite3.connect(":memory:")
    base.executescript(TABLES)
    for table, lines in rows.items():
        places = ", ".join("?" * len(lines[0]))
        plain_lines = [tuple(marks.plain(cell) for cell in line) for line in lines]
        base.executemany(f'INSERT INTO "{table}" VALUES ({places})', plain_lines)  # noqa: S608 - table names are ours
    base.commit()
    payload = bytes(base.serialize())
    base.close()
    return payload, "\n".join("\t".join(line) for lines in rows.values() for line in lines)
