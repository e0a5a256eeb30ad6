"""docx, written as Word keeps it: styles, header, tables."""

from __future__ import annotations

from datetime import date
from html import escape

from examples.sample_company.marks import plain
from examples.sample_company.paper import Grid, Heading, Paper
from examples.sample_company.writers.zipped import container

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."

CONTENT_TYPES = (
    f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{TYPE}document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{TYPE}styles+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{TYPE}header+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
TOP_RELATIONS = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
DOCUMENT_RELATIONS = (
    f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{RELATIONS}/header" Target="header1.xml"/></Relationships>'
)
STYLES = (
    f'{DECLARATION}<w:styles xmlns:w="{MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Times New Roman" w:eastAsia="宋体" w:hAnsi="Times New Roman"/><w:sz w:val="21"/>'
    "</w:rPr></w:rPrDefault></w:docDefaults>"
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr><w:jc w:val="center"/></w:pPr>'
    '<w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:rPr><w:b/><w:sz w:val="28"/></w:rPr>'
    "</w:style></w:styles>"
)
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def docx(paper: Paper, *, author: str = "样禾办公") -> bytes:
    """The paper as a docx."""
    body = [_paragraph(plain(paper.title), "Title")] if paper.title else []
    for block in paper.blocks:
        if isinstance(block, Heading):
            body.append(_paragraph(plain(block.text), "Heading1"))
        elif isinstance(block, Grid):
            body.append(_table(block))
        else:
            body.append(_paragraph(plain(block)))
    section = '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    document = f'{DECLARATION}<w:document xmlns:w="{MAIN}" xmlns:r="{RELATIONS}"><w:body>{"".join(body)}{section}</w:body></w:document>'
    header = f'{DECLARATION}<w:hdr xmlns:w="{MAIN}">{_paragraph(plain(paper.header))}</w:hdr>'
    parts = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", TOP_RELATIONS),
        ("word/document.xml", document),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS),
        ("word/styles.xml", STYLES),
        ("word/header1.xml", header),
        ("docProps/core.xml", core_properties(plain(paper.title), author, paper.day)),
    ]
    return container((name, text.encode()) for name, text in parts)


def core_properties(title: str, author: str, day: date) -> str:
    """The docProps/core.xml of any OOXML document."""
    return (
        f'{DECLARATION}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}T09:30:00Z</dcterms:created></cp:coreProperties>'
    )


def _paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _table(grid: Grid) -> str:
    rows = (grid.headers, *grid.rows)
    width = max(1, 9000 // max(1, len(grid.headers)))
    columns = f'<w:gridCol w:w="{width}"/>' * len(grid.headers)
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
    lines = ("".join(f"{cell}{_paragraph(plain(text))}</w:tc>" for text in row) for row in rows)
    inner = "".join(f"<w:tr>{line}</w:tr>" for line in lines)
    return f"<w:tbl><w:tblPr><w:tblBorders>{BORDERS}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{inner}</w:tbl>"
