"""A company's colour where text must stay legible on it and in it (WCAG 2.2, 1.4.3: a contrast of 4.5 to 1).

>>> text_on("#1f5fbf"), text_on("#ffd400")
('#ffffff', '#000000')
>>> contrast(legible("#ffd400", on="#ffffff"), "#ffffff") >= ENOUGH
True
"""

import re

ENOUGH = 4.5
_WRITTEN = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    """`#rrggbb` in lower case."""
    return bool(_WRITTEN.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2: 1 for the same colour, 21 for black and white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """White where it is legible, else black: one of both always is."""
    return "#ffffff" if contrast("#ffffff", colour) >= ENOUGH else "#000000"


def legible(colour: str, *, on: str) -> str:
    """The colour itself where text in it can be read on that background, else the nearest to it that can."""
    aim = "#000000" if _luminance(on) > 0.18 else "#ffffff"
    for percent in range(0, 101, 4):
        mixed = _mixed(colour, aim, percent)
        if contrast(mixed, on) >= ENOUGH:
            return mixed
    return aim


def _mixed(colour: str, aim: str, percent: int) -> str:
    pairs = zip(_channels(colour), _channels(aim), strict=True)
    return "#" + "".join(f"{round(own + (other - own) * percent / 100):02x}" for own, other in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
