"""What several tellings of one bank line say together.

camt.053 gives a line by its amount and a label, camt.054 the same with the payer, the text and the end-to-end id, CFONB in
other words once more. A line says what all its tellings say, in whatever order they came:

1. Two tellings are linked when they carry the same reference, or, once the day is told to its end, the same mandate,
   account, payer or text that no other line of this amount carries. They contradict each other when both name a reference,
   a mandate or an account and it is another.
2. What is linked is one line for certain. What is not is held together by the amount alone: that is certain only when the
   day is told to its end and it makes no difference which of its lines the telling is held against (`_are_certain`).
3. Of what is certain and contradicts nothing, each field is the most detailed telling's; what that one lacks the others give.
   Texts of which none says what the other says stand side by side.
4. Nothing told is forgotten: every telling is kept with the line, what is not certain too.

Amount and booked date are the line's own, and so is its part of a collective entry: no telling changes them.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from encours.core.parties import bank_name
from encours.core.references import folded
from encours.core.statements import TAKEN_BACK, Transaction, from_json
from encours.core.statements import as_json as transaction_as_json

# a key of `Transaction.extra`: all tellings of a line that was told in more than one way
TELLINGS = "tellings"
# Keys of `Transaction.extra` on a detail of a collective entry: a name for the entry, unique in its statement,
# the signed cents of the whole entry, and the bank's reference of it.
BATCH, BATCH_CENTS, BATCH_REFERENCE = "batch", "batch_cents", "batch_reference"
# what no telling says of a line
_OWN = (TELLINGS, TAKEN_BACK, BATCH, BATCH_CENTS, BATCH_REFERENCE)
# as long as the books keep them: a line read again must look like the one that was kept
_LONGEST = {
    "bank_reference": 80, "end_to_end_id": 80, "mandate_id": 80, "structured_reference": 80, "counterparty_name": 200,
    "counterparty_iban": 34, "operation_code": 40, "return_reason": 40,
}  # fmt: skip
_FIELDS = ("value_date", *_LONGEST)
_words = attrgetter(*_FIELDS, "remittance", "extra")
_OF_ONE_PAYMENT = ("end_to_end_id", "mandate_id", "counterparty_iban", "structured_reference")
# what says whose payment a line is, and for what
PAYMENT_WORDS = (*_OF_ONE_PAYMENT, "counterparty_name", "remittance")
_payment_s_own = attrgetter(*_OF_ONE_PAYMENT)
_SIDE_BY_SIDE = " | "
_MIN_TEXT = 6
# shorter ones are labels of banks
_MIN_CUT_TEXT = 16
# texts of so many lines of one amount and day are not compared one by one
_MANY_LINES = 60
# enough by themselves, whatever else the day may bring
_CERTAIN_MARKS = ("reference", "structured")

Mark = tuple[str, str]
"""Its kind and what it is."""


@dataclass(frozen=True)
class Telling:
    """What one source said of a line (`spoken`). `is_final`: a statement between two balances said it."""

    words: Transaction
    is_final: bool

    def as_json(self) -> dict[str, Any]:
        return transaction_as_json(self.words) | ({"is_final": True} if self.is_final else {})


def telling_from_json(stored: Mapping[str, Any]) -> Telling:
    """What `Telling.as_json` kept."""
    words = {name: value for name, value in stored.items() if name != "is_final"}
    return Telling(from_json(words), bool(stored.get("is_final")))


def spoken(t: Transaction) -> Transaction:
    """A line as its source tells it: without its place in a file and what is the line's own, as long as it is kept."""
    cut = {name: value[:most] for name, most in _LONGEST.items() if len(value := getattr(t, name)) > most}
    extra = {key: value for key, value in sorted(t.extra.items()) if key not in _OWN}
    return replace(t, line=None, extra=extra, **cut)


def say_the_same(one: Transaction, other: Transaction) -> bool:
    """Whether two tellings are in the same words."""
    return _words(one) == _words(other)


def marks(t: Transaction) -> set[Mark]:
    """What two tellings of one line may have in common, and hardly those of two."""
    named = {
        ("reference", compact(t.end_to_end_id)),
        ("reference", compact(t.bank_reference)),
        ("structured", compact(t.structured_reference)),
        ("mandate", compact(t.mandate_id)),
        ("iban", compact(t.counterparty_iban)),
        ("name", bank_name(t.counterparty_name) if t.counterparty_name else ""),
        ("text", text if len(text := compact(t.remittance)) >= _MIN_TEXT else ""),
    }
    # zeros fill what a bank has nothing to say in
    return {(kind, value) for kind, value in named if value.strip("0")}


def contradict(one: Transaction, other: Transaction) -> bool:
    """Rule 1: two payments have not the same of these."""
    return any(
        first and second and first != second and _differ(compact(first), compact(second))
        for first, second in zip(_payment_s_own(one), _payment_s_own(other), strict=True)
    )


def _differ(first: str, second: str) -> bool:
    return bool(first and second) and first != second


