"""What templates say money, days, icons, fields and list addresses with: `{% load encours %}`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from encours.backoffice.icons import ICONS
from encours.backoffice.language import language_of_reader
from encours.backoffice.wordings import load_wordings
from encours.core.letters import grouped_iban
from encours.core.money import Rate, format_cents
from encours.core.wording import Sentence, format_date, typeset

register = template.Library()


@register.filter
def money(cents: int | None, currency: str = "EUR") -> SafeString:
    """`{{ document.open_cents|money:document.currency }}`: aligned digits, never wrapped; a dash for None."""
    if cents is None:
        return mark_safe('<span class="soft" aria-hidden="true">—</span>')
    return format_html('<span class="money">{}</span>', format_cents(cents, currency, language_of_reader()))


@register.filter
def money_text(cents: int, currency: str = "EUR") -> str:
    """The amount without markup, for attributes and titles."""
    return format_cents(cents, currency, language_of_reader())


@register.filter
def day(value: date | None) -> SafeString:
    """A date in a `<time>`; a dash for None."""
    if value is None:
        return mark_safe('<span class="soft" aria-hidden="true">—</span>')
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), format_date(value, language_of_reader())
    )


def day_text(value: date) -> str:
    """The date without markup."""
    return format_date(value, language_of_reader())


@register.filter
def moment(value: datetime | None, time_zone: str = "Europe/Paris") -> SafeString:
    """A date and time where the company is: `{{ entry.created_at|moment:company.time_zone }}`."""
    if value is None:
        return mark_safe('<span class="soft" aria-hidden="true">—</span>')
    local = value.astimezone(ZoneInfo(time_zone))
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(timespec="seconds"),
        format_date(local.date(), language_of_reader()),
        f"{local:%H:%M}",
    )


@register.filter
def sentence(stored: Mapping[str, Any] | Sentence | None) -> str:
    """A stored reason in the reader's words."""
    if not stored:
        return ""
    load_wordings()
    said = stored if isinstance(stored, Sentence) else Sentence.from_json(stored)
    try:
        words = said.say(language_of_reader())
        return typeset(words) if language_of_reader() == "fr" else words
    except KeyError:  # written by a version whose wording is gone
        return said.code


@register.filter
def grouped(number: int) -> str:
    """1234567 -> 1 234 567 (fr) or 1,234,567 (en)."""
    return f"{number:,}".replace(",", "\u202f" if language_of_reader() == "fr" else ",")


@register.filter
def rate(basis_points: int) -> str:
    """2000 -> 20 %; 550 -> 5,5 % (fr) or 5.5% (en)."""
    return Rate(basis_points).format(language_of_reader())


@register.filter
def file_size(count: int) -> str:
    """3891 -> 3,8 ko (fr) or 3.8 KB (en), in units of 1,024 as file managers show them."""
    size, place = float(count), 0
    while size >= 1024 and place < 3:
        size, place = size / 1024, place + 1
    text = f"{size:.1f}".removesuffix(".0") if place else f"{count}"
    if language_of_reader() == "fr":
        return f"{text.replace('.', ',')}\u00a0{('octets', 'ko', 'Mo', 'Go')[place]}"
    return f"{text}\u00a0{('bytes', 'KB', 'MB', 'GB')[place]}"


@register.filter
def iban(value: str) -> str:
    """In groups of four, as ISO 13616 prints it; what is no IBAN stays as it is."""
    return grouped_iban(value) if value.isalnum() else value


@register.filter
def absolute(number: int) -> int:
    return abs(number)


@register.filter
def name_in(key: Any, names: Mapping[Any, Any] | None) -> Any:
    """`{{ role|name_in:role_names }}`: what people call a code; the code itself when nothing does."""
    return (names or {}).get(key, key)


@register.filter
def of(found: Mapping[Any, Any], key: Any) -> Any:
    """`{{ changes|of:row.id }}`: what was found for a key; nothing when nothing was."""
    return found.get(key, ())


