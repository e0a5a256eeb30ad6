"""The XML of a fully digital invoice 数电票, shaped like the tax platform's download."""

from __future__ import annotations

from html import escape

from examples.sample_company import marks
from examples.sample_company.marks import Marked, plain
from examples.sample_company.paper import Grid, Paper
from examples.sample_company.papers.parts import Setting


def fields(paper: Paper, setting: Setting) -> list[tuple[str, Marked]]:
    """Element names with marked values, in the order of the file."""
    facts, own = dict(paper.facts), setting.world.own
    company = setting.customer.company
    found: list[tuple[str, Marked]] = [
        ("EIid", marks.mark("invoice_number", facts["invoice_number"])),
        ("LabelName", paper.title),
        ("SellerIdNum", marks.taxpayer(own.credit_code)),
        ("SellerName", marks.organisation(own.name)),
        ("SellerAddr", marks.address(own.address)),
        ("SellerTelNum", marks.landline(own.landline)),
        ("BuyerName", marks.organisation(company.name) if company else marks.person(setting.customer.name)),
    ]
    if company:
        found += [
            ("BuyerIdNum", marks.taxpayer(company.credit_code)),
            ("BuyerBankName", marks.organisation(company.bank)),
        ]
    grid = next(block for block in paper.blocks if isinstance(block, Grid))
    for row in grid.rows[:-1]:
        found += [
            ("ItemName", row[1]),
            ("MeaUnits", row[2]),
            ("Quantity", row[3]),
            ("UnPrice", row[4]),
            ("Amount", row[5]),
        ]
    found += [("TotalTax-includedAmount", facts["amount"]), ("RequestTime", f"{setting.day} 10:30:00")]
    return found


def xml(found: list[tuple[str, Marked]]) -> bytes:
    """The fields as the platform's XML."""
    body = "".join(f"<{name}>{escape(plain(value))}</{name}>" for name, value in found)
    text = (
        '<?xml version="1.0" encoding="utf-8"?><EInvoice><Header><EInvoiceTag>SWEI3200</EInvoiceTag></Header>'
        f"<EInvoiceData>{body}</EInvoiceData><SellerAuthentication><AuthenticationMethods>1</AuthenticationMethods>"
        "</SellerAuthentication></EInvoice>"
    )
    return text.encode()


def marked_text(found: list[tuple[str, Marked]]) -> Marked:
    """What a reader of the XML sees, a value on each line."""
    return "\n".join(value for _, value in found)
