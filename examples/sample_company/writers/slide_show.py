"""pptx, through python-pptx, with fixed times."""

from __future__ import annotations

import io
from datetime import datetime, time

from pptx import Presentation

from examples.sample_company.marks import plain
from examples.sample_company.paper import Paper
from examples.sample_company.writers.open_document import slides
from examples.sample_company.writers.zipped import repacked


def pptx(paper: Paper) -> bytes:
    """The paper as slides; the last line of the first slide stands in its notes."""
    presentation = Presentation()
    for lines in slides(paper):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = lines[0]
        body, notes = (lines[1:-1], lines[-1]) if len(lines) > 3 else (lines[1:], "")
        slide.placeholders[1].text_frame.text = "\n".join(body)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    moment = datetime.combine(paper.day, time(9, 30))
    presentation.core_properties.title = plain(paper.title)
    presentation.core_properties.author = "样禾办公"
    presentation.core_properties.created = presentation.core_properties.modified = moment
    target = io.BytesIO()
    presentation.save(target)
    return repacked(target.getvalue())
