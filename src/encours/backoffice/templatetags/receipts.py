"""What the Encaissements templates add: what led to a proposal marked in what the bank said, and its score."""

import re
from collections.abc import Collection, Iterator, Sequence
from math import floor

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from encours.core.matching.texts import is_iban, spans_of
from encours.core.references import compact, folded, normalised_number
from encours.core.wording import Sentence
from encours.queries.bank_lines import LineRow

register = template.Library()
Span = tuple[int, int]
# parameters of a reason that name documents, and those that tell what was read in the text
_NAMING = ("numbers", "settled", "notes", "cited")
_READ = ("written", "recognised")
# fewer letters of a name are found by chance
_LEAST_LETTERS = 4
_WORD = re.compile("[A-Z0-9]+")
_LEGAL_FORMS = frozenset(
    {"SARL", "SAS", "SASU", "SA", "EURL", "SNC", "SCI", "SCOP", "EARL", "GAEC", "EI", "LTD", "GMBH"}
)


@register.filter
def marked(row: LineRow) -> SafeString:
    """A line's text with what led to its documents and its payer in `<mark>`; everything else escaped."""
    text = row.remittance
    numbers, read = _named(row)
    spans = spans_of(text, numbers)
    for words in (*read, *_names(row)):
        spans += _apart(_occurrences(text, words), spans)
    return _with_marks(text, sorted(spans))


@register.filter
def payer(row: LineRow) -> SafeString:
    """The name the bank gives the payer, with what of it is the customer's in `<mark>`; everything else escaped."""
    text = row.counterparty_name
    _numbers, read = _named(row)
    spans: list[Span] = []
    for words in (*read, *_names(row)):
        spans += _apart(_occurrences(text, words), spans)
    return _with_marks(text, sorted(spans))


@register.filter
def percent(confidence: float) -> int:
    """Rounded down, as proposals are counted from a score on: what is said to be 95 % is at least that."""
    return floor(100 * confidence + 1e-9)


@register.filter
def short_account(name: str) -> str:
    """An account without a name is called by its IBAN: its ends are enough to recognise it."""
    return f"{name[:4]} … {name[-4:]}" if is_iban(compact(name)) else name


def _named(row: LineRow) -> tuple[set[str], list[str]]:
    """Normalised numbers of the documents meant, and what was read in the text as the payer or the bank wrote it."""
    named = [settled.number for settled in row.explanation.documents] if row.explanation else []
    read: list[str] = []
    for name, value in _params(row.explanation.reason if row.explanation else row.reason):
        if name in _NAMING:
            named += str(value).split(",")
        elif name in _READ and value:
            read.append(str(value))
    return {normalised_number(number) for number in named if number.strip()}, read


def _names(row: LineRow) -> list[str]:
    """Beginnings of the customer's name, the longest first: banks cut names."""
    name = row.explanation.customer_name if row.explanation else ""
    words = [word for word in _words(name) if word not in _LEGAL_FORMS]
    beginnings = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return [each for each in beginnings if len(each.replace(" ", "")) >= _LEAST_LETTERS]


def _params(reason: Sentence | None) -> Iterator[tuple[str, object]]:
    """Parameters of a reason and of the sentences inside it."""
    for name, value in reason.params.items() if reason else ():
        if isinstance(value, Sentence):
            yield from _params(value)
        else:
            yield name, value


def _occurrences(text: str, written: str) -> Iterator[Span]:
    """Where words stand in a text, whatever case, accents and signs between them; the first place."""
    wanted = _words(written)
    # one character for one, so that places in what is compared are places in the text
    line = text.upper() if text.isascii() else "".join(_one(char) for char in text)
    said = [(found.group(), *found.span()) for found in _WORD.finditer(line)]
    for first in range(len(said) - len(wanted) + 1 if wanted else 0):
        stretch = said[first : first + len(wanted)]
        if [word for word, _, _ in stretch] == wanted:
            yield stretch[0][1], stretch[-1][2]
            return


def _one(char: str) -> str:
    plain = folded(char)
    return plain if len(plain) == 1 else " "


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _apart(spans: Iterator[Span], known: Sequence[Span]) -> list[Span]:
    """Those that touch none of the known."""
    return [each for each in spans if all(each[1] <= start or stop <= each[0] for start, stop in known)]


def _with_marks(text: str, spans: Collection[Span]) -> SafeString:
    pieces: list[tuple[SafeString]] = []
    last = 0
    for start, stop in spans:
        pieces.append((format_html("{}<mark>{}</mark>", text[last:start], text[start:stop]),))
        last = stop
    pieces.append((format_html("{}", text[last:]),))
    return format_html_join("", "{}", pieces)
