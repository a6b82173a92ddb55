"""What people call the parts of a policy, and what changed between two of them in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from encours.backoffice.dunning_names import LETTER_NAMES, TONE_NAMES, WEEKDAY_NAMES
from encours.backoffice.language import language_of_reader
from encours.core.dunning.changes import Difference
from encours.core.dunning.conditions import FIELDS, in_words
from encours.core.dunning.policy import CHANNEL_NAMES, PlacedStep, Window
from encours.core.money import format_cents

CLOCK_NAMES = {
    "due_date": gettext_lazy("from the due date"),
    "end_of_month": gettext_lazy("from the end of the month of the due date"),
    "previous_step": gettext_lazy("from the step before"),
}
APPROVAL_NAMES = {
    "automatic": gettext_lazy("Automatic"),
    "batch": gettext_lazy("With the day's batch"),
    "person": gettext_lazy("One by one, by a person"),
}
SIGNER_NAMES = {
    "company": gettext_lazy("the company"),
    "salesperson": gettext_lazy("the customer's salesperson"),
}
LEVEL_NAMES = {
    "oldest": gettext_lazy("of the oldest receivable"),
    "amount": gettext_lazy("of the step for which most money is due"),
}
GROUP_NAMES = {
    "all": gettext_lazy("all of these are true"),
    "any": gettext_lazy("one of these is true"),
    "not": gettext_lazy("this is not true"),
}
OPERATOR_NAMES = {
    "at_least": gettext_lazy("is at least"),
    "at_most": gettext_lazy("is at most"),
    "above": gettext_lazy("is above"),
    "below": gettext_lazy("is below"),
    "is": gettext_lazy("is"),
    "in": gettext_lazy("is one of"),
    "known": gettext_lazy("is known:"),
}
KEY_NAMES = {
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "min_gap_days": gettext_lazy("Days between two contacts"),
    "max_contacts_per_week": gettext_lazy("Contacts a week at most"),
    "min_amount_cents": gettext_lazy("Minimum amount"),
    "level": gettext_lazy("Level of a message"),
    "channels": gettext_lazy("Channel"),
    "template": gettext_lazy("Letter"),
    "tone": gettext_lazy("Tone"),
    "approval": gettext_lazy("Approval"),
    "signed_by": gettext_lazy("Signed by"),
    "window": gettext_lazy("Hours"),
    "condition": gettext_lazy("Only if"),
}
CHANGE_NAMES = {
    "new": gettext_lazy("More"),
    "gone": gettext_lazy("No longer"),
    "step": gettext_lazy("Another step"),
    "channel": gettext_lazy("Another channel"),
    "day": gettext_lazy("Another day"),
    "amount": gettext_lazy("Another amount"),
}
NAMES: Mapping[str, Any] = {
    "template_names": LETTER_NAMES,
    "tone_names": TONE_NAMES,
    "weekday_names": WEEKDAY_NAMES,
    "clock_names": CLOCK_NAMES,
    "approval_names": APPROVAL_NAMES,
    "signer_names": SIGNER_NAMES,
    "level_names": LEVEL_NAMES,
    "group_names": GROUP_NAMES,
    "operator_names": OPERATOR_NAMES,
    "channel_names": {name: wording() for name, wording in CHANNEL_NAMES.items()},
    "field_names": {name: each.name() for name, each in FIELDS.items()},
}


@dataclass(frozen=True)
class Told:
    """A difference in the reader's words. `label` says what it is about; `before` and `after` are empty when it says all."""

    step: str
    label: str
    before: str = ""
    after: str = ""


def told(difference: Difference, *, currency: str) -> Told:
    step, key = difference.step, difference.key
    if key == "step":
        placed = difference.after or difference.before
        label = _("added") if difference.before is None else _("taken out")
        return Told(step, f"{label} ({_step_words(placed)})")
    if key == "code":
        return Told(step, _("moved"), difference.before, difference.after)
    if key == "description":
        return Told(step, _("The description is another one"))
    said = _VALUES.get(key, _plain)
    label = str(KEY_NAMES.get(key, key))
    return Told(step, label, said(difference.before, currency), said(difference.after, currency))


def _step_words(placed: PlacedStep) -> str:
    name = str(LETTER_NAMES.get(placed.step.template, placed.step.template))
    return f"{name}, {_channels(placed.step.channels, '')}"


def _plain(value: Any, _currency: str) -> str:
    return str(value)


def _named(names: Mapping[str, Any]) -> Callable[[Any, str], str]:
    return lambda value, _currency: str(names.get(value, value))


def _amount(cents: int, currency: str) -> str:
    return format_cents(cents, currency, language_of_reader()) if cents else _("none")


def _channels(channels: tuple[str, ...], _currency: str) -> str:
    return ", ".join(CHANNEL_NAMES[each]().say(language_of_reader()) for each in channels)


def _condition(condition: Any, _currency: str) -> str:
    return in_words(condition).say(language_of_reader()) if condition else _("always")


def _days(count: int, _currency: str) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _window(window: Window | None, _currency: str) -> str:
    if window is None:
        return _("any working day")
    days = ", ".join(str(WEEKDAY_NAMES[day]).lower() for day in window.days)
    return f"{days}, {window.from_time}–{window.until_time}"


_VALUES: Mapping[str, Callable[[Any, str], str]] = {
    "min_amount_cents": _amount,
    "channels": _channels,
    "condition": _condition,
    "window": _window,
    "min_gap_days": _days,
    "template": _named(LETTER_NAMES),
    "tone": _named(TONE_NAMES),
    "approval": _named(APPROVAL_NAMES),
    "signed_by": _named(SIGNER_NAMES),
    "level": _named(LEVEL_NAMES),
}
