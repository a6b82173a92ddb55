"""Drawings, fields and words of policies: `{% load policies %}`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from encours.backoffice.icons import ICONS

register = template.Library()

# The drawing of each way to reach somebody; a new one has the last until it gets its own.
CHANNEL_ICONS = {
    "email": "mail",
    "letter": "document",
    "sms": "phone",
    "registered": "shield",
    "task": "user",
    "webhook": "link",
}
_OTHER = "send"
_SIZE, _STEP = 16, 20


@register.simple_tag
def channel_icons(channels: Sequence[str], x: int, y: int) -> SafeString:
    """The channels of a step in their order, centred on `x`."""
    return _icons(channels, x - (len(channels) * _STEP - (_STEP - _SIZE)) // 2, y)


@register.simple_tag
def channel_icons_from(channels: Sequence[str], x: int, y: int) -> SafeString:
    """In the drawing that goes down: beneath the code of the step at `y`."""
    return _icons(channels[:3], x, y + 4)


def _icons(channels: Sequence[str], x: int, y: int) -> SafeString:
    return format_html_join(
        "",
        '<svg class="channel" x="{}" y="{}" width="{}" height="{}" viewBox="0 0 24 24">{}</svg>',
        (
            (x + rank * _STEP, y, _SIZE, _SIZE, mark_safe(ICONS[CHANNEL_ICONS.get(channel, _OTHER)]))  # noqa: S308 (our own drawings)
            for rank, channel in enumerate(channels)
        ),
    )


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    """Beside the word that says the same."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        mark_safe(ICONS[CHANNEL_ICONS.get(channel, _OTHER)]),  # noqa: S308 (our own drawings)
    )


@register.filter
def problems_of(problems: Mapping[str, Any], name: str) -> Any:
    """`{{ read.problems|problems_of:"steps-0-days" }}`."""
    return problems.get(name, ())


@register.inclusion_tag("policies/choice.html", takes_context=True)
def choice(
    context: Any, name: str, value: str, options: Any, names: Mapping[str, Any], label: str, css: str = "",
    empty: str = "", reshapes: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """A select with its label and problems. `reshapes` when other fields follow from what is chosen."""
    chosen = [(option, names.get(option, option)) for option in options]
    if value and value not in options:
        chosen.append((value, value))  # what a document said and is not known here: refused, not replaced
    return {
        "name": name,
        "value": value,
        "options": chosen,
        "label": label,
        "css": css,
        "empty": empty,
        "reshapes": reshapes,
        "found": context["problems"].get(name, ()),
    }


@register.inclusion_tag("policies/entry.html", takes_context=True)
def entry(
    context: Any, name: str, value: str, label: str, css: str = "", mode: str = "", unit: str = "",
    known: Any = (), help: str = "", kind: str = "text", placeholder: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A line of text with its label, its unit and problems; `known` are proposed while one types."""
    return {
        "name": name,
        "value": value,
        "label": label,
        "css": css,
        "mode": mode,
        "unit": unit,
        "known": known,
        "help": help,
        "kind": kind,
        "placeholder": placeholder,
        "found": context["problems"].get(name, ()),
    }
