"""Which of the days and amounts in a reply belong to what it says: said in the same clause, after it, or near."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from encours.core.business_days import business_day_from
from encours.core.grammar.amounts import AmountFound
from encours.core.grammar.dates import DateFound
from encours.core.replies import cues
from encours.core.replies.cues import Intent
from encours.core.replies.evidence import Evidence, Heard

_RANGE = re.compile(r"\b(?:du|from|between|entre)\b.{1,40}\b(?:au|to|et|and|through)\b")


def promised_day(heard: Heard) -> DateFound | None:
    others = {
        each.sentence
        for each in heard.evidence
        if each.cue.intent in ("already_paid", "out_of_office", "dispute")
    }
    own = {each.sentence for each in heard.evidence if each.cue.intent == "promise"}
    days = [
        day
        for day in days_to_come(heard)
        if (number := _sentence_at(day.start, heard)) in own or number not in others
    ]
    days = [day for day in days if not _is_until(day, heard)] or days
    return _nearest(days, _places(heard, "promise"), heard)


def paid_day(heard: Heard, strongest: Sequence[Evidence]) -> DateFound | None:
    sentences = {each.sentence for each in strongest}
    days = [
        day for day in heard.days["past"]
        if day.looks != "future" and (day.certainty != "approximate" or day.looks == "past") and day.date <= heard.on and not _is_until(day, heard)
        and (_sentence_at(day.start, heard) in sentences or len(heard.sentences) <= 2 or day.looks == "past")
    ]  # fmt: skip
    return _nearest(days, _places(heard, "already_paid"), heard)


def return_day(heard: Heard) -> DateFound | None:
    """The first day somebody is back: what is told as return, else the day after an absence that includes its last."""
    text = heard.written.text
    returns, untils = [], []
    for day in days_to_come(heard):
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
    return replace(last, date=business_day_from(back), certainty="exact" if inclusive else "approximate")


def amount_of(heard: Heard, strongest: Sequence[Evidence], day: DateFound | None) -> AmountFound | None:
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


def days_to_come(heard: Heard) -> list[DateFound]:
    return [day for day in heard.days["future"] if day.looks != "past" and day.date >= heard.on]


def _is_until(day: DateFound, heard: Heard) -> bool:
    """`en congés jusqu'au 6`: a day told of something else in the same sentence."""
    sentence = heard.sentences[_sentence_at(day.start, heard)]
    first, last = sentence.clause(day.start - sentence.start)
    return re.search(r"\b(?:conges?|absente?|vacances|leave|holiday|away|ferme\w*|closed|echue?s?|due on|dated|datee\\b|invoice of|facture du|courrier du|mail du|letter of|chantier du)\b", sentence.text[first:last]) is not None  # fmt: skip


def _nearest(found: Iterable[DateFound], places: Sequence[int], heard: Heard) -> DateFound | None:
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


def _places(heard: Heard, intent: Intent) -> list[int]:
    """Where the strongest cues of an intent end."""
    own = [each for each in heard.evidence if each.cue.intent == intent]
    best = max((each.cue.weight for each in own), default=0)
    ends = [each.end for each in own if each.cue.weight >= best - 0.03]
    # of several promises the first is the one to hold to: "2 000 € le 30, le solde en janvier"
    return sorted(ends)[:1] if intent == "promise" else ends


def _apart(thing: int, place: int, heard: Heard) -> tuple[float, ...]:
    number = _sentence_at(place, heard)
    sentence = heard.sentences[number]
    here = _sentence_at(thing, heard)
    if here != number:
        return (3 + (0 if here > number else 0.5), abs(here - number), abs(thing - place))
    same_clause = sentence.clause(thing - sentence.start) == sentence.clause(place - sentence.start)
    return (0 if same_clause else 1 if thing > place else 2, 0, abs(thing - place))


def _sentence_at(place: int, heard: Heard) -> int:
    for number, sentence in enumerate(heard.sentences):
        if place < sentence.end:
            return number
    return max(0, len(heard.sentences) - 1)
