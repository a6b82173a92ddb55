"""The forewarning: what a person is told, the working day before, about what will leave to their customers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.money import Money
from encours.core.wording import Wording

SUBJECT = Wording(
    "digest.subject",
    fr="{company} : {count} relance(s) prévues le {day}",
    en="{company}: {count} reminders planned for {day}",
)
SUBJECT_WAITING = Wording(
    "digest.subject_waiting", fr="{company} : ce qui vous attend", en="{company}: what waits for you"
)
LEAVES = Wording(
    "digest.leaves",
    fr="Ce qui partira le {day}, sauf paiement d’ici là",
    en="What leaves on {day}, unless it is paid by then",
)
TEST_MODE = Wording(
    "digest.test_mode",
    fr="La société est en mode test : rien ne partira vers les clients.",
    en="The company is in test mode: nothing will leave to customers.",
)
TOTAL = Wording("digest.total", fr="{count} envoi(s), {amount}", en="{count} messages, {amount}")
MORE = Wording("digest.more", fr="… et {count} de plus", en="… and {count} more")
NEEDS_APPROVAL = Wording("digest.needs_approval", fr="à valider", en="to approve")
WAITS = {
    "approvals": Wording(
        "digest.approvals", fr="{count} envoi(s) à valider", en="{count} messages to approve"
    ),
    "tasks": Wording("digest.tasks", fr="{count} tâche(s) à faire", en="{count} tasks to do"),
    "replies": Wording("digest.replies", fr="{count} réponse(s) à lire", en="{count} replies to read"),
    "orders": Wording(
        "digest.orders",
        fr="{count} commande(s) à regarder : facture oubliée ou acompte",
        en="{count} orders to look at: forgotten invoice or deposit",
    ),
}
YOURS = Wording("digest.waits", fr="Ce qui vous attend", en="What waits for you")
LOOK = Wording("digest.look", fr="Regarder, reporter ou suspendre", en="Look, postpone or hold")
WHY = Wording(
    "digest.why",
    fr="Vous recevez cette annonce parce que vous suivez ces clients. Elle se règle dans Ma journée.",
    en="You get this forewarning because you look after these customers. Change it under My day.",
)

SHOWN = 25


@dataclass(frozen=True)
class Announced:
    """A message that leaves on the day announced; `needs_approval` if nobody has approved it yet."""

    customer_id: int
    customer_name: str
    step_code: str
    channel: str
    amount_cents: int
    currency: str
    needs_approval: bool


@dataclass(frozen=True)
class Forewarning:
    """What one person is told. `waits` counts by the keys of WAITS; `link` is where to look, "" when no address is known."""

    company_name: str
    language: str
    business_day: date
    announced: Sequence[Announced]
    waits: Mapping[str, int]
    is_test_mode: bool
    link: str

    @property
    def is_empty(self) -> bool:
        return not self.announced and not any(self.waits.values())


def subject(*, told: Forewarning) -> str:
    """One line."""
    if not told.announced:
        return SUBJECT_WAITING(company=told.company_name).say(told.language)
    said = SUBJECT(company=told.company_name, count=len(told.announced), day=told.business_day)
    return said.say(told.language)


def as_text(*, told: Forewarning) -> str:
    """Plain text: the largest first."""
    return "\n".join(_lines(told)) + "\n"


def as_html(*, told: Forewarning) -> str:
    """The same as HTML that mail programs show alike. Whatever a customer is called is text."""
    language = told.language
    rows = "".join(
        f'<tr><td style="{_CELL}">{escape(each.customer_name)}<br>'
        f'<span style="color:#556563;font-size:13px">{escape(_how(each, language))}</span></td>'
        f'<td style="{_CELL};text-align:right;white-space:nowrap">{_amount(each, language)}</td></tr>'
        for each in _largest(told)
    )
    parts = [f'<h1 style="{_HEADING}">{escape(subject(told=told))}</h1>']
    if told.is_test_mode:
        parts.append(f'<p style="{_NOTE}">{escape(TEST_MODE().say(language))}</p>')
    if told.announced:
        totals = " · ".join(escape(total) for total in _totals(told))
        parts.append(
            f"<p>{escape(LEAVES(day=told.business_day).say(language))}<br><strong>{totals}</strong></p>"
        )
        parts.append(
            f'<table role="presentation" width="100%" style="border-collapse:collapse">{rows}</table>'
        )
        parts.extend(f"<p>{escape(more)}</p>" for more in _more(told))
    waiting = "".join(f"<li>{escape(each)}</li>" for each in _waiting(told))
    if waiting:
        parts.append(f'<h2 style="font-size:16px">{escape(YOURS().say(language))}</h2><ul>{waiting}</ul>')
    if told.link:
        label = escape(LOOK().say(language))
        parts.append(f'<p><a href="{escape(told.link)}" style="{_BUTTON}">{label}</a></p>')
    parts.append(f'<p style="color:#556563;font-size:13px">{escape(WHY().say(language))}</p>')
    return f'<!DOCTYPE html><html lang="{language}"><body style="{_PAGE}">{"".join(parts)}</body></html>'


_PAGE = (
    "margin:0 auto;max-width:600px;padding:24px 16px;color:#16292a;background:#ffffff;"
    "font:15px/1.55 -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
)
_HEADING = "font-size:20px;line-height:1.3;margin:0 0 16px"
_NOTE = "padding:10px 14px;background:#faeed6"
_CELL = "padding:8px 8px 8px 0;border-bottom:1px solid #e4e0d7;vertical-align:top"
_BUTTON = "display:inline-block;padding:10px 18px;background:#0b5351;color:#ffffff;text-decoration:none"


def _lines(told: Forewarning) -> Iterator[str]:
    language = told.language
    if told.is_test_mode:
        yield from (TEST_MODE().say(language), "")
    if told.announced:
        yield LEAVES(day=told.business_day).say(language)
        yield from _totals(told)
        yield ""
        for each in _largest(told):
            yield f"- {each.customer_name}, {_amount(each, language)} ({_how(each, language)})"
        yield from (*_more(told), "")
    waiting = _waiting(told)
    if waiting:
        yield YOURS().say(language)
        yield from (f"- {each}" for each in waiting)
        yield ""
    if told.link:
        yield from (f"{LOOK().say(language)} : {told.link}", "")
    yield WHY().say(language)


def _largest(told: Forewarning) -> list[Announced]:
    return sorted(told.announced, key=lambda each: (-each.amount_cents, each.customer_name))[:SHOWN]


def _more(told: Forewarning) -> list[str]:
    count = len(told.announced) - SHOWN
    return [MORE(count=count).say(told.language)] if count > 0 else []


def _totals(told: Forewarning) -> list[str]:
    """One a currency: they never mix."""
    found = []
    for currency in sorted({each.currency for each in told.announced}):
        mine = [each for each in told.announced if each.currency == currency]
        amount = Money(sum(each.amount_cents for each in mine), currency)
        found.append(TOTAL(count=len(mine), amount=amount).say(told.language))
    return found


def _waiting(told: Forewarning) -> list[str]:
    return [WAITS[kind](count=count).say(told.language) for kind, count in told.waits.items() if count]


def _amount(each: Announced, language: str) -> str:
    return Money(each.amount_cents, each.currency).format(language)


def _how(each: Announced, language: str) -> str:
    said = f"{each.step_code}, {CHANNEL_NAMES[each.channel]().say(language)}"
    return f"{said}, {NEEDS_APPROVAL().say(language)}" if each.needs_approval else said
