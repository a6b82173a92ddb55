"""What the Encaissements templates add: the references of a bank line marked in its text."""

from collections.abc import Collection, Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from encours.core.matching.texts import is_iban, spans_of
from encours.core.references import compact, folded, normalised_number
from encours.core.wording import Sentence
from encours.queries.bank_lines import LineRow

register = template.Library()
# parameters of a reason that name documents
_NAMING = ("numbers", "settled", "notes")


@register.filter
def marked(row: LineRow) -> SafeString:
    """A line's text with what led to its documents in `<mark>`; everything else escaped."""
    numbers, written = _named(row)
    spans = spans_of(row.remittance, numbers) or list(_occurrences(row.remittance, written))
    return _with_marks(row.remittance, spans)


@register.filter
def percent(confidence: float) -> int:
    return round(100 * confidence)


@register.filter
def short_account(name: str) -> str:
    """An account without a name is called by its IBAN: its ends are enough to recognise it."""
    return f"{name[:4]} … {name[-4:]}" if is_iban(compact(name)) else name


def _named(row: LineRow) -> tuple[set[str], str]:
    """Normalised numbers of the documents meant, and what the payer wrote."""
    reason = row.explanation.reason if row.explanation else row.reason
    named = [settled.number for settled in row.explanation.documents] if row.explanation else []
    written = ""
    if isinstance(reason, Sentence):
        for name in _NAMING:
            named += str(reason.params.get(name, "")).split(",")
        written = str(reason.params.get("written", ""))
    return {normalised_number(number) for number in named if number.strip()}, written


def _occurrences(text: str, written: str) -> Iterator[tuple[int, int]]:
    """Where a reference stands as it was written; folding may change a text's length, then nowhere."""
    line, wanted = folded(text), folded(written)
    if wanted and len(line) == len(text) and (start := line.find(wanted)) >= 0:
        yield start, start + len(wanted)


def _with_marks(text: str, spans: Collection[tuple[int, int]]) -> SafeString:
    pieces: list[tuple[SafeString]] = []
    last = 0
    for start, stop in spans:
        pieces.append((format_html("{}<mark>{}</mark>", text[last:start], text[start:stop]),))
        last = stop
    pieces.append((format_html("{}", text[last:]),))
    return format_html_join("", "{}", pieces)
