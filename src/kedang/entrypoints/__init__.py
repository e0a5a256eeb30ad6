"""The doors: command line, settings, report."""
