"""OFD, the fixed-layout format of GB/T 33190-2016, with an e-invoice's XML attached when there is one."""

from __future__ import annotations

from html import escape

from examples.sample_company.paper import Paper
from examples.sample_company.writers.zipped import container

SPACE = "http://www.ofdspec.org/2016"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
WIDTH_MM, HEIGHT_MM, MARGIN_MM, LEADING_MM, SIZE_MM = 210, 297, 20, 6.2, 3.7
LINES_A_PAGE = 40
CHARS_A_LINE = 44


def ofd(paper: Paper, *, attachment: tuple[str, bytes] | None = None) -> bytes:
    """The paper as OFD pages of text objects."""
    lines = []
    for line in paper.text().split("\n"):
        text = line.replace("\t", "  ")
        lines += [text[start : start + CHARS_A_LINE] for start in range(0, max(1, len(text)), CHARS_A_LINE)]
    pages = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)]
    members = [
        ("OFD.xml", _root(paper)),
        ("Doc_0/Document.xml", _document(len(pages), attached=attachment is not None)),
    ]
    members.append(("Doc_0/PublicRes.xml", _fonts()))
    first = len(pages) + 10
    for number, page in enumerate(pages):
        members.append((f"Doc_0/Pages/Page_{number}/Content.xml", _page(page, first)))
        first += len(page) + 2
    found = [(name, text.encode()) for name, text in members]
    if attachment is not None:
        name, payload = attachment
        found.append(("Doc_0/Attachs/Attachments.xml", _attachments(name).encode()))
        found.append((f"Doc_0/Attachs/{name}", payload))
    return container(found)


def _root(paper: Paper) -> str:
    return (
        f'{HEAD}<ofd:OFD xmlns:ofd="{SPACE}" DocType="OFD" Version="1.1"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:CreationDate>{paper.day}</ofd:CreationDate></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>"
    )


def _document(count: int, *, attached: bool) -> str:
    pages = "".join(
        f'<ofd:Page ID="{number + 2}" BaseLoc="Pages/Page_{number}/Content.xml"/>' for number in range(count)
    )
    more = "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>" if attached else ""
    return (
        f'{HEAD}<ofd:Document xmlns:ofd="{SPACE}"><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID><ofd:PageArea>'
        f"<ofd:PhysicalBox>0 0 {WIDTH_MM} {HEIGHT_MM}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>{more}</ofd:Document>"
    )


def _fonts() -> str:
    return f'{HEAD}<ofd:Res xmlns:ofd="{SPACE}" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="1" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>'


def _page(lines: list[str], first: int) -> str:
    objects = []
    for place, line in enumerate(lines):
        top = MARGIN_MM + place * LEADING_MM
        deltas = " ".join(f"{SIZE_MM if ord(char) > 0xFF else SIZE_MM / 2:.2f}" for char in line[:-1])
        objects.append(
            f'<ofd:TextObject ID="{first + 1 + place}" Boundary="{MARGIN_MM} {top:.2f} 170 {SIZE_MM + 1:.2f}" Font="1" Size="{SIZE_MM}">'
            f'<ofd:TextCode X="0" Y="{SIZE_MM}" DeltaX="{deltas}">{escape(line)}</ofd:TextCode></ofd:TextObject>'
        )
    return f'{HEAD}<ofd:Page xmlns:ofd="{SPACE}"><ofd:Content><ofd:Layer ID="{first}">{"".join(objects)}</ofd:Layer></ofd:Content></ofd:Page>'


def _attachments(name: str) -> str:
    return (
        f'{HEAD}<ofd:Attachments xmlns:ofd="{SPACE}"><ofd:Attachment ID="1" Name="original_invoice" Format="xml">'
        f"<ofd:FileLoc>/Doc_0/Attachs/{name}</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
    )
