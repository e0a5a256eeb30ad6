"""In which part somebody is named, and the labels that say so."""

from __future__ import annotations

import re
from enum import StrEnum


class Role(StrEnum):
    """In which part somebody is named."""

    CUSTOMER_LIST = "customer-list"
    CONTRACT_PARTY = "contract-party"
    BUYER = "buyer"
    SELLER = "seller"
    PAYER = "payer"
    PAYEE = "payee"
    RECEIVER = "receiver"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTACT = "contact"
    COMPLAINANT = "complainant"
    ALIAS = "alias"  # a former or short name in the row of a customer list
    HANDLER = "handler"  # the closing company's own people: drawer of an invoice, engineer, cashier
    NAMED = "named"
    SIGNATURE = "signature"  # under a message: who writes, and for which firm
    PATH = "path"  # in the name of a file or folder: somebody once thought that it belongs to him
    IN_PASSING = "in-passing"  # a person of whom the words of a cell speak (摘要, 备注): nothing tells which one of his name


_ROLE_LABELS: tuple[tuple[Role, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"(?:{words})(?:[(（][^()（）\n]{{0,10}}[)）])?(?:名称|姓名|信息|全称|代表)?[ :：\t]*(?:名 ?称[:：]?)?[ \t\n]*$"))
    for role, words in (
        (Role.HANDLER, "开票人|复核人?|制单人?|制表人?|审核人?|审批人?|出纳|会计|记账|客服人员|客服专员|客服|受理人|处理人|跟进人|接待人|维修人员|服务人员|安装人员|维修工程师|服务工程师|工程师|技术员|业务员|销售员|销售代表|销售经理|客户经理|送货人|送货员|司机|记录人|主持人|回访人|回访员|经办人|承办人|登记人|填报人|移交人|监交人|保管人|监销人|报销人|领款人|操作员|发货员|仓管员?|采购员|店长"),
        (Role.BUYER, "购货方|购买方|购方|买方|需方|购货单位|采购方|采购单位|客户单位|客户|顾客|买受人|订货单位|委印单位|订购方|订购单位|订货人|下单人|会员|抬头|Buyer|Customer|Bill To"),
        (Role.SELLER, "销售方|销方|卖方|供方|销货单位|供应商|供货方|供货单位|出卖人|Seller"),
        (Role.PAYER, "付款人|付款方|付款单位|汇款人|交款单位|交款人|付款户名|缴款单位"),
        (Role.PAYEE, "收款人|收款方|收款单位|收款户名"),
        (Role.RECEIVER, "收货人|收货单位|收件人|收货方|签收人"),
        (Role.COMPLAINANT, "投诉人|投诉单位|反馈人|报修人|报修单位|咨询人|来电人|申请人|受访人|受访者"),
        (Role.CONTRACT_PARTY, "甲方|乙方|丙方|委托方|受托方|定作方|承揽方|托运人|承运人|债务人|经销方|旅游者|投保人|建设单位|承建单位|委托单位|研究开发方|发包方|承包方|发包人|承包人|出租方|承租方|出租人|承租人|借款人|担保人|委托人|受托人"),
        (Role.CONTACT, "联系人|法定代表人|负责人|授权代表|代理人|委托代理人|对接人|甲方联系人|乙方联系人"),
        (Role.SENDER, "发件人|From|寄件人"),
        (Role.RECIPIENT, "收信人|To|抄送|Cc"),
    )
)  # fmt: skip


def role_of_label(before: str) -> Role | None:
    """The part that the words before a name, or above its column, give it; None when they give none."""
    for role, pattern in _ROLE_LABELS:
        if pattern.search(before):
            return role
    return None
