"""What the customer wrote: a reply without the history it quotes, without signature and legal footer.

Our own reminder speaks of payment, dates and disputes: none of it may be read as an answer.
"""

import re

# no reply that a person wrote is longer; more is a log or an attack
MAX_CHARS = 20_000
_MONTH_OR_DAY = r"(?:\d{1,4}|lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)"
# "Le 16 nov. 2026 à 09:12, X a écrit :" and "On Mon, Nov 16, 2026 at 9:12 AM X wrote:", perhaps over two or three lines
_ATTRIBUTION = re.compile(
    rf"[>\s]{{0,20}}(?:(?:le|on|en date du|am|el)\s{{1,3}}(?:the\s)?{_MONTH_OR_DAY}.{{0,260}}?(?:a\s{{1,3}}[ée]crit|wrote|escribi[óo]|schrieb)\s{{0,3}}:?"
    r"|[^\n]{1,160}<[^<>@\s]{1,80}@[^<>\s]{1,120}>\s{1,3}(?:a\s{1,3}[ée]crit|wrote)\s{0,3}:?)\s{0,9}",
    re.IGNORECASE | re.DOTALL,
)
_RULER = re.compile(
    r"\s{0,9}(?:[-_=*]{2,60}\s{0,3}(?:message d'origine|message original|original message|message transf[ée]r[ée]|forwarded message|message transmis|"
    r"courriel d'origine|begin forwarded message|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|e-mail d'origine|reply message|original appointment)"
    r"|(?:d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|begin forwarded message)\s{0,3}:)",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\s{0,9}\*{0,2}(?:de|from|exp[ée]diteur|sender|von)\s{0,2}:\s{0,2}\*{0,2}\s{0,2}\S", re.IGNORECASE
)
_OTHER_HEADER = re.compile(
    r"\s{0,9}\*{0,2}(?:envoy[ée](?: le)?|sent|date|[àa]|to|cc|objet|subject|destinataires?|re[çc]u|pour)\s{0,2}:",
    re.IGNORECASE,
)
_UNDERLINE = re.compile(r"\s{0,9}(?:_{10,}|-{20,}|={20,})\s{0,9}")
_SIGNATURE = re.compile(r"-- ?|—|__|--+")
_CLOSING = re.compile(
    r"(?:bien |tr[èe]s |meilleures |sinc[èe]res |avec mes |mes |nos )?(?:cordialement|cdt|cdlt|cldt|bcdt|crdt|salutations(?: distingu[ée]es)?|bien [àa] (?:vous|toi)|sinc[èe]rement|respectueusement|amicalement|[àa] bient[ôo]t|"
    r"best|(?:kind|best|warm|many)(?:est)? regards|regards|br|sincerely|yours(?: sincerely| faithfully| truly)?|sincerely yours|cheers|all the best|rgds|kr)"
    r"(?: [àa] vous)?\s{0,3}[,.!]{0,3}",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"(?:envoy[ée] (?:de|depuis|[àa] partir d)|sent (?:from|with|via) |get outlook|t[ée]l[ée]charger outlook|obtenez outlook|provenance : courrier)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"(?:ce (?:message|courriel|mail|courrier [ée]lectronique)(?: [ée]lectronique)?(?: et| est| peut| ainsi|, y compris| \(y compris).{0,160}(?:confidentiel|destin)|this (?:e-?mail|message|communication).{0,160}(?:confidential|intended|privileged)|"
    r"(?:si vous n'[êe]tes pas|if you are not) (?:le |the )?(?:bon |v[ée]ritable |intended )?(?:destinataire|recipient)|avant d'imprimer|n'imprimez|pensez [àa] l'environnement|consider the environment|"
    r"(?:sarl|sas|sa|eurl|limited|ltd).{0,40} au capital de|registered (?:in england|office)|confidentialit[ée] ?:|confidentiality notice|disclaimer ?:|(?:virus|avast|norton).{0,40}(?:www|http|free))",
    re.IGNORECASE | re.DOTALL,
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.?\s{0,2}[:.\-]?\s", re.IGNORECASE)


def what_was_written(text: str) -> str:
    """The new part of a reply, at most `MAX_CHARS` of it.

    Lines behind `>` are dropped wherever they stand; a history that is not marked so (Outlook) ends what was written. What stands
    below a history marked with `>` is an answer below the quote and is kept.

    >>> what_was_written("ok vendredi\\n\\nLe 16 nov. 2026, Delorme a écrit :\\n> Merci de payer")
    'ok vendredi'
    """
    lines = [
        line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n", 4000)[:4000]
    ]
    kept = _without_history([line[:4000] for line in lines])
    return _without_signature(kept)[:MAX_CHARS].strip()


def _without_history(lines: list[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        if _is_quoted(line):
            place += 1
            continue
        if _RULER.match(line) or _is_header_block(lines, place):
            break
        taken = _attribution(lines, place)
        if taken:
            place += taken
            if not _is_quoted(_next_words(lines, place)):
                break  # the program does not mark what it quotes: all the rest is history
            continue
        kept.append(line)
        place += 1
    return kept


def _is_quoted(line: str) -> bool:
    return line.lstrip()[:1] == ">" or line.startswith("|>")


def _next_words(lines: list[str], place: int) -> str:
    return next((line for line in lines[place : place + 10] if line.strip()), "")


def _is_header_block(lines: list[str], place: int) -> bool:
    """`De : … Envoyé : … Objet : …`, with or without a line drawn above."""
    if _UNDERLINE.fullmatch(lines[place]):
        following = [line for line in lines[place + 1 : place + 6] if line.strip()]
        return bool(following) and _FROM.match(following[0]) is not None
    if not _FROM.match(lines[place]):
        return False
    return any(_OTHER_HEADER.match(line) for line in lines[place + 1 : place + 5])


def _attribution(lines: list[str], place: int) -> int:
    """How many lines from here are `Le … a écrit :`; 0 when they are something else."""
    if not lines[place].strip():
        return 0
    for count in (1, 2, 3):
        several = "\n".join(lines[place : place + count])
        if len(several) > 400:
            return 0
        if _ATTRIBUTION.fullmatch(several):
            return count
    return 0


def _without_signature(lines: list[str]) -> str:
    body: list[str] = []
    for place, line in enumerate(lines):
        bare = line.strip()
        said = any(each.strip() for each in body)
        if said and (_SIGNATURE.fullmatch(bare) or _DEVICE.match(bare)):
            break
        if _LEGAL.search(bare):
            break
        if said and _CLOSING.fullmatch(bare) and _says_more_than_a_greeting(body):
            body += [each for each in lines[place + 1 :] if _POSTSCRIPT.match(each.strip())]
            break
        if not _DEVICE.match(bare):
            body.append(line)
    return "\n".join(body)


def _says_more_than_a_greeting(body: list[str]) -> bool:
    return any(
        len(line.split()) > 3 or line.strip()[-1:] in ".!?" or (line.strip() and place > 0)
        for place, line in enumerate(body)
    )
