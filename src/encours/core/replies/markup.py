"""The text of an HTML mail, lines as a reader sees them, what mail programs mark as quoted behind `>`."""

import re
from html.parser import HTMLParser

_SILENT = {"style", "script", "head", "title", "template", "noscript", "svg", "object", "select", "textarea"}
_VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "source"}
_BLOCKS = {"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "blockquote", "pre"}  # fmt: skip
# how mail programs mark what they quote
_QUOTING = re.compile(r"gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|divrplyfwdmsg|appendonsend|tutanota_quote|mail_quote|oriquote", re.I)  # fmt: skip
_REPLY_HEADER = re.compile(r"divrplyfwdmsg|appendonsend|olk_src_body_section", re.I)
_HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|mso-hide|visibility\s{0,9}:\s{0,9}hidden", re.I)
# beyond this depth of open elements nothing more is kept of their nesting: hostile mail, no reader sees it
MAX_DEPTH = 400


def text_of_html(html: str) -> str:
    """Text with line ends; quoted parts begin with `>`, what is not shown is left out. Never fails, whatever it is given.

    >>> text_of_html("<p>ok <b>vendredi</b></p><blockquote>Merci de payer</blockquote>")
    'ok vendredi\\n> Merci de payer'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[bool, list[str]]] = [(False, [])]
        self._open: list[tuple[str, bool, bool]] = []  # tag, silent, quoted
        self._history = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "hr") or tag in _BLOCKS:
            self._break()
        if tag in _VOID:
            return
        given = {name: value or "" for name, value in attrs}
        marks = f"{given.get('class', '')} {given.get('id', '')}"[:500]
        if _REPLY_HEADER.search(marks):
            self._history = True  # Outlook: all that follows is the message answered
        silent = tag in _SILENT or "hidden" in given or bool(_HIDDEN.search(given.get("style", "")[:2000]))
        quoted = tag == "blockquote" or bool(_QUOTING.search(marks))
        if len(self._open) < MAX_DEPTH:
            above = self._open[-1] if self._open else ("", False, False)
            self._open.append((tag, silent or above[1], quoted or above[2]))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        _, silent, quoted = self._open[-1] if self._open else ("", False, False)
        if silent:
            return
        quoted = quoted or self._history
        if self._lines[-1][0] != quoted:
            self._lines.append((quoted, []))
        self._lines[-1][1].append(data)

    def _break(self) -> None:
        if self._lines[-1][1]:
            self._lines.append((False, []))

    def text(self) -> str:
        told = [(quoted, " ".join("".join(parts).split())) for quoted, parts in self._lines]
        return "\n".join(f"> {line}" if quoted else line for quoted, line in told if line)
