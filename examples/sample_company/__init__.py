"""A fictional company that is closing, written as real files with a truth table beside them."""
