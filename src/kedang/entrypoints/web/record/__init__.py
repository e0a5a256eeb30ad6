"""档案页: one record with its pages, text, tables, parts, customers, retention and history."""
