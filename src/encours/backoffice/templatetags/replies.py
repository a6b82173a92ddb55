"""What the Réponses templates add: the words a reading rests on marked in what the customer wrote."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from encours.queries.replies import ReplyRow

register = template.Library()


@register.filter
def marked_reply(row: ReplyRow) -> SafeString:
    """The text of a reply with what its reading rests on in `<mark>`; everything else escaped: no markup of the mail survives."""
    text = row.text
    spans: list[tuple[int, int]] = []
    for words in row.because:
        # a mail program may have broken a line in the middle
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        found = re.search(pattern, text) if pattern else None
        if found and all(found.end() <= start or stop <= found.start() for start, stop in spans):
            spans.append(found.span())
    pieces: list[tuple[SafeString]] = []
    last = 0
    for start, stop in sorted(spans):
        pieces.append((format_html("{}<mark>{}</mark>", text[last:start], text[start:stop]),))
        last = stop
    pieces.append((format_html("{}", text[last:]),))
    return format_html_join("", "{}", pieces)


@register.filter
def percent_sure(confidence: float) -> int:
    """Rounded down, as thresholds count it."""
    return int(100 * confidence + 1e-9)
