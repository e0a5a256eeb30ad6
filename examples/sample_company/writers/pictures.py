"""Pictures that are no scanned pages: id cards, licences, screenshots, photographs."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter

from examples.sample_company.marks import Marked, plain
from examples.sample_company.paper import Grid, Paper
from examples.sample_company.writers.pages import font, wrapped

CARD = (1012, 638)  # the size of an id card at 300 dots an inch
PHONE_WIDTH, PHONE_HEIGHT = 750, 1624


def id_card(paper: Paper, random: Random) -> Image.Image:
    """Both sides of an id card on a copy, with the words for what it may be used."""
    lines = [plain(line) for line in paper.lines()]
    sheet = Image.new("RGB", (1240, 1600), (247, 246, 243))
    sheet.paste(_front(lines[:5], random), (114, 110))
    sheet.paste(_back(lines[5:7]), (114, 810))
    draw = ImageDraw.Draw(sheet)
    draw.text((114, 1500), lines[7], font=font("Serif", 34), fill=(20, 20, 20))
    return sheet


def _front(lines: list[str], random: Random) -> Image.Image:
    card = Image.new("RGB", CARD, (222, 234, 244))
    draw = ImageDraw.Draw(card)
    for wave in range(0, CARD[0], 22):
        draw.arc((wave - 300, -200, wave + 300, 900), 0, 180, fill=(210, 224, 238))
    top = 60
    for line in lines[:3]:
        draw.text((70, top), line, font=font("Sans", 34), fill=(15, 15, 15))
        top += 80
    for place, line in enumerate(wrapped(lines[3], font("Sans", 34), 560)):
        draw.text((70 if place == 0 else 150, top), line, font=font("Sans", 34), fill=(15, 15, 15))
        top += 52
    draw.text((70, 545), lines[4], font=font("Sans", 38), fill=(15, 15, 15))
    draw.rectangle((690, 90, 950, 430), fill=(200, 205, 210))
    shade = random.randrange(60, 120)
    draw.ellipse((765, 140, 875, 270), fill=(shade + 90, shade + 70, shade + 60))
    draw.pieslice((710, 280, 930, 580), 180, 360, fill=(shade, shade, shade + 20))
    draw.rectangle((690, 431, 950, 500), fill=(222, 234, 244))
    return card


def _back(lines: list[str]) -> Image.Image:
    card = Image.new("RGB", CARD, (228, 236, 240))
    draw = ImageDraw.Draw(card)
    draw.ellipse((70, 60, 210, 200), fill=(200, 60, 50))
    draw.text((260, 80), lines[0].split()[0], font=font("Sans", 44), fill=(15, 15, 15))
    draw.text((320, 170), " ".join(lines[0].split()[1:]), font=font("Sans", 50), fill=(15, 15, 15))
    draw.text((220, 440), lines[1], font=font("Sans", 34), fill=(15, 15, 15))
    return card


def licence(paper: Paper) -> Image.Image:
    """A business licence with its frame."""
    sheet = Image.new("RGB", (1600, 1130), (253, 250, 240))
    draw = ImageDraw.Draw(sheet)
    for inset, colour in ((30, (170, 130, 60)), (42, (200, 165, 90))):
        draw.rectangle((inset, inset, 1600 - inset, 1130 - inset), outline=colour, width=6)
    title = plain(paper.title)
    draw.text(
        ((1600 - font("Serif", 72).getlength(title)) / 2, 110),
        title,
        font=font("Serif", 72),
        fill=(30, 20, 10),
    )
    top = 270
    for line in paper.lines()[1:]:
        for piece in wrapped(plain(line), font("Serif", 34), 1300):
            draw.text((150, top), piece, font=font("Serif", 34), fill=(20, 20, 20))
            top += 62
        top += 22
    return sheet


def screenshot(paper: Paper) -> Image.Image:
    """A chat on a telephone: as many bubbles as the screen holds."""
    screen = Image.new("RGB", (PHONE_WIDTH, PHONE_HEIGHT), (237, 237, 237))
    draw = ImageDraw.Draw(screen)
    draw.text((40, 70), plain(paper.title), font=font("Sans", 34), fill=(10, 10, 10))
    top = 150
    for place, words in enumerate(shown_lines(paper)):
        pieces = wrapped(words, font("Sans", 30), 480)
        width = max(font("Sans", 30).getlength(piece) for piece in pieces) + 40
        height, own = len(pieces) * 44 + 30, place % 2
        left = PHONE_WIDTH - 110 - width if own else 110
        draw.rounded_rectangle(
            (left, top, left + width, top + height), 10, fill=(149, 236, 105) if own else (255, 255, 255)
        )
        draw.rectangle(
            (PHONE_WIDTH - 90 if own else 20, top, PHONE_WIDTH - 20 if own else 90, top + 70),
            fill=(120, 150, 190),
        )
        for line, piece in enumerate(pieces):
            draw.text((left + 20, top + 12 + line * 44), piece, font=font("Sans", 30), fill=(10, 10, 10))
        top += height + 34
    return screen


def shown_lines(paper: Paper) -> list[str]:
    """The lines that fit on the telephone's screen, without the title."""
    return [plain(line) for line in marked_screen(paper)[1:]]


def marked_screen(paper: Paper) -> list[Marked]:
    """The title and the lines that fit on the telephone's screen, marks included."""
    grid = next((block for block in paper.blocks if isinstance(block, Grid) and paper.kind == "chat"), None)
    marked = [row[-1] for row in grid.rows] if grid is not None else paper.lines()[1:]
    found, top = [paper.title], 150
    for line in marked:
        text = line.replace("\t", "  ")
        top += len(wrapped(plain(text), font("Sans", 30), 480)) * 44 + 64
        if top > PHONE_HEIGHT:
            break
        found.append(text)
    return found


def photograph(page: Image.Image, random: Random) -> Image.Image:
    """A page photographed on a desk: slanted, shaded, a little out of focus."""
    small = page.resize((page.width * 4 // 5, page.height * 4 // 5), Image.Resampling.LANCZOS)
    desk = Image.new("RGB", (small.width + 180, small.height + 180), (118, 92, 66))
    desk.paste(small.rotate(random.uniform(-3, 3), expand=True, fillcolor=(118, 92, 66)), (70, 60))
    shade = Image.linear_gradient("L").resize(desk.size).point(lambda value: 255 - value // 4)
    lit = Image.composite(desk, Image.new("RGB", desk.size, (40, 34, 26)), shade)
    return lit.filter(ImageFilter.GaussianBlur(0.6))


def scene(random: Random) -> Image.Image:
    """A holiday picture: sky, hills, sun, not a word."""
    picture = Image.new("RGB", (1280, 960), (random.randrange(120, 180), 180, 225))
    draw = ImageDraw.Draw(picture)
    left = random.randrange(100, 1000)
    draw.ellipse((left, 80, left + 150, 230), fill=(255, 236, 150))
    for layer in range(5):
        points = [(0, 960)]
        for step in range(0, 1281, 80):
            points.append((step, 420 + layer * 100 + random.randrange(-60, 60)))
        draw.polygon([*points, (1280, 960)], fill=(60 + layer * 8, 130 - layer * 18, 80 - layer * 10))
    return picture.filter(ImageFilter.GaussianBlur(2))
