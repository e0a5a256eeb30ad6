"""Bytes to text and parts: what a thing is, and what can be read of it."""

from kedang.extraction.extract import extract
from kedang.extraction.limits import Limits
from kedang.extraction.recognition import recognise

__all__ = ["Limits", "extract", "recognise"]
