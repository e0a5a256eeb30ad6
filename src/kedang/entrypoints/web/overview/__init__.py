"""总览: how the case stands, and what needs a person."""