@register.filter
def in_language(texts: Mapping[str, str], language: str) -> str:
    """A text given in several languages, in one of them; "" where it is missing."""
    return texts.get(language[:2], "")


@register.filter
def days(number: float) -> str:
    """47.3 -> 47 jours (fr), 47 days (en)."""
    whole = round(number)
    return ngettext("%(count)s day", "%(count)s days", whole) % {"count": grouped(whole)}


@register.filter
def share(part: int, whole: int) -> str:
    """A percentage in the reader's language."""
    text = f"{round(100 * part / whole)}" if whole else "0"
    return f"{text}\u00a0%" if language_of_reader() == "fr" else f"{text}%"


@register.filter
def percent_of(part: int, whole: int) -> str:
    """Width of a bar: 0 to 100 with one decimal, as CSS reads it."""
    return f"{max(0.0, min(100.0, 100 * part / whole)):.1f}" if whole else "0"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line icon beside words that say the same: hidden from screen readers."""
    return mark_safe(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{ICONS[name]}</svg>')  # noqa: S308 (our own drawings)


@register.inclusion_tag("partials/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, Any]:
    """A form's field with its label, help and errors tied to it."""
    widget = bound.field.widget
    if widget.attrs.get("placeholder") == bound.label:
        del widget.attrs["placeholder"]  # allauth's: says nothing that the label above it does not
    is_check = isinstance(widget, CheckboxInput)
    css = "form-check-input" if is_check else "form-select" if isinstance(widget, Select) else "form-control"
    attrs: Any = {"class": css}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    described = [f"{bound.auto_id}_help"] * bool(bound.help_text) + [f"{bound.auto_id}_errors"] * bool(
        bound.errors
    )
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {"field": bound, "widget": bound.as_widget(attrs=attrs), "is_check": is_check, "wide": wide}


@register.simple_tag
def control(bound: BoundField) -> str:
    """Only the control of a filter whose label stands beside it."""
    css = "form-select" if isinstance(bound.field.widget, Select) else "form-control"
    own = bound.field.widget.attrs.get("class", "")
    attrs: Any = {"class": f"{css} {own}".strip()}
    return bound.as_widget(attrs=attrs)


@register.simple_tag
def select(bound: BoundField) -> str:
    """Only the select of a field whose label stands elsewhere."""
    attrs: Any = {"class": "form-select"}
    return bound.as_widget(attrs=attrs)


@register.simple_tag(takes_context=True)
def address(context: Any, **changes: Any) -> str:
    """This list's address with some parameters changed; a change goes back to the first page."""
    query = context["request"].GET.copy()
    if "page" not in changes:
        query.pop("page", None)
    for key, value in changes.items():
        if value in (None, ""):
            query.pop(key, None)
        else:
            query[key] = value
    return f"?{query.urlencode()}"


@register.inclusion_tag("partials/sort_header.html", takes_context=True)
def sort_header(context: Any, key: str, label: str, num: bool = False) -> dict[str, Any]:
    """`{% sort_header "due" _("Due date") %}`: a column head that sorts; `sort` in the context is the order now."""
    now = context.get("sort", "")
    is_down = now == f"-{key}"
    following = key if is_down else f"-{key}"
    if now not in (key, f"-{key}"):
        following = f"-{key}" if num else key
    return {
        "label": label,
        "num": num,
        "direction": "descending" if is_down else "ascending" if now == key else "",
        "address": address(context, sort=following),
    }


@register.inclusion_tag("partials/pager.html", takes_context=True)
def pager(context: Any, page: Any) -> dict[str, Any]:
    """Where one is in a list, and the pages before and after."""
    return {
        "page": page,
        "previous": address(context, page=page.number - 1) if page.has_previous else "",
        "next": address(context, page=page.number + 1) if page.has_next else "",
    }
