"""档案: the list of records, searching in them, and what is done with many at once."""
