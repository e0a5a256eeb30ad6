"""Codes of the questions that appraisal asks; it raises no errors of its own: any text can be appraised."""

from __future__ import annotations

from typing import Final

CLASSES_ABOUT_EQUAL: Final = "KD-G101"
TOO_FEW_SIGNS: Final = "KD-G102"
NO_TEXT: Final = "KD-G103"
CHECK_DIGIT_FAILS: Final = "KD-G104"
