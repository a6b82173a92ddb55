"""Within what a company may set its portal: beyond these bounds a figure is a slip, or against the rules of SEPA."""

from collections.abc import Mapping
from typing import Any

from encours.core.colours import is_colour
from encours.core.problems import Problem
from encours.core.wording import Wording

# lowest and highest of each figure. A SEPA debtor is told 14 days before, unless a shorter time was agreed
# (EPC016-06, 4.3.4): one day is the least that still is a notice
BOUNDS: Mapping[str, tuple[int, int]] = {
    "link_days": (1, 400),
    "max_promise_days": (1, 180),
    "plan_max_instalments": (2, 24),
    "plan_max_days": (15, 730),
    "plan_min_first_percent": (0, 90),
    "overdue_days": (1, 365),
    "charge_notice_days": (1, 30),
}
AMOUNTS = (
    "min_part_cents",
    "plan_min_instalment_cents",
    "plan_max_cents",
    "charge_min_cents",
    "charge_max_cents",
)
MAX_LOGO_BYTES = 512 << 10
LOGO_TYPES = ("image/png", "image/jpeg")

OUT_OF_BOUNDS = Wording("portal_settings.out_of_bounds", fr="De {low} à {high}.", en="From {low} to {high}.")
NEGATIVE = Wording(
    "portal_settings.negative", fr="Un montant positif, ou rien.", en="A positive amount, or nothing."
)
LEAST_OVER_MOST = Wording(
    "portal_settings.least_over_most",
    fr="Le plafond est sous le minimum : rien ne serait jamais prélevé.",
    en="The cap is below the least amount: nothing would ever be charged.",
)
BAD_COLOUR = Wording(
    "portal_settings.bad_colour", fr="Une couleur s’écrit #1f5fbf.", en="A colour is written #1f5fbf."
)
LOGO_TOO_LARGE = Wording(
    "portal_settings.logo_too_large",
    fr="Ce logo dépasse {limit} Ko : réduisez l’image, une hauteur de 200 pixels suffit.",
    en="This logo is larger than {limit} KB: make the picture smaller, 200 pixels in height are enough.",
)
NOT_A_LOGO = Wording(
    "portal_settings.not_a_logo",
    fr="Ce fichier n’est ni un PNG ni un JPEG. Un SVG peut contenir un programme : exportez-le en PNG.",
    en="This file is neither PNG nor JPEG. An SVG may hold a program: export it as PNG.",
)


def settings_problems(values: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with settings, by field."""
    found = [
        Problem(OUT_OF_BOUNDS(low=low, high=high), field=name)
        for name, (low, high) in BOUNDS.items()
        if not low <= values[name] <= high
    ]
    found += [
        Problem(NEGATIVE(), field=name)
        for name in AMOUNTS
        if values[name] is not None and (values[name] < 0 or (not values[name] and "max" in name))
    ]
    most = values["charge_max_cents"]
    if most is not None and most < values["charge_min_cents"]:
        found.append(Problem(LEAST_OVER_MOST(), field="charge_max_cents"))
    if not is_colour(values["colour"]):
        found.append(Problem(BAD_COLOUR(), field="colour"))
    return tuple(found)
