"""What a reply means: one intent to act on, its day and amount, how sure that is and the words it rests on.

Cues of every sentence are weighed; what is denied, on a condition, a habit or a question does not count as said. When several intents
are in one reply, the one that must stop or move dunning first is acted on (a dispute before a payment, a payment before a question)
and the others are told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from encours.core.grammar.amounts import AmountFound, find_amounts
from encours.core.grammar.business_days import is_business_day
from encours.core.grammar.corrections import standing
from encours.core.grammar.dates import Certainty, DateFound, Side, find_dates
from encours.core.grammar.languages import Language, language_of
from encours.core.grammar.plain import Plain, plain
from encours.core.replies import cues
from encours.core.replies.cues import CUES, Cue, Intent
from encours.core.replies.mail import Reply
from encours.core.replies.references import references_in
from encours.core.replies.sentences import Sentence, sentences_of, unwrapped
from encours.core.replies.written import what_was_written

# an intent weighs enough to be named
_SAID = 0.55
_MOST_BECAUSE = 4
_INTERROGATIVE = re.compile(
    r"^(?:bonjour,? |hello,? |hi,? |et |and |also,? )?(?:est-ce|quand|quel|combien|comment|pourquoi|qui|ou|peut|pouvons|pouvez|pourr|serait|avez|acceptez|on peut|"
    r"puis|faut|dois|when|what|which|how|why|who|where|can|could|would|will|do|did|does|have|has|may|is|are|should)\b"
)
_REFUSAL = re.compile(
    r"\bn(?:e |')(?:\S+ ){0,2}\S+ (?:\S+ ){0,2}(?:pas|rien|jamais|plus|qu'apres|qu'une)\b|\b(?:will not|will not|not going to|not be|never|can not|can not|shall not)\b"
    r"|\b(?:paie|paye|regle) pas\b"
)
_RANGE = re.compile(r"\b(?:du|from|between|entre)\b.{1,40}\b(?:au|to|et|and|through)\b")
_LONE_DAY = re.compile(
    r"(?:le |on |au |du |the |by |avant le |des le )?(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|[a-z]+day)s?(?: (?:matin|soir|midi|morning|evening|afternoon))?"
    r"|(?:the )?\d{1,2}(?: ?(?:er|st|nd|rd|th))?)"
)
_SHORT_WORDS = 14
# what stands around a day in "ok pour vendredi, merci"
_FILLERS_WORDS = """
ok okay oui yes d accord entendu parfait promis sure fine deal pour le la les l a au on by the for at it s is
in this that c est ce ca merci thanks thank you cordialement cdt regards bonjour hello hi svp please max
maximum soir matin then so alors no problem pas de souci probleme sans faute latest tard plus je nous on we i
vous will va voila madame monsieur bonne journee d'ici
"""
_FILLERS = frozenset(_FILLERS_WORDS.split())


@dataclass(frozen=True)
class Evidence:
    """A cue met in a sentence, at places of the plain text."""

    cue: Cue
    sentence: int
    start: int
    end: int


@dataclass(frozen=True)
class Understanding:
    """How a reply was understood.

    `day` is the day promised, paid on or of return; `amount_cents` what was promised or paid, None when it says none (`share` when
    it says a part of what is owed). `confidence` is the share of such readings that are right, as measured. `because` is verbatim text of
    the reply. `also` are the other intents it holds, `reason` that of a dispute.
    """

    intent: Intent
    confidence: float
    day: date | None = None
    day_certainty: Certainty | None = None
    amount_cents: int | None = None
    currency: str = "EUR"
    share: Fraction | None = None
    reason: str = ""
    because: tuple[str, ...] = ()
    also: tuple[Intent, ...] = ()
    references: tuple[str, ...] = ()
    languages: tuple[Language, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "intent": self.intent,
            "date": self.day.isoformat() if self.day else None,
            "amount_cents": self.amount_cents,
            "confidence": self.confidence,
            "because": list(self.because),
            "date_certainty": self.day_certainty,
            "currency": self.currency if self.amount_cents is not None else None,
            "share": float(self.share) if self.share is not None else None,
            "reason": self.reason or None,
            "also": list(self.also),
            "references": list(self.references),
            "languages": list(self.languages),
        }


@dataclass
class _Heard:
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


def understand(reply: Reply, *, on: date) -> Understanding:
    """The meaning of a reply. Days count from its own day when it says one that is not after `on`, else from `on`.

    Works on any text; the same reply always means the same.
    """
    told_on = reply.written_on
    day = told_on if told_on is not None and told_on <= on + timedelta(days=1) else on
    heard = _hear(what_was_written(reply.text), day)
    if reply.bounced:
        return _told(heard, "other", 0.97, [])
    heard.evidence = _evidence(heard)
    scores = _scores(heard)
    if reply.automatic:
        scores = _of_a_machine(scores, heard)
    intent: Intent = _first_to_act_on(scores, heard, automatic=reply.automatic)
    reasons = [each for each in heard.evidence if each.cue.intent == intent]
    if intent == "promise" and not reasons:
        scores["promise"] = 0.72
    understood = _told(heard, intent, _confidence(intent, scores, heard), reasons)
    also: list[Intent] = [
        other for other, score in scores.items() if other != intent and score >= 0.8 and other != "other"
    ]
    return replace(understood, also=tuple(sorted(also, key=lambda other: -scores[other])))


def _hear(text: str, on: date) -> _Heard:
    written = plain(unwrapped(text))
    language = language_of(written.text) or "fr"
    sides: tuple[Side, ...] = ("future", "past", "nearest")
    days: dict[Side, list[DateFound]] = {
        side: standing(written.text, find_dates(written, on=on, side=side, language=language))
        for side in sides
    }
    amounts = standing(written.text, find_amounts(written))
    return _Heard(written, on, sentences_of(written), language, amounts, days)


def _evidence(heard: _Heard) -> list[Evidence]:
    found = []
    for number, sentence in enumerate(heard.sentences):
        if cues.SALUTATION.match(sentence.text):
            continue
        for cue in CUES:
            for match in cue.pattern.finditer(sentence.text):
                if _holds(cue, match.start(), match.end(), number, heard):
                    found.append(
                        Evidence(cue, number, sentence.start + match.start(), sentence.start + match.end())
                    )
                    break
    return found


def _holds(cue: Cue, start: int, end: int, number: int, heard: _Heard) -> bool:
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
    if cues.NOT_YET_PAID.search(sentence.text[max(first, start - 8) : end]):
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


def _is_refused(start: int, end: int, number: int, heard: _Heard) -> bool:
    """`ne paierons pas`, `will not pay`: the future of a refusal; with `avant le 15` it is a promise after all."""
    sentence = heard.sentences[number]
    first, _ = sentence.clause(start)
    refusal = _REFUSAL.search(sentence.text[max(first, start - 22) : end + 24])
    return refusal is not None and not _until_a_day(start, number, heard)


def _until_a_day(place: int, number: int, heard: _Heard) -> bool:
    """`pas avant le 15`, `not until Friday`, `que fin janvier`: the words end in a day, so they are about time."""
    sentence = heard.sentences[number]
    for match in re.finditer(
        r"\b(?:avant|before|until|que|qu'a|qu'en|till)\b", sentence.text[place : place + 120]
    ):
        after = sentence.start + place + match.end()
        if any(match.start() - match.end() + after <= day.start <= after + 9 for day in heard.days["future"]):
            return True
    return False


def _dispute_is_said(cue: Cue, start: int, end: int, number: int, heard: _Heard) -> bool:
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


def _has_days(cue: Cue, number: int, heard: _Heard) -> bool:
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


def _without_month(day: DateFound, heard: _Heard) -> bool:
    """`mercredi`, `le 3`: the words leave open whether it is gone or to come."""
    words = heard.written.text[day.start : day.end]
    return _LONE_DAY.fullmatch(words) is not None


def _scores(heard: _Heard) -> dict[Intent, float]:
    """Of each intent, how likely its cues make it, taken as independent; several of one sentence count little more than one."""
    doubt: dict[Intent, float] = {}
    met: list[Intent] = [each.cue.intent for each in heard.evidence]
    for intent in dict.fromkeys(met):
        by_sentence: dict[int, list[float]] = {}
        for each in heard.evidence:
            if each.cue.intent == intent:
                by_sentence.setdefault(each.sentence, []).append(each.cue.weight)
        left = 1.0
        for weights in by_sentence.values():
            strongest = max(weights)
            left *= 1 - min(0.99, strongest + 0.02 * (len(weights) - 1))
        doubt[intent] = left
    return {intent: 1 - left for intent, left in doubt.items()}


def _of_a_machine(scores: dict[Intent, float], heard: _Heard) -> dict[Intent, float]:
    """A machine promises, disputes and pays nothing."""
    kept: dict[Intent, float] = {
        intent: score
        for intent, score in scores.items()
        if intent in ("out_of_office", "wrong_contact", "other")
    }
    if not kept and heard.days["future"]:
        kept["out_of_office"] = 0.8
    return kept


def _first_to_act_on(scores: dict[Intent, float], heard: _Heard, *, automatic: bool) -> Intent:
    """The intent that decides what happens next."""

    def score(intent: Intent) -> float:
        return scores.get(intent, 0.0)

    away, moved = score("out_of_office"), score("wrong_contact")
    own_words = max(score("promise"), score("dispute"), score("already_paid"))
    if score("other") >= 0.9 and away < 0.9:
        return "other"
    back = _return_day(heard)
    if away >= 0.9 and (
        automatic or own_words < 0.8 or (back is not None and (own_words < 0.88 or _only_while_away(heard)))
    ):
        gone_for_good = any(
            each.cue.weight > 0.9 and each.cue.intent == "wrong_contact" and re.search(r"quitte|left|effectifs|plus|no longer|retrait|retired", heard.written.text[each.start : each.end])
            for each in heard.evidence
        )  # fmt: skip
        return "wrong_contact" if gone_for_good and back is None else "out_of_office"
    if score("dispute") >= 0.85:
        return "dispute"
    if moved >= 0.9 and own_words < 0.9:
        return "wrong_contact"
    if score("promise") >= _SAID and score("already_paid") >= _SAID:
        still_to_come = score("promise") >= min(0.88, score("already_paid") - 0.03)
        return "promise" if still_to_come and _promised_day(heard) else "already_paid"
    for intent in ("already_paid", "promise"):
        if score(intent) >= _SAID:
            return intent
    if score("unsubscribe") >= 0.9:
        return "unsubscribe"
    if moved >= 0.7 and score("question") < 0.9:
        return "wrong_contact"
    if (
        _is_little_but_a_day(heard)
        and score("other") == 0
        and not any(each.asks for each in heard.sentences)
        and score("question") < _SAID
        and _coming(heard)
    ):
        return "promise"
    return "question" if score("question") >= _SAID else "other"


def _only_while_away(heard: _Heard) -> bool:
    """The words of payment stand in the sentence that says when somebody is back."""
    away = {each.sentence for each in heard.evidence if each.cue.intent == "out_of_office"}
    said = {
        each.sentence
        for each in heard.evidence
        if each.cue.intent in ("promise", "dispute", "already_paid") and each.cue.needs == ""
    }
    own = {
        each.sentence for each in heard.evidence
        if each.cue.intent == "promise" and re.search(r"pa[iy]er|regler|virer|verser|\bpay\b|settle|transfer", heard.written.text[each.start : each.end])
    }  # fmt: skip
    return said <= away and not own


def _is_little_but_a_day(heard: _Heard) -> bool:
    """`ok vendredi`, `sous 10 jours svp`: to a reminder, a day and nothing else is a promise."""
    text = heard.written.text
    words = re.findall(r"[a-z0-9]+", text)
    if len(words) > _SHORT_WORDS:
        return False
    named = [*heard.days["future"], *heard.amounts]
    left = [
        match[0] for match in re.finditer(r"[a-z0-9]+", text)
        if match[0] not in _FILLERS and not any(found.start <= match.start() < found.end for found in named)
    ]  # fmt: skip
    return len(left) <= 1


def _coming(heard: _Heard) -> list[DateFound]:
    return [day for day in heard.days["future"] if day.looks != "past" and day.date >= heard.on]


def _told(heard: _Heard, intent: Intent, confidence: float, reasons: Sequence[Evidence]) -> Understanding:
    """The intent with what belongs to it."""
    strongest = sorted(reasons, key=lambda each: (-each.cue.weight, each.start))
    day, amount, reason = None, None, ""
    if intent == "promise":
        day = _promised_day(heard)
        amount = _amount(heard, strongest, day)
    elif intent == "already_paid":
        day = _paid_day(heard, strongest)
        amount = _amount(heard, strongest, day)
    elif intent == "out_of_office":
        day = _return_day(heard)
    elif intent == "dispute" and strongest:
        # a refusal says that, another cue says why
        why = [each for each in strongest if each.cue.reason not in ("refusal", "other")] or strongest
        reason = why[0].cue.reason
    languages: dict[Language, None] = {each.language: None for each in heard.sentences if each.language}
    return Understanding(
        intent,
        round(confidence, 2),
        day=day.date if day else None,
        day_certainty=day.certainty if day else None,
        amount_cents=amount.cents if amount else None,
        currency=amount.currency if amount else "EUR",
        share=amount.share if amount else None,
        reason=reason,
        because=_because(heard, strongest, day, amount),
        references=references_in(heard.written),
        languages=tuple(languages),
    )


def _because(
    heard: _Heard, strongest: Sequence[Evidence], day: DateFound | None, amount: AmountFound | None
) -> tuple[str, ...]:
    """The words of the customer, each once, none inside another, in the order they were written."""
    spans: list[tuple[int, int]] = []
    placed: list[tuple[int, int]] = [(each.start, each.end) for each in (day, amount) if each is not None]
    for start, end in [*((each.start, each.end) for each in strongest), *placed]:
        within = any(first <= start and end <= last for first, last in spans)
        if not within and (len(spans) < _MOST_BECAUSE or (start, end) in placed):
            spans = [span for span in spans if not (start <= span[0] and span[1] <= end)]
            spans.append((start, end))
    told = (heard.written.verbatim(start, end).strip() for start, end in sorted(spans))
    return tuple(dict.fromkeys(each for each in told if each))


def _nearest(found: Iterable[DateFound], places: Sequence[int], heard: _Heard) -> DateFound | None:
    """Of several days the one said with the cue: in its clause, then after it, then near; exact before approximate."""
    listed = list(found)
    if not listed:
        return None

    def rank(day: DateFound) -> tuple[float, ...]:
        return min(_apart(day.start, place, heard) for place in places) if places else (0, 0, 0)

    best = min(listed, key=lambda day: (*rank(day), day.start))
    if best.certainty != "exact":
        exact = [day for day in listed if day.certainty == "exact" and rank(day)[0] <= rank(best)[0]]
        return min(exact, key=rank) if exact else best
    return best


def _apart(thing: int, place: int, heard: _Heard) -> tuple[float, ...]:
    number = _sentence_at(place, heard)
    sentence = heard.sentences[number]
    here = _sentence_at(thing, heard)
    if here != number:
        return (3 + (0 if here > number else 0.5), abs(here - number), abs(thing - place))
    same_clause = sentence.clause(thing - sentence.start) == sentence.clause(place - sentence.start)
    return (0 if same_clause else 1 if thing > place else 2, 0, abs(thing - place))


def _sentence_at(place: int, heard: _Heard) -> int:
    for number, sentence in enumerate(heard.sentences):
        if place < sentence.end:
            return number
    return max(0, len(heard.sentences) - 1)


def _places(heard: _Heard, intent: Intent) -> list[int]:
    """Where the strongest cues of an intent end."""
    own = [each for each in heard.evidence if each.cue.intent == intent]
    best = max((each.cue.weight for each in own), default=0)
    return [each.end for each in own if each.cue.weight >= best - 0.03]


def _promised_day(heard: _Heard) -> DateFound | None:
    others = {
        each.sentence
        for each in heard.evidence
        if each.cue.intent in ("already_paid", "out_of_office", "dispute")
    }
    own = {each.sentence for each in heard.evidence if each.cue.intent == "promise"}
    days = [
        day
        for day in _coming(heard)
        if (number := _sentence_at(day.start, heard)) in own or number not in others
    ]
    days = [day for day in days if not _is_until(day, heard)] or days
    return _nearest(days, _places(heard, "promise"), heard)


def _is_until(day: DateFound, heard: _Heard) -> bool:
    """`en congés jusqu'au 6`: a day told of something else in the same sentence."""
    sentence = heard.sentences[_sentence_at(day.start, heard)]
    first, last = sentence.clause(day.start - sentence.start)
    return re.search(r"\b(?:conges?|absente?|vacances|leave|holiday|away|ferme\w*|closed|echue?s?|due on|dated|datee\\b|invoice of|facture du|courrier du|mail du|letter of|chantier du)\b", sentence.text[first:last]) is not None  # fmt: skip


def _paid_day(heard: _Heard, strongest: Sequence[Evidence]) -> DateFound | None:
    sentences = {each.sentence for each in strongest}
    days = [
        day for day in heard.days["past"]
        if day.looks != "future" and (day.certainty != "approximate" or day.looks == "past") and day.date <= heard.on and not _is_until(day, heard)
        and (_sentence_at(day.start, heard) in sentences or len(heard.sentences) <= 2 or day.looks == "past")
    ]  # fmt: skip
    return _nearest(days, _places(heard, "already_paid"), heard)


def _amount(heard: _Heard, strongest: Sequence[Evidence], day: DateFound | None) -> AmountFound | None:
    """The amount said with the cue: one in money before a share; the whole of it is no share."""
    places = _places(heard, strongest[0].cue.intent) if strongest else [0]
    others = (
        {
            each.sentence
            for each in heard.evidence
            if each.cue.intent != strongest[0].cue.intent and each.cue.weight >= 0.9
        }
        if strongest
        else set()
    )
    own = {each.sentence for each in strongest}
    listed = [
        found
        for found in heard.amounts
        if (number := _sentence_at(found.start, heard)) in own or number not in others
    ]
    listed = [found for found in listed if found.share != 1]
    in_money = [found for found in listed if found.cents is not None]
    if day is not None:
        places = [*places, day.start]
    choice = in_money or listed
    if not choice:
        return None
    return min(
        choice, key=lambda found: (*min(_apart(found.start, place, heard) for place in places), found.start)
    )


def _return_day(heard: _Heard) -> DateFound | None:
    """The first day somebody is back: what is told as return, else the day after an absence that includes its last."""
    text = heard.written.text
    returns, untils = [], []
    for day in _coming(heard):
        sentence = heard.sentences[_sentence_at(day.start, heard)]
        before = text[max(sentence.start, day.start - 45) : day.end]
        if cues.RETURN.search(before):
            returns.append(day)
        elif cues.UNTIL.search(text[max(sentence.start, day.start - 12) : min(sentence.end, day.end + 8)]):
            untils.append(day)
    if returns:
        return returns[0]
    if not untils:
        return None
    last = untils[-1]
    sentence = heard.sentences[_sentence_at(last.start, heard)]
    ranged = _RANGE.search(heard.written.text[sentence.start : last.end]) is not None
    inclusive = cues.INCLUSIVE.search(sentence.text) is not None or (ranged and "until" not in sentence.text)
    back = last.date + timedelta(days=1) if inclusive else last.date
    while not is_business_day(back):
        back += timedelta(days=1)
    return replace(last, date=back, certainty="exact" if inclusive else "approximate")


def _confidence(intent: Intent, scores: dict[Intent, float], heard: _Heard) -> float:
    """How often a reading like this one is right.

    The weight of the words, less what speaks for another intent; the steps are what was measured on the labelled replies
    (`./dev bench replies`), never more than 0.97.
    """
    own = scores.get(intent, 0.0)
    rival = max((score for other, score in scores.items() if other != intent), default=0.0)
    if intent == "other":
        if own >= 0.9:
            return 0.93
        words = len(heard.written.text.split())
        return 0.85 if own else 0.72 if words <= 6 else 0.5
    lost = 0.0 if rival < _SAID else 0.12 if rival < own else 0.22
    if (
        rival >= _SAID
        and intent in ("dispute", "promise", "already_paid")
        and {*scores} <= {intent, "question", "other"}
    ):
        lost = 0.05
    return max(0.3, min(0.97, own - lost))
