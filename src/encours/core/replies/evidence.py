"""What is really said in a reply: the cues that hold in its sentences, with the days and amounts around them.

What is denied, put on a condition, asked, or a habit is not said.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from encours.core.grammar.amounts import AmountFound, find_amounts
from encours.core.grammar.corrections import standing
from encours.core.grammar.dates import DateFound, Side, find_dates
from encours.core.grammar.languages import Language, language_of
from encours.core.grammar.plain import Plain, plain
from encours.core.replies import cues
from encours.core.replies.cues import CUES, Cue
from encours.core.replies.sentences import Sentence, sentences_of, unwrapped

_INTERROGATIVE = re.compile(
    r"^(?:bonjour,? |hello,? |hi,? |et |and |also,? )?(?:est-ce|quand|quel|combien|comment|pourquoi|qui|ou|peut|pouvons|pouvez|pourr|serait|avez|acceptez|on peut|"
    r"puis|faut|dois|when|what|which|how|why|who|where|can|could|would|will|do|did|does|have|has|may|is|are|should)\b"
)
_REFUSAL = re.compile(
    r"\bn(?:e |')(?:\S+ ){0,2}\S+ (?:\S+ ){0,2}(?:pas|rien|jamais|plus|qu'apres|qu'une)\b|\b(?:will not|will not|not going to|not be|never|can not|shall not)\b"
    r"|\b(?:paie|paye|regle) pas\b"
)
_LONE_DAY = re.compile(
    r"(?:le |on |au |du |the |by |avant le |des le )?(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|[a-z]+day)s?(?: (?:matin|soir|midi|morning|evening|afternoon))?"
    r"|(?:the )?\d{1,2}(?: ?(?:er|st|nd|rd|th))?)"
)


@dataclass(frozen=True)
class Evidence:
    """A cue met in a sentence, at places of the plain text."""

    cue: Cue
    sentence: int
    start: int
    end: int


@dataclass
class Heard:
    """A reply being read: its sentences with the days, amounts and cues in them."""

    written: Plain
    on: date
    sentences: list[Sentence]
    language: Language
    amounts: list[AmountFound]
    days: dict[Side, list[DateFound]]
    evidence: list[Evidence] = field(default_factory=list)

    def in_sentence(self, number: int, side: Side) -> list[DateFound]:
        sentence = self.sentences[number]
        return [day for day in self.days[side] if sentence.start <= day.start < sentence.end]


def hear(text: str, on: date) -> Heard:
    written = plain(unwrapped(text))
    language = language_of(written.text) or "fr"
    sides: tuple[Side, ...] = ("future", "past", "nearest")
    days: dict[Side, list[DateFound]] = {
        side: standing(written.text, find_dates(written, on=on, side=side, language=language))
        for side in sides
    }
    amounts = standing(written.text, find_amounts(written))
    return Heard(written, on, sentences_of(written), language, amounts, days)


def evidence_of(heard: Heard) -> list[Evidence]:
    """What is said, sentence by sentence. The same words count once for an intent, though both languages know them."""
    found: dict[tuple[object, ...], Evidence] = {}
    for number, sentence in enumerate(heard.sentences):
        if cues.SALUTATION.match(sentence.text):
            continue
        for cue in CUES:
            for match in cue.pattern.finditer(sentence.text):
                if _holds(cue, match.start(), match.end(), number, heard):
                    said = Evidence(cue, number, sentence.start + match.start(), sentence.start + match.end())
                    found.setdefault(
                        (cue.intent, cue.weight, cue.reason, cue.needs, said.start, said.end), said
                    )
                    break
    return list(found.values())


def _holds(cue: Cue, start: int, end: int, number: int, heard: Heard) -> bool:
    """Whether what the cue says is really said: not denied, not on a condition, not asked, with the days it needs."""
    sentence = heard.sentences[number]
    if cue.pattern.pattern == r"\?":
        return sentence.asks
    if cue.intent in ("promise", "already_paid"):
        first, last = sentence.clause(start)
        clause = sentence.text[first:last]
        asked = last == len(sentence.text) and cue.asks
        if sentence.asks and (asked or _INTERROGATIVE.match(sentence.text)):
            return False
        condition = cues.CONDITION.search(clause[: max(start - first, 0) + 1])
        if condition and not cues.AGREES.search(clause):
            return False
    if cue.intent == "already_paid" and not _paid_is_said(start, end, sentence):
        return False
    if cue.intent == "promise":
        if cue.needs and cues.CONTACT_BACK.search(sentence.text) and not cues.PAYS.search(sentence.text):
            return False
        if _is_refused(start, end, number, heard):
            return False
    if cue.intent == "dispute" and not _dispute_is_said(cue, start, end, number, heard):
        return False
    return _has_days(cue, number, heard)


def _paid_is_said(start: int, end: int, sentence: Sentence) -> bool:
    first, last = sentence.clause(start)
    clause = sentence.text[first : max(last, end)]
    said = sentence.text[max(first, start - 14) : end]
    expected = re.match(r"(?:should|must|dev|auriez|avez du)", sentence.text[start:end])
    if (not expected and cues.NOT_YET_PAID.search(said)) or cues.PRESENT.search(said):
        return False
    nothing_left = (
        re.search(r"\b(?:plus|no|nothing|rien|any|anything)\b", sentence.text[start:end]) is not None
    )
    if not nothing_left and any(
        match.end() + first >= start - 1 or match.start() + first < end
        for match in cues.NOT_DONE.finditer(clause)
    ):
        return False
    return not (cues.HABIT.search(sentence.text) or cues.CUSTOMER_OF_CUSTOMER.search(clause))


def _is_refused(start: int, end: int, number: int, heard: Heard) -> bool:
    """`ne paierons pas`, `will not pay`: the future of a refusal; with `avant le 15` it is a promise after all."""
    sentence = heard.sentences[number]
    first, _ = sentence.clause(start)
    refusal = _REFUSAL.search(sentence.text[max(first, start - 22) : end + 24])
    return refusal is not None and not _until_a_day(start, number, heard)


def _until_a_day(place: int, number: int, heard: Heard) -> bool:
    """`pas avant le 15`, `not until Friday`, `que fin janvier`: the words end in a day, so they are about time."""
    sentence = heard.sentences[number]
    for match in re.finditer(
        r"\b(?:avant|before|until|que|qu'a|qu'en|till)\b", sentence.text[place : place + 120]
    ):
        after = sentence.start + place + match.end()
        if any(match.start() - match.end() + after <= day.start <= after + 9 for day in heard.days["future"]):
            return True
    return False


def _dispute_is_said(cue: Cue, start: int, end: int, number: int, heard: Heard) -> bool:
    sentence = heard.sentences[number]
    if any(match.start() < end and start < match.end() for match in cues.NO_DISPUTE.finditer(sentence.text)):
        return (
            re.search(r"(?:refus\w+|rejet\w+|pas d'accord|payer)", sentence.text[start:end]) is not None
            and cue.reason != "refusal"
        )
    if sentence.asks and re.match(r"(?:avant|before)", sentence.text[start:end]):
        return False  # "can you confirm your details before we pay?"
    # "we cannot pay before the 15th" is about time, not about the invoice
    return cue.reason != "refusal" or cue.weight > 0.94 or not _until_a_day(start, number, heard)


def _has_days(cue: Cue, number: int, heard: Heard) -> bool:
    if cue.needs == "":
        return True
    sentence = heard.sentences[number]
    days = heard.in_sentence(number, "nearest")
    announced = re.search(
        r"\b(?:sans faute|promis|au plus tard|d'ici|prochain|without fail|at the latest|next|sous)\b",
        sentence.text,
    )
    bare = [day for day in days if _without_month(day, heard)]
    done = re.search(
        r"\b(?:fait|faite|parti|envoye|envoyee|effectue|paid|sent|posted|made|(?<!je )(?<!on )(?<!vous )paye|payes|payee|payees|regles|reglee|vires|verses|went|emis|execute)\b",
        sentence.text,
    )
    past = [
        day
        for day in days
        if day.looks == "past"
        or (day.date < heard.on and (done or day not in bare))
        or (day in bare and done and not announced)
    ]
    future = [
        day for day in days
        if day not in past and (day in bare or day.date > heard.on or day.looks == "future" or (day.date == heard.on and not done))
    ]  # fmt: skip
    if cue.needs == "future":
        return bool(future)
    if cue.needs == "past":
        return bool(past) and not future
    return not future


def _without_month(day: DateFound, heard: Heard) -> bool:
    """`mercredi`, `le 3`: the words leave open whether it is gone or to come."""
    words = heard.written.text[day.start : day.end]
    return _LONE_DAY.fullmatch(words) is not None
