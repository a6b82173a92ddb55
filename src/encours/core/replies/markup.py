"""The text of an HTML mail, lines as a reader sees them, what mail programs mark as quoted behind `>`.

A scanner of one pass of our own: the standard library's parser takes minutes over a megabyte of unclosed tags, and nothing here needs
more than text, line ends and which elements are quotes or hidden.
"""

import re
from html import unescape

_SILENT = {"style", "script", "head", "title", "template", "noscript", "svg", "object", "select", "textarea"}
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "source"}
_BLOCKS = {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "pre"}  # fmt: skip
# how mail programs mark what they quote
_QUOTING = re.compile(r"gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote|mail_quote|oriquote", re.I)  # fmt: skip
# Outlook: all that follows is the message answered
_REPLY_HEADER = re.compile(r"divrplyfwdmsg|appendonsend|olk_src_body_section", re.I)
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|mso-hide|visibility\s{0,9}:\s{0,9}hidden", re.I)
_TAG = re.compile(r"(?P<closes>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]{0,19})")
_ATTRIBUTE = re.compile(
    r"""\b(class|id|style)\s{0,9}=\s{0,9}(?:"([^"]{0,2000})|'([^']{0,2000})|([^\s"'>]{1,200}))""", re.I
)
_MAX_TAG_CHARS = 4000
# beyond this depth nothing more is kept of what is inside what: no mail is, attacks are
MAX_DEPTH = 400


def text_of_html(html: str) -> str:
    """Text with line ends; quoted parts begin with `>`, what is not shown is left out. Takes any text, in time linear in its length.

    >>> text_of_html("<p>ok <b>vendredi</b></p><blockquote>Merci de payer</blockquote>")
    'ok vendredi\\n> Merci de payer'
    """
    page = _Page()
    place = 0
    while (opening := html.find("<", place)) >= 0:
        page.say(html[place:opening])
        if html.startswith("<!--", opening):
            closing = html.find("-->", opening + 4)
            if closing < 0:
                return page.text()
            place = closing + 3
            continue
        closing = html.find(">", opening)
        if closing < 0:
            place = opening
            break
        tag = _TAG.match(html, opening + 1)
        if tag is None and html[opening + 1 : opening + 2] not in ("!", "?", "/"):
            page.say("<")  # "<" of a sentence
            place = opening + 1
            continue
        if tag is not None:
            page.tag(
                tag["name"].lower(),
                html[tag.end() : min(closing, tag.end() + _MAX_TAG_CHARS)],
                closes=bool(tag["closes"]),
            )
        place = closing + 1
    page.say(html[place:])
    return page.text()


class _Page:
    """Lines so far, and which elements are open: (name, not shown, quoted), each as its parent or more."""

    def __init__(self) -> None:
        self._lines: list[tuple[bool, list[str]]] = [(False, [])]
        self._open: list[tuple[str, bool, bool]] = []
        self._history = False

    def tag(self, name: str, attributes: str, *, closes: bool) -> None:
        if name in ("br", "hr") or name in _BLOCKS:
            self._break()
        if closes:
            self._close(name)
        elif name not in _VOID and not attributes.endswith("/") and len(self._open) < MAX_DEPTH:
            self._enter(name, attributes)

    def say(self, text: str) -> None:
        _, silent, quoted = self._open[-1] if self._open else ("", False, False)
        if silent or not text:
            return
        quoted = quoted or self._history
        if self._lines[-1][0] != quoted:
            self._lines.append((quoted, []))
        self._lines[-1][1].append(text)

    def text(self) -> str:
        told = [(quoted, " ".join(unescape("".join(parts)).split())) for quoted, parts in self._lines]
        return "\n".join(f"> {line}" if quoted else line for quoted, line in told if line)

    def _enter(self, name: str, attributes: str) -> None:
        given = {
            found[0].lower(): found[1] or found[2] or found[3] for found in _ATTRIBUTE.findall(attributes)
        }
        marks = f"{given.get('class', '')} {given.get('id', '')}"
        if _REPLY_HEADER.search(marks):
            self._history = True
        above = self._open[-1] if self._open else ("", False, False)
        silent = name in _SILENT or _HIDDEN.search(given.get("style", "")) is not None
        quoted = name == "blockquote" or _QUOTING.search(marks) is not None
        self._open.append((name, silent or above[1], quoted or above[2]))

    def _close(self, name: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == name:
                del self._open[place:]
                return

    def _break(self) -> None:
        if self._lines[-1][1]:
            self._lines.append((False, []))
