"""The papers of three customers of a firm: which dealings there are, and the ten things that are missing or different."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.sources import put

YUNFAN = "杭州云帆贸易有限公司"
QINGHE = "宁波青禾餐饮有限公司"
SITU = "司徒静"
LIST = f"""客户名称,手机,地址
{YUNFAN},13917758204,浙江省杭州市滨江区江南大道9号
{QINGHE},13917758207,浙江省宁波市鄞州区惊驾路2号
{SITU},13917758206,浙江省宁波市海曙区药行街5号
"""
FORMS = {
    "contract": "购销合同\n合同编号：HT{number}\n甲方：{customer}\n乙方：{company}\n合同标的：办公桌椅\n"
    "合同总价：{total}元\n签订日期：2024年3月1日\n有效期至：{end}\n",
    "order": "销售订单\n订单号：DD{number}\n合同编号：HT{number}\n客户：{customer}\n供应商：{company}\n"
    "订单金额：{total}元\n日期：2024年3月5日\n",
    "payment": "银行回单\n付款人：{customer}\n收款人：{company}\n订单号：DD{number}\n付款金额：{total}元\n"
    "付款日期：2024年3月20日\n",
    "invoice": "电子发票（普通发票）\n发票号码：2433200000{number}\n购买方名称：{customer}\n销售方名称：{company}\n"
    "订单号：DD{number}\n价税合计：{total}元\n开票日期：2024年3月25日\n",
    "delivery": "送货单\n订单号：DD{number}\n收货单位：{customer}\n发货单位：{company}\n货物：办公桌椅\n"
    "合计：{total}元\n送货日期：2024年3月28日\n",
}
WHOLE = dict.fromkeys(FORMS, "3000.00")
DEALINGS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (YUNFAN, "20240301", WHOLE),
    (
        YUNFAN,
        "20240302",
        {"contract": "5200.00", "order": "5200.00", "payment": "2000.00", "invoice": "5200.00"},
    ),
    (QINGHE, "20240303", {"contract": "8100.00"}),
    (
        QINGHE,
        "20240304",
        {"order": "660.00", "payment": "660.00", "invoice": "606.00", "delivery": "660.00"},
    ),
    (SITU, "20240305", {"payment": "410.00"}),
    (
        SITU,
        "20240306",
        {
            "contract": "9400.00",
            "order": "9400.00",
            "payment": "9400.00",
            "invoice": "9400.00",
            "delivery": "940.00",
        },
    ),
)
GAPS = sorted(
    [
        (YUNFAN, "missing-delivery", ""),
        (YUNFAN, "differs-payment", "-3,200.00"),
        (QINGHE, "missing-order", ""),
        (QINGHE, "missing-payment", ""),
        (QINGHE, "missing-invoice", ""),
        (QINGHE, "missing-delivery", ""),
        (QINGHE, "missing-contract", ""),
        (QINGHE, "differs-invoice", "-54.00"),
        (SITU, "without-anchor", ""),
        (SITU, "differs-delivery", "-8,460.00"),
    ]
)
TOTALS = {
    "contract": (4, "25700.00"),
    "order": (4, "18260.00"),
    "payment": (5, "15470.00"),
    "invoice": (4, "18206.00"),
    "delivery": (3, "4600.00"),
}
ORDERS = f"""订单号,客户,手机,金额
DD20240391,{YUNFAN},13917758204,3300.00
DD20240392,{QINGHE},13917758207,1200.00
"""
COMPLAINT = f"投诉登记表\n投诉人：{QINGHE}\n联系电话：13917758207\n投诉日期：2024年5月6日\n投诉内容：椅子松动，要求更换。\n"


def desk(folder: Path, company: str) -> Path:
    """The papers on a desk, one file each."""
    files = [
        ("客户名单.csv", LIST.encode()),
        ("投诉.txt", COMPLAINT.encode()),
        ("2024年订单.csv", ORDERS.encode()),
    ]
    for customer, number, steps in DEALINGS:
        end = "2031年12月31日" if number == "20240306" else "2024年12月31日"
        for step, total in steps.items():
            text = FORMS[step].format(customer=customer, company=company, number=number, total=total, end=end)
            files.append((f"{number}/{step}.txt", text.encode()))
    put(folder, files)
    return folder
