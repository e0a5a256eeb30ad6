"""kedang 客档: the customer records of a closing company, kept in order and in proof."""

__version__ = "0.1.0"
