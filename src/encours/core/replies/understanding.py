"""What a reply means: one intent to act on, its day and amount, how sure that is and the words it rests on.

The cues of every sentence are weighed. When several intents are in one reply, the one that must stop or move dunning first is acted on
(a dispute before a payment, a payment before a question) and the others are told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from encours.core.grammar.amounts import AmountFound
from encours.core.grammar.dates import Certainty, DateFound
from encours.core.grammar.languages import Language
from encours.core.replies.belonging import amount_of, days_to_come, paid_day, promised_day, return_day
from encours.core.replies.cues import Intent
from encours.core.replies.evidence import Evidence, Heard, evidence_of, hear
from encours.core.replies.mail import Reply
from encours.core.replies.references import references_in
from encours.core.replies.written import what_was_written

# an intent weighs enough to be named
_SAID = 0.55
_MOST_BECAUSE = 4
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


def understand(reply: Reply, *, on: date) -> Understanding:
    """The meaning of a reply. Days count from its own day when it says one that is not after `on`, else from `on`.

    Works on any text; the same reply always means the same.
    """
    told_on = reply.written_on
    day = told_on if told_on is not None and told_on <= on + timedelta(days=1) else on
    heard = hear(what_was_written(reply.text), day)
    if reply.bounced:
        return _told(heard, "other", 0.97, [])
    heard.evidence = evidence_of(heard)
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


def _scores(heard: Heard) -> dict[Intent, float]:
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


def _of_a_machine(scores: dict[Intent, float], heard: Heard) -> dict[Intent, float]:
    """A machine promises, disputes and pays nothing."""
    kept: dict[Intent, float] = {
        intent: score
        for intent, score in scores.items()
        if intent in ("out_of_office", "wrong_contact", "other")
    }
    if not kept and heard.days["future"]:
        kept["out_of_office"] = 0.8
    return kept


def _first_to_act_on(scores: dict[Intent, float], heard: Heard, *, automatic: bool) -> Intent:
    """The intent that decides what happens next."""

    def score(intent: Intent) -> float:
        return scores.get(intent, 0.0)

    away, moved = score("out_of_office"), score("wrong_contact")
    own_words = max(score("promise"), score("dispute"), score("already_paid"))
    if score("other") >= 0.9 and away < 0.9:
        return "other"
    back = return_day(heard)
    if away >= 0.9 and (
        automatic or own_words < 0.8 or (back is not None and (own_words < 0.88 or _only_while_away(heard)))
    ):
        gone_for_good = any(
            each.cue.weight > 0.9 and each.cue.intent == "wrong_contact" and re.search(r"quitte|left|effectifs|plus|no longer|retrait|retired", heard.written.text[each.start : each.end])
            for each in heard.evidence
        )  # fmt: skip
        return "wrong_contact" if gone_for_good and back is None else "out_of_office"
    if score("dispute") >= 0.85 and not _mistakes_our_books(heard):
        return "dispute"
    if moved >= 0.9 and own_words < 0.9:
        return "wrong_contact"
    if score("promise") >= _SAID and score("already_paid") >= _SAID:
        still_to_come = score("promise") >= min(0.88, score("already_paid") - 0.03)
        return "promise" if still_to_come and promised_day(heard) else "already_paid"
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
        and days_to_come(heard)
    ):
        return "promise"
    return "question" if score("question") >= _SAID else "other"


def _mistakes_our_books(heard: Heard) -> bool:
    """`il y a erreur, je suis à jour`: the mistake is that the payment is not seen."""
    said = {each.cue.reason for each in heard.evidence if each.cue.intent == "dispute"}
    words = [
        heard.written.text[each.start : each.end] for each in heard.evidence if each.cue.intent == "dispute"
    ]
    paid = any(each.cue.intent == "already_paid" and each.cue.weight >= 0.9 for each in heard.evidence)
    return (
        paid and said == {"price"} and all(re.search(r"\b(?:erreur|mistake|error)$", each) for each in words)
    )


def _only_while_away(heard: Heard) -> bool:
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


def _is_little_but_a_day(heard: Heard) -> bool:
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


def _told(heard: Heard, intent: Intent, confidence: float, reasons: Sequence[Evidence]) -> Understanding:
    """The intent with what belongs to it."""
    strongest = sorted(reasons, key=lambda each: (-each.cue.weight, each.start))
    day, amount, reason = None, None, ""
    if intent == "promise":
        day = promised_day(heard)
        amount = amount_of(heard, strongest, day)
    elif intent == "already_paid":
        day = paid_day(heard, strongest)
        amount = amount_of(heard, strongest, day)
    elif intent == "out_of_office":
        day = return_day(heard)
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
    heard: Heard, strongest: Sequence[Evidence], day: DateFound | None, amount: AmountFound | None
) -> tuple[str, ...]:
    """The words of the customer, each once, none inside another, in the order they were written."""
    spans: list[tuple[int, int]] = []
    placed: list[tuple[int, int]] = [(each.start, each.end) for each in (day, amount) if each is not None]
    # weak words beside strong ones explain nothing
    telling = [each for each in strongest if each.cue.weight >= strongest[0].cue.weight - 0.1]
    for start, end in [*((each.start, each.end) for each in telling), *placed]:
        within = any(first <= start and end <= last for first, last in spans)
        if not within and (len(spans) < _MOST_BECAUSE or (start, end) in placed):
            spans = [span for span in spans if not (start <= span[0] and span[1] <= end)]
            spans.append((start, end))
    told = (heard.written.verbatim(start, end).strip() for start, end in sorted(spans))
    return tuple(dict.fromkeys(each for each in told if each))


def _confidence(intent: Intent, scores: dict[Intent, float], heard: Heard) -> float:
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
    weighed = max(0.3, min(0.97, own - lost))
    # what weighs 0.7 to 0.88 was right more often than its weight says
    return (weighed + 0.9) / 2 if 0.7 <= weighed < 0.88 else weighed
