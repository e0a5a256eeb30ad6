"""The documents of an office, each built from customers, days and chance."""