def what_lines_say(lines: Sequence[Sequence[Telling]], *, is_finished: bool) -> list[Transaction]:
    """Of all lines of one account, day and amount, each with its tellings, what they say (rule 3).

    `is_finished`: a statement tells the day to its end, so that there are no other lines. Depends on the tellings alone, not on
    their order; one for one with `lines`.
    """
    if all(len(tellings) == 1 for tellings in lines):
        return [tellings[0].words for tellings in lines]
    if is_finished and _are_certain(lines):
        return [_together(tellings, _Links(set(), None, certain=True)) for tellings in lines]
    marked = [set[Mark]().union(*(marks(each.words) for each in tellings)) for tellings in lines]
    carried = Counter(mark for theirs in marked for mark in theirs)
    said = []
    for tellings, theirs in zip(lines, marked, strict=True):
        own = {mark for mark in theirs if carried[mark] == 1 and (is_finished or mark[0] in _CERTAIN_MARKS)}
        others = (
            [each.words for line in lines if line is not tellings for each in line] if is_finished else None
        )
        said.append(_together(tellings, _Links(own, others, certain=False)))
    return said


def says_otherwise(words: Transaction, said: Transaction) -> bool:
    """Whether a telling says something that its line does not: another name or reference, or a text that was left aside."""
    return any(compact(getattr(words, name)) not in compact(getattr(said, name)) for name in PAYMENT_WORDS)


@dataclass(frozen=True)
class _Links:
    """What links the tellings of one line: marks that no other line carries, and the words of the other lines, None while
    there may be more of them. `certain` links them all.
    """

    marks: set[Mark]
    others: Sequence[Transaction] | None
    certain: bool

    def link(self, one: Transaction, other: Transaction) -> bool:
        if contradict(one, other):
            return False
        return (
            self.certain
            or not (marks(one) & marks(other)).isdisjoint(self.marks)
            or self._in_text(one, other)
        )

    def _in_text(self, one: Transaction, other: Transaction) -> bool:
        """One names the payer whom the other has in its text only, or has its text cut: and no other line does."""
        if self.others is None or len(self.others) > _MANY_LINES:
            return False
        return (_is_told_in(one, other) and not any(_is_told_in(one, each) for each in self.others)) or (
            _is_told_in(other, one) and not any(_is_told_in(other, each) for each in self.others)
        )


def _are_certain(lines: Sequence[Sequence[Telling]]) -> bool:
    """Rule 2. Lines whose tellings are alike but for one cannot be mixed up: whichever has it, there is one such line."""
    if len(lines) == 1:
        return True
    keys = [{_key(telling.words) for telling in tellings} for tellings in lines]
    alike = set.intersection(*keys)
    return all(len(theirs - alike) <= 1 for theirs in keys)


def _together(tellings: Sequence[Telling], links: _Links) -> Transaction:
    in_order = sorted(tellings, key=lambda telling: (not telling.is_final, _detail(telling.words)))
    said, rest = [in_order[0].words], [telling.words for telling in in_order[1:]]
    while found := next((each for each in rest if _belongs(each, said, links)), None):
        said.append(found)
        rest.remove(found)
    by_detail = sorted(said, key=_detail)
    fields = {
        name: next((value for words in by_detail if (value := getattr(words, name))), getattr(by_detail[0], name))
        for name in _FIELDS
    }  # fmt: skip
    # the bank's name of the line is the statement's
    fields["bank_reference"] = next((words.bank_reference for words in said if words.bank_reference), "")
    extra = {key: value for words in reversed(by_detail) for key, value in words.extra.items()}
    return replace(by_detail[0], **fields, remittance=_side_by_side(by_detail), extra=extra)


def _belongs(words: Transaction, said: Sequence[Transaction], links: _Links) -> bool:
    return not any(contradict(words, each) for each in said) and any(links.link(words, each) for each in said)


def _detail(words: Transaction) -> tuple[int, int, str]:
    """The most detailed first: by the fields it fills, then by the length of what it says."""
    filled = [str(value) for value in _words(words)[:-1] if value]
    return -len(filled), -sum(map(len, filled)), _key(words)


def _key(words: Transaction) -> str:
    *fields, extra = _words(words)
    return "\x1f".join([*map(str, fields), *(f"{key}={extra[key]}" for key in sorted(extra))])


def _side_by_side(by_detail: Iterable[Transaction]) -> str:
    texts = [words.remittance for words in by_detail if words.remittance]
    return _SIDE_BY_SIDE.join(_not_said_by_others(texts))


def _not_said_by_others(texts: Sequence[str]) -> Iterator[str]:
    bare = [compact(text) for text in texts]
    for place, text in enumerate(texts):
        said_before = bare[place] in bare[:place]
        said_longer = any(bare[place] in other and bare[place] != other for other in bare)
        if not said_before and not said_longer:
            yield text


def _is_told_in(one: Transaction, other: Transaction) -> bool:
    """Whether the payer or the text of one stands in the text of the other."""
    text, own = compact(other.remittance), compact(one.remittance)
    name = compact(bank_name(one.counterparty_name)) if one.counterparty_name else ""
    return (len(name) >= _MIN_TEXT and name in text) or (len(own) >= _MIN_CUT_TEXT and own in text)


def compact(text: str) -> str:
    """Letters and digits only, in upper case without accents."""
    return re.sub(r"[^A-Z0-9]", "", folded(text))
