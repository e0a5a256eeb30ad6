"""Pages drawn as pictures, and what a scanner, a copier and a telephone make of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

from examples.sample_company.marks import plain
from examples.sample_company.paper import Block, Grid, Heading, Paper
from examples.sample_company.writers.portable import FONT_FOLDER

WIDTH, HEIGHT, MARGIN = 1240, 1754, 110  # A4 at 150 dots an inch
TITLE_SIZE, HEADING_SIZE, TEXT_SIZE, CELL_SIZE = 42, 30, 25, 21
RED = (196, 30, 36)
Colour = tuple[int, int, int]


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of the sample: `Serif` or `Sans`."""
    return ImageFont.truetype(str(FONT_FOLDER / f"Noto{name}SC-Regular.otf"), size)


@cache
def drawable(char: str) -> bool:
    """True when both fonts have the character; else it would show as a box."""
    for name in ("Serif", "Sans"):
        missing, shown = font(name, 24).getmask("\U0010fffe"), font(name, 24).getmask(char)
        if shown.size == missing.size and bytes(shown) == bytes(missing):
            return False
    return True


def only_drawable(text: str) -> str:
    """The text without the characters that the fonts lack; for 𠮷 people write 吉."""
    return "".join(char for char in text.replace("𠮷", "吉") if char in "\n\t\x02\x03" or drawable(char))


