"""What pages of the portal say money, days and addresses with: `{% load portal %}`."""

from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from encours.core.letters import grouped_iban
from encours.core.money import format_cents
from encours.core.wording import Sentence, format_date, typeset

register = template.Library()


def _language() -> str:
    return get_language() or "fr"


@register.filter
def money(cents: int, currency: str = "EUR") -> SafeString:
    """Aligned digits, never wrapped."""
    return format_html('<span class="money">{}</span>', format_cents(cents, currency, _language()))


@register.filter
def money_text(cents: int, currency: str = "EUR") -> str:
    """Without markup, for attributes and translated sentences."""
    return format_cents(cents, currency, _language())


@register.filter
def day(value: date) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), format_date(value, _language()))


@register.filter
def day_text(value: date) -> str:
    return format_date(value, _language())


@register.filter
def iban(value: str) -> str:
    """In groups of four, as ISO 13616 prints it."""
    return grouped_iban(value)


@register.filter
def said(sentence: Sentence | None) -> str:
    if sentence is None:
        return ""
    words = sentence.say(_language())
    return typeset(words) if _language() == "fr" else words


@register.filter
def colour_name(colour: str) -> str:
    """`#1f5fbf` as the style sheet of that colour is called."""
    return colour.lstrip("#")


@register.simple_tag
def page_url(visit: Any, name: str, **kwargs: Any) -> str:
    """`{% page_url visit "pay" %}`: the address of a page of this visitor's portal."""
    return visit.url(name, **kwargs)
