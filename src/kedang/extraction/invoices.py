"""The fields of an electronic invoice in XML: 数电票 (EInvoice), and 增值税电子发票 in OFD files (eInvoice).

Names as the tax authority's files use them, of both generations, and as billing programs export them.
"""

from __future__ import annotations

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.xml_tree import Element, local

_ROOTS = frozenset(("EInvoice", "eInvoice", "Invoice", "business", "Fpxx", "发票"))
_NAMES = {
    "invoice_number": "EIid InvoiceNumber InvoiceNo Fphm 发票号码",
    "invoice_code": "InvoiceCode Fpdm 发票代码",
    "issued_on": "IssueTime IssueDate RequestTime Kprq 开票日期",
    "buyer": "BuyerName Gfmc 购买方名称",
    "buyer_taxpayer_number": "BuyerIdNum BuyerTaxID Gfsh 购买方纳税人识别号",
    "seller": "SellerName Xfmc 销售方名称",
    "seller_taxpayer_number": "SellerIdNum SellerTaxID Xfsh 销售方纳税人识别号",
    "amount": "TotalAmWithoutTax TaxExclusiveTotalAmount Hjje 合计金额",
    "tax": "TotalTaxAm TaxTotalAmount Hjse 合计税额",
    "total": "TotalTax-includedAmount TaxInclusiveTotalAmount Jshj 价税合计",
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names.split()}
MIN_FIELDS = 3  # fewer and the file only happens to use one of the names


def tell_custom(name: str, value: str | None, assembly: TextAssembly) -> None:
    """Add a field that an OFD names in its own head, under the invoice's name for it where there is one."""
    assembly.tell(_FIELDS.get(name, name), value)


def tell_invoice(root: Element, assembly: TextAssembly) -> bool:
    """Add the invoice's fields to the metadata; returns whether the file is an invoice."""
    found: dict[str, str] = {}
    for element in root.iter():
        field = _FIELDS.get(local(element.tag))
        value = (element.text or "").strip()
        if field is not None and value and field not in found:
            found[field] = value
    if len(found) < MIN_FIELDS or ("invoice_number" not in found and local(root.tag) not in _ROOTS):
        return False
    assembly.tell("kind", "electronic-invoice")
    for field, value in found.items():
        assembly.tell(field, value)
    return True