@dataclass(slots=True)
class _Cursor:
    """Where the next line goes, on which page."""

    pages: list[Image.Image]
    draw: ImageDraw.ImageDraw
    top: int
    face: str

    def room(self, height: int) -> None:
        """Begin a new page when the line does not fit."""
        if self.top + height > HEIGHT - MARGIN:
            self.pages.append(Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255)))
            self.draw = ImageDraw.Draw(self.pages[-1])
            self.top = MARGIN


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The text in lines that fit the width."""
    lines, line, used = [], "", 0.0
    for char in text:
        step = face.getlength(char)
        if used + step > width and line:
            lines.append(line)
            line, used = "", 0.0
        line += char
        used += step
    return [*lines, line]


def draw_pages(paper: Paper, *, face: str = "Serif") -> list[Image.Image]:
    """The paper as clean pages."""
    first = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    cursor = _Cursor([first], ImageDraw.Draw(first), MARGIN, face)
    if paper.header:
        cursor.draw.text((MARGIN, 60), plain(paper.header), font=font(face, 19), fill=(60, 60, 60))
    if paper.title:
        title = font(face, TITLE_SIZE)
        left = (WIDTH - title.getlength(plain(paper.title))) / 2
        cursor.draw.text((max(20, left), cursor.top), plain(paper.title), font=title, fill=(0, 0, 0))
        cursor.top += TITLE_SIZE * 2
    for block in paper.blocks:
        if isinstance(block, Grid):
            _draw_table(cursor, block)
        elif isinstance(block, Heading):
            _draw_text(cursor, plain(block.text), HEADING_SIZE)
        else:
            _draw_text(cursor, plain(block), TEXT_SIZE)
    return cursor.pages


def _draw_text(cursor: _Cursor, text: str, size: int) -> None:
    face = font(cursor.face, size)
    for line in wrapped(text, face, WIDTH - 2 * MARGIN):
        cursor.room(size * 2)
        cursor.draw.text((MARGIN, cursor.top), line, font=face, fill=(0, 0, 0))
        cursor.top += round(size * 1.7)


def _draw_table(cursor: _Cursor, grid: Grid) -> None:
    face = font(cursor.face, CELL_SIZE)
    rows = [[plain(cell) for cell in row] for row in (grid.headers, *grid.rows)]
    wanted = [max(face.getlength(row[column]) for row in rows) + 16 for column in range(len(rows[0]))]
    factor = min(1.0, (WIDTH - 2 * MARGIN) / sum(wanted))
    widths = [width * factor for width in wanted]
    for row in rows:
        cells = [wrapped(text, face, int(width - 10)) for text, width in zip(row, widths, strict=True)]
        height = max(len(lines) for lines in cells) * round(CELL_SIZE * 1.4) + 12
        cursor.room(height)
        left = float(MARGIN)
        for lines, width in zip(cells, widths, strict=True):
            cursor.draw.rectangle((left, cursor.top, left + width, cursor.top + height), outline=(0, 0, 0))
            for place, line in enumerate(lines):
                cursor.draw.text(
                    (left + 6, cursor.top + 4 + place * round(CELL_SIZE * 1.4)),
                    line,
                    font=face,
                    fill=(0, 0, 0),
                )
            left += width
        cursor.top += height
    cursor.top += 20


def seal(name: str, caption: str) -> Image.Image:
    """A company's round red seal on a clear ground."""
    size, picture = 300, Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((8, 8, size - 8, size - 8), outline=(*RED, 190), width=7)
    star = [
        (
            150 + (48 if point % 2 == 0 else 19) * math.sin(point * math.pi / 5),
            150 - (48 if point % 2 == 0 else 19) * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]
    draw.polygon(star, fill=(*RED, 190))
    face = font("Sans", 30)
    spread = min(250, 18 * len(name))
    for place, char in enumerate(name):
        angle = -spread / 2 + spread * place / max(1, len(name) - 1)
        glyph = Image.new("RGBA", (44, 44), (0, 0, 0, 0))
        ImageDraw.Draw(glyph).text((7, 0), char, font=face, fill=(*RED, 190))
        turned = glyph.rotate(-angle, resample=Image.Resampling.BICUBIC)
        left = 150 + 112 * math.sin(math.radians(angle)) - 22
        top = 150 - 112 * math.cos(math.radians(angle)) - 22
        picture.alpha_composite(turned, (round(left), round(top)))
    draw.text(
        (150 - font("Sans", 24).getlength(caption) / 2, 214), caption, font=font("Sans", 24), fill=(*RED, 190)
    )
    return picture


def slip(page: Image.Image) -> Image.Image:
    """Half a sheet when the page's lower half is empty, as receipts are; else the page."""
    box = ImageChops.invert(page.convert("L")).getbbox()
    half = HEIGHT // 2
    return page.crop((0, 0, page.width, half)) if box is not None and box[3] < half - 60 else page


def stamped(page: Image.Image, name: str, caption: str, random: Random) -> Image.Image:
    """The page with a seal near its lower right."""
    mark = seal(name, caption).rotate(random.uniform(-25, 25), resample=Image.Resampling.BICUBIC)
    found = page.convert("RGBA")
    found.alpha_composite(
        mark, (random.randrange(640, 840), random.randrange(page.height * 5 // 10, page.height * 6 // 10))
    )
    return found.convert("RGB")


def scanned(page: Image.Image, random: Random, *, turn: int = 0, skew: float = 0.0) -> Image.Image:
    """What a scanner makes of it: tint, grain, dark edges, a slight slant; then turned by whole quarters."""
    found = page
    if skew:
        found = found.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=(250, 249, 246))
    light = random.randrange(240, 252)
    tint = Image.new("RGB", found.size, (light, light - random.randrange(3), light - random.randrange(9)))
    found = ImageChops.multiply(found, tint)
    grain = Image.frombytes("L", found.size, random.randbytes(found.width * found.height))
    grain = grain.point(lambda value: 255 - value // 14)
    found = ImageChops.multiply(found, Image.merge("RGB", (grain, grain, grain)))
    edge = ImageDraw.Draw(found)
    edge.line((0, 0, 0, found.height), fill=(90, 90, 90), width=random.randrange(2, 9))
    return found.rotate(turn, expand=True) if turn else found


def faxed(page: Image.Image) -> Image.Image:
    """Black and white, as fax machines and old copiers keep it."""
    return page.convert("L").point(lambda value: 255 if value > 150 else 0).convert("1")


def for_drawing(paper: Paper) -> Paper:
    """The paper without the characters that cannot be drawn; the truth follows."""
    blocks: list[Block] = []
    for block in paper.blocks:
        if isinstance(block, Grid):
            rows = tuple(tuple(only_drawable(cell) for cell in row) for row in block.rows)
            blocks.append(Grid(block.headers, rows, block.name))
        elif isinstance(block, Heading):
            blocks.append(Heading(only_drawable(block.text)))
        else:
            blocks.append(only_drawable(block))
    return replace(paper, title=only_drawable(paper.title), blocks=tuple(blocks))
