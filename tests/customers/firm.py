"""A firm's desk with customers who are easily mistaken for one another, and what its archive says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.acceptance.sources import put
from tests.world import World

LIST = """客户名称,手机,地址
欧阳修远,13917758201,浙江省杭州市西湖区文三路388号2幢501室
王伟,13917758202,浙江省杭州市上城区解放路12号
王伟,13917758203,江苏省南京市鼓楼区中山路7号
杭州云帆贸易有限公司,13917758204,浙江省杭州市滨江区江南大道9号
杭州云帆贸易有限公司上海分公司,13917758205,上海市浦东新区张江路3号
司徒静,13917758206,浙江省宁波市海曙区药行街5号
"""
ORDERS = """订单号,客户,手机,金额
D1,欧阳修遠,13917758201,300.00
D2,王伟,13917758202,120.00
D3,司徒静,13917758206,88.00
"""
COMPLAINT = "投诉登记表\n投诉人：王伟\n内容：送货迟到，要求退款。\n"
CONTRACT = (
    "购销合同\n甲方：杭州云帆贸易有限公司\n乙方：{company}\n签订日期：2023年5月6日\n金额：人民币3000元\n"
)
MORE = "维修服务单\n报修人：司徒静\n联系电话：13917758206\n故障：卡纸\n日期：2024年3月2日\n"


def desk(folder: Path, company: str) -> Path:
    """The desk of the sales office."""
    put(
        folder,
        [
            ("客户名单.csv", LIST.encode()),
            ("订单.csv", ORDERS.encode()),
            ("投诉.txt", COMPLAINT.encode()),
            ("合同.txt", CONTRACT.format(company=company).encode()),
        ],
    )
    return folder


def listed(world: World, *arguments: str) -> list[dict[str, Any]]:
    """Customers as `list` shows them."""
    found: list[dict[str, Any]] = world.ask("customers", "list", *arguments)["customers"]
    return found


def number_of(world: World, name: str) -> int:
    """The number of the only customer of this name."""
    (one,) = [one for one in listed(world) if one["name"] == name]
    return int(one["number"])


def records_of(world: World, number: int) -> list[str]:
    """The records of a customer."""
    return [one["record_id"] for one in world.ask("customers", "show", str(number))["links"]]


def dump(world: World) -> list[tuple[Any, ...]]:
    """Every byte of customers, keys, links and forwarding, in one order."""
    tables = {
        "customer": "id, number, kind, key_page, forward_id, forward_ground, sealed, keys_mac, mac",
        "customerkey": "customer_id, kind, fingerprint",
        "link": "record_id, customer_id, ground, sealed, mac",
    }
    return [
        (table, *(bytes(value) if isinstance(value, memoryview) else value for value in row))
        for table, columns in tables.items()
        for row in sorted(world.rows(f"SELECT {columns} FROM holdings_{table}"), key=repr)  # noqa: S608
    ]


def waiting(world: World) -> list[dict[str, Any]]:
    """The pairs that wait for a person."""
    ran = world.run("customers", "judge", "--limit", "1000", "--json")
    pairs: list[dict[str, Any]] = ran.json["pairs"]
    return pairs


def partition(world: World) -> frozenset[tuple[frozenset[str], ...]]:
    """What each customer is called by and has, without numbers: the same for the same customers."""
    found = []
    for one in listed(world):
        file = world.ask("customers", "show", str(one["number"]))
        said = {
            f"{field['field']}={value['value']}" for field in file["profile"] for value in field["values"]
        }
        titles = {str(record["date"]) + name for name, some in file["records"].items() for record in some}
        found.append((frozenset(said), frozenset(titles)))
    return frozenset(found)
