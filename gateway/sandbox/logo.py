"""A company logo, so that a demo client has one."""

import io

from PIL import Image, ImageDraw

SIZE = 512
_OVERDRAW = 2  # drawn larger and shrunk: smooth edges
_INK, _PAPER, _ACCENT = (15, 76, 92), (255, 255, 255), (255, 183, 3)


def company_logo() -> bytes:
    """A square PNG: three people in a row, the middle one chosen."""
    side = SIZE * _OVERDRAW
    image = Image.new("RGB", (side, side), _INK)
    draw = ImageDraw.Draw(image)
    ground = side * 0.8
    for x, height, colour in ((0.25, 0.36, _PAPER), (0.75, 0.36, _PAPER), (0.5, 0.48, _ACCENT)):
        _person(draw, side * x, ground, side * height, colour)
    draw.rectangle((0, ground, side, side), fill=_INK)
    draw.rectangle((side * 0.12, side * 0.83, side * 0.88, side * 0.86), fill=_ACCENT)
    png = io.BytesIO()
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(png, "PNG", optimize=True)
    return png.getvalue()


def _person(
    draw: ImageDraw.ImageDraw, x: float, ground: float, height: float, colour: tuple[int, int, int]
) -> None:
    head, shoulders = height * 0.23, height * 0.4
    top = ground - height
    draw.ellipse((x - head, top, x + head, top + 2 * head), fill=colour)
    neck = top + 2.3 * head
    draw.ellipse((x - shoulders, neck, x + shoulders, neck + 2.6 * shoulders), fill=colour)
