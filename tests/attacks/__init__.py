"""kedang attacked as its adversaries would attack it."""
