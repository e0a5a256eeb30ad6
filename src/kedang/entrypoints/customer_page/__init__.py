"""The customer file and the reconciliation as a page, a print and words on a terminal."""
