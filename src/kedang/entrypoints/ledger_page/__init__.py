"""The ledger as one page that needs no network: `render_ledger_page(LedgerPage(...), language="zh")`."""
