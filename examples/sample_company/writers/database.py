"""The customer database of an old order program, in SQLite."""

from __future__ import annotations

import sqlite3

from examples.sample_company import marks
from examples.sample_company.marks import Marked
from examples.sample_company.papers.parts import Setting, money, name_of
from examples.sample_company.papers.trade import order_number

CUSTOMERS = 200  # at most
TABLES = """
CREATE TABLE "客户" ("编号" TEXT PRIMARY KEY, "名称" TEXT NOT NULL, "证件" TEXT, "联系人" TEXT, "手机" TEXT, "地址" TEXT);
CREATE TABLE "订单" ("订单号" TEXT, "客户编号" TEXT, "商品" TEXT, "金额" TEXT, "日期" TEXT);
CREATE TABLE "跟进" ("客户编号" TEXT, "日期" TEXT, "内容" TEXT);
CREATE INDEX "按手机" ON "客户" ("手机");
"""


def customer_database(setting: Setting) -> tuple[bytes, Marked]:
    """The database file, and its rows as marked text."""
    rows = _rows(setting)
    base = sqlite3.connect(":memory:")
    base.executescript(TABLES)
    for table, lines in rows.items():
        places = ", ".join("?" * len(lines[0]))
        plain_lines = [tuple(marks.plain(cell) for cell in line) for line in lines]
        order = f'INSERT INTO "{table}" VALUES ({places})'  # noqa: S608 - the names of tables are ours
        base.executemany(order, plain_lines)
    base.commit()
    payload = bytes(base.serialize())
    base.close()
    return payload, "\n".join("\t".join(line) for lines in rows.values() for line in lines)


def _rows(setting: Setting) -> dict[str, list[tuple[Marked, ...]]]:
    rows: dict[str, list[tuple[Marked, ...]]] = {"客户": [], "订单": [], "跟进": []}
    for customer in setting.world.customers[:CUSTOMERS]:
        who, company = customer.human, customer.company
        number = marks.credit_code(company.credit_code) if company else marks.resident_id(who.resident_id)
        reach = (marks.person(who.name), marks.mobile(who.mobile), marks.address(who.address))
        rows["客户"].append((customer.id, name_of(customer), number, *reach))
        for _ in range(setting.random.randrange(3)):
            amount, day = money(setting.random.randrange(10_000, 3_000_000)), setting.later(-900, 0)
            rows["订单"].append((order_number(setting), customer.id, setting.product(), amount, f"{day}"))
        if setting.random.random() < 0.5:
            words = setting.phrase("service", "suggestions")
            rows["跟进"].append((customer.id, f"{setting.later(-700, 0)}", words))
    return rows
