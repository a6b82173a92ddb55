"""The same money is told several times: which lines of a statement the books hold already.

Banks deliver a day in overlapping files (a day again in the week's file, camt.052 by the hour and camt.053 in
the evening, camt.054 with the details of an entry that camt.053 gives as one sum) and an account in several
formats (CFONB 120 and camt.053). They give no id that survives all this. The rules, each within one account,
booking date and amount:

1. A line with the same content (`core.statements.content_key`) is the same line.
2. A collective entry and its details are the same money when their totals agree and they come from different
   formats or carry the same bank reference. Details take the place of a sum of an earlier file
   while nobody has worked on it.
3. What is left over is paired by amount with what another format said, because each format tells the same day (a
   report of the day under way counts as another format than its final statement);
   also with what the same format said, when two final statements tell the same part of the account's life or
   camt gives the line the same bank reference.
4. A line of the books answers to one line of a statement only: two equal lines on a day are two payments.
5. It answers to none when both come from statements that are apart: one ended before the other began, or
   ended on the balance from which the other goes on. Equal lines of two successive statements are two payments.

6. A final statement confirms what reports of the day under way said. A line of theirs on its days that it does not
   know was withdrawn or reworded by the bank: it leaves the books while nobody has worked on it, else it is told.
7. A live feed (a bank's API) names each line once and for all, so what it tells under a new id is not a line it told before.
   It is the same line as one told by anybody else on the same day; and, where a final statement tells a day to its end without
   it, as one of the same amount at most three days away: APIs and statements do not always agree on the day.

So the books hold of each amount on a day as many lines as the fullest delivery had, in any order of arrival. Which of several
lines of an amount a telling is held against is decided by what they have in common; what a line says in the end is all that
was told of it (`core.tellings`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from encours.core.statements import Frame, Statement, Transaction, content_key, frame_of, identity
from encours.core.tellings import (
    BATCH,
    BATCH_CENTS,
    BATCH_REFERENCE,
    Mark,
    Telling,
    contradict,
    marks,
    say_the_same,
    spoken,
    what_lines_say,
)
from encours.core.wording import Wording

WITHDRAWN = Wording(
    "report_line_withdrawn",
    fr="La ligne de {amount} du {date}, annoncée par un relevé en cours de journée, n'est pas dans le relevé définitif :"
    " elle est retirée.",
    en="The line of {amount} on {date}, announced by a report of the day under way, is not in the final statement: it"
    " is taken out.",
)
UNCONFIRMED = Wording(
    "report_line_unconfirmed",
    fr="La ligne de {amount} du {date}, annoncée par un relevé en cours de journée et déjà traitée, n'est pas dans le"
    " relevé définitif. Vérifiez-la avec la banque et annulez son rapprochement au besoin.",
    en="The line of {amount} on {date}, announced by a report of the day under way and already worked on, is not in the"
    " final statement. Check it with the bank and undo its match if need be.",
)

# of so many lines of one amount and day each is looked at for what a telling does not contradict
_FEW = 20
# how far apart a live feed and a statement may date the same line
NEARBY_DAYS = 3

Pending = list[tuple[Transaction, str]]
"""Lines not yet recognised, each with its content key."""


@dataclass(eq=False, slots=True)
class BookedLine:
    """A line of the books. `row` is its key there, None for one taken in this run.

    `told_by` are the frames of the statements that told it (None for one without a frame). A `settled` line
    has been worked on: it stays as it is. A `provisional` one comes from a report of a day under way. `feeds` are the live
    feeds (accounts of theirs) that told it. `said` is what the books say of it, `tellings` in how many ways it was told:
    empty for one, in the words of `said`.
    """

    content: str
    rank: int
    booked_date: date
    amount_cents: int
    kind: str
    told_by: list[Frame | None]
    said: Transaction
    tellings: list[Telling] = field(default_factory=list)
    batch: str = ""
    batch_cents: int | None = None
    batch_reference: str = ""
    row: int | None = None
    settled: bool = False
    provisional: bool = False
    feeds: frozenset[str] = frozenset()

    @property
    def references(self) -> set[str]:
        """What sources call it: their references of it and the payer's."""
        return {each for words in self.told for each in (words.end_to_end_id, words.bank_reference)} - {""}

    @property
    def told(self) -> list[Transaction]:
        """All that was told of it."""
        return [telling.words for telling in self.tellings] or [self.said]

    @property
    def is_final(self) -> bool:
        """Whether a final statement told it."""
        return any(frame is not None for frame in self.told_by)

    def contents(self, account: str) -> set[str]:
        """Content keys of all that was told."""
        return {self.content, *(content_key(account, telling.words) for telling in self.tellings)}

    @property
    def in_order(self) -> list[Telling]:
        """Its tellings as they are kept: the same however they came."""
        return sorted(self.tellings, key=lambda telling: (not telling.is_final, repr(telling.words)))

    def tell(self, t: Transaction, *, is_final: bool) -> bool:
        """Keeps what a source says of it; whether that is in words unheard so far."""
        if not self.tellings and say_the_same(self.said, t):
            return False
        words = spoken(t)
        if not self.tellings:
            first = spoken(self.said)
            if say_the_same(first, words):
                return False
            self.tellings.append(Telling(first, self.is_final))
        for place, known in enumerate(self.tellings):
            if say_the_same(known.words, words):
                if is_final and not known.is_final:
                    self.tellings[place] = Telling(known.words, is_final=True)
                    return True
                return False
        self.tellings.append(Telling(words, is_final))
        return True


@dataclass(frozen=True)
class Taken:
    """What came of one statement: lines to add with their identities, and what becomes of rows known before.

    Sums are replaced by their details; lines that only unfinished or unframed statements had told are confirmed
    by this one; lines of reports of the day that it does not know are unconfirmed. `recognised` are its lines that the books
    hold already, each with its one line there (a sum known by its details is in none).
    """

    new: tuple[tuple[Transaction, str], ...]
    unchanged: int
    booked: tuple[BookedLine, ...] = ()
    """The new ones as the book holds them."""
    replaced_rows: tuple[int, ...] = ()
    confirmed_rows: tuple[int, ...] = ()
    unconfirmed: tuple[BookedLine, ...] = ()
    recognised: tuple[tuple[Transaction, BookedLine], ...] = ()


@dataclass
class AccountBook:
    """The lines known of one account on the days of interest. Grows with each statement taken.

    `also_called` are other names by which sources told it (a RIB, an ACCTID).
    """

    account: str
    also_called: tuple[str, ...] = ()
    by_content: dict[str, list[BookedLine]] = field(default_factory=dict)
    by_amount: dict[tuple[date, int], list[BookedLine]] = field(default_factory=dict)
    by_batch: dict[tuple[date, int], dict[str, list[BookedLine]]] = field(default_factory=dict)
    by_feed: dict[int, list[BookedLine]] = field(default_factory=dict)
    frames: set[Frame] = field(default_factory=set)
    provisional: set[BookedLine] = field(default_factory=set)
    _taken_count: int = 0
    _next_rank: dict[str, int] = field(default_factory=dict)
    _told_anew: set[BookedLine] = field(default_factory=set)  # in words unheard before
    _changed: set[tuple[date, int]] = field(default_factory=set)  # what may say more than when it was held
    _finished: list[Frame] = field(default_factory=list)  # told to their ends since

    def hold(self, line: BookedLine) -> None:
        """A line the books have."""
        for content in line.contents(self.account):
            self.by_content.setdefault(content, []).append(line)
        self._next_rank[line.content] = max(self._next_rank.get(line.content, 0), line.rank + 1)
        self.by_amount.setdefault((line.booked_date, line.amount_cents), []).append(line)
        if line.feeds:
            self.by_feed.setdefault(line.amount_cents, []).append(line)
        if line.provisional:
            self.provisional.add(line)
        if line.batch and line.batch_cents is not None:
            batches = self.by_batch.setdefault((line.booked_date, line.batch_cents), {})
            batches.setdefault(line.batch, []).append(line)

    def take(self, statement: Statement, *, kind: str, feed: str = "") -> Taken:
        """Holds what is new of a statement; `kind` is the format it came in, `feed` the live feed that tells it."""
        self._taken_count += 1
        frame = frame_of(statement)
        delivery = _Delivery(self, kind, frame, provisional=statement.provisional, feed=feed)
        pending = delivery.same_content(statement.transactions)
        pending = delivery.same_batch(pending)
        pending = delivery.same_amount(pending)
        pending = delivery.same_amount_nearby(pending)
        new, booked = [], []
        for transaction, content in pending:
            line = self._booked(transaction, content, kind=kind, frame=frame)
            line.provisional = statement.provisional
            line.feeds = frozenset({feed} if feed else ())
            self.hold(line)
            self._changed.add((line.booked_date, line.amount_cents))
            new.append((transaction, identity(content, line.rank)))
            booked.append(line)
        for transaction, line in delivery.recognised:
            self.tell(line, transaction, is_final=frame is not None)
        confirmed = self._confirm(delivery.used, frame, kind) if frame else []
        unconfirmed = self._let_go(frame) if frame else []
        return Taken(
            new=tuple(new),
            unchanged=len(statement.transactions) - len(new),
            booked=tuple(booked),
            replaced_rows=tuple(delivery.replaced_rows),
            confirmed_rows=tuple(sorted(line.row for line in confirmed if line.row is not None)),
            unconfirmed=tuple(unconfirmed),
            recognised=tuple(delivery.recognised),
        )

    def completed(self) -> Iterator[tuple[BookedLine, Transaction]]:
        """Lines told in several ways since they were held, or told to their day's end since, with what they say now."""
        days = {day for day, _ in self.by_amount}
        finished = {day for day in days if self.tells_to_its_end(day)}
        finished_since = {day for day in days if any(_ends(frame, day) for frame in self._finished)}
        for (day, cents), lines in self.by_amount.items():
            may_say_more = (day, cents) in self._changed or day in finished_since
            if not may_say_more or not any(line.tellings for line in lines):
                continue
            told = [line.tellings or [Telling(line.said, line.is_final)] for line in lines]
            said = what_lines_say(told, is_finished=day in finished)
            for line, words in zip(lines, said, strict=True):
                if line.tellings and (line in self._told_anew or not say_the_same(words, spoken(line.said))):
                    yield line, words

    def contents_of(self, t: Transaction) -> list[str]:
        """Content keys of a line, under its account's name first and under the others it was told by."""
        return [content_key(name, t) for name in (self.account, *self.also_called)]

    def tell(self, line: BookedLine, t: Transaction, *, is_final: bool) -> None:
        """What one more source said of a line of the book."""
        if line.tell(t, is_final=is_final):
            self._told_anew.add(line)
            self._changed.add((line.booked_date, line.amount_cents))
            equal = self.by_content.setdefault(content_key(self.account, spoken(t)), [])
            if line not in equal:
                equal.append(line)

    def tells_to_its_end(self, day: date) -> bool:
        """Whether a final statement tells all that was booked on a day."""
        return any(_ends(frame, day) for frame in self.frames)

    def forget(self, line: BookedLine) -> None:
        """A line that leaves the books."""
        for content in line.contents(self.account):
            self.by_content[content].remove(line)
        self.by_amount[line.booked_date, line.amount_cents].remove(line)
        if line.batch and line.batch_cents is not None:
            self.by_batch[line.booked_date, line.batch_cents][line.batch].remove(line)
        self.provisional.discard(line)

    def _confirm(self, told: set[BookedLine], frame: Frame, kind: str) -> list[BookedLine]:
        """A final statement tells these lines; those that no other one had told become its own."""
        if frame not in self.frames:
            self.frames.add(frame)
            self._finished.append(frame)
        self.provisional -= told
        confirmed = [line for line in told if line.told_by == [None]]
        for line in told:
            line.told_by.append(frame)
        for line in confirmed:
            line.told_by, line.kind, line.provisional = [frame], kind, False
        return confirmed

    def _let_go(self, frame: Frame) -> list[BookedLine]:
        """Rule 6: lines of reports in earlier files, on days a final statement tells to their end."""
        found = [line for line in self.provisional if line.row is not None and _ends(frame, line.booked_date)]
        for line in found:
            if not line.settled:
                self.forget(line)
        return sorted(found, key=lambda line: line.row or 0)

    def _booked(self, t: Transaction, content: str, *, kind: str, frame: Frame | None) -> BookedLine:
        return BookedLine(
            content=content,
            rank=self._next_rank.get(content, 0),
            booked_date=t.booked_date,
            amount_cents=t.amount_cents,
            kind=kind,
            told_by=[frame],
            said=t,
            batch=f"{self._taken_count}/{t.extra[BATCH]}" if BATCH in t.extra else "",
            batch_cents=int(t.extra[BATCH_CENTS]) if BATCH_CENTS in t.extra else None,
            batch_reference=t.extra.get(BATCH_REFERENCE, ""),
        )


def _ends(frame: Frame, day: date) -> bool:
    """Whether a final statement tells a day to its end."""
    return frame.opening_date < day < frame.closing_date or day == frame.closing_date


def relation(one: Frame, other: Frame) -> Literal["same", "apart", "unclear"]:
    """Whether two final statements tell the same part of the account's life, or parts that do not touch.

    Banks date an opening balance on the day before or on the day itself, so that frames with the same day at
    one's end and the other's beginning are apart only when the balance goes on from one to the other.
    """
    if (one.opening_date, one.opening_cents) == (other.opening_date, other.opening_cents):
        return "same"
    if (one.closing_date, one.closing_cents) == (other.closing_date, other.closing_cents):
        return "same"
    if one.opening_date > other.closing_date or other.opening_date > one.closing_date:
        return "apart"
    goes_on = one.opening_cents == other.closing_cents or other.opening_cents == one.closing_cents
    same_dates = (one.opening_date, one.closing_date) == (other.opening_date, other.closing_date)
    touching = one.opening_date == other.closing_date or other.opening_date == one.closing_date
    if same_dates or touching:
        return "apart" if goes_on else "unclear"
    return "same"


class _Delivery:
    """One statement held against the book. Each step takes what it recognises and gives back the rest."""

    def __init__(
        self, book: AccountBook, kind: str, frame: Frame | None, *, provisional: bool, feed: str
    ) -> None:
        self.book, self.kind, self.frame, self.provisional = book, kind, frame, provisional
        self.feed = feed
        self.used: set[BookedLine] = set()
        self.recognised: list[tuple[Transaction, BookedLine]] = []
        self.replaced_rows: list[int] = []
        self._summed_by: dict[
            int, str
        ] = {}  # details (by their Python id) and the format of the sum they replace
        self._chain = _chain_of(frame, book.frames) if frame else set[Frame]()
        self._relations: dict[Frame, str] = {}

    def same_content(self, transactions: Sequence[Transaction]) -> Pending:
        """Rule 1."""
        candidates: dict[str, Iterator[BookedLine]] = {}
        pending: Pending = []
        for transaction in transactions:
            content, *others = self.book.contents_of(transaction)
            if content not in candidates:
                equal = [line for each in (content, *others) for line in self.book.by_content.get(each, ())]
                candidates[content] = iter(equal)
            known = next((line for line in candidates[content] if self._available(line)), None)
            if known is None:
                pending.append((transaction, content))
            else:
                self._recognise(transaction, known)
        return pending

    def same_batch(self, pending: Pending) -> Pending:
        """Rule 2, both ways: details of a known sum, the sum of known details."""
        batches: dict[str, Pending] = {}
        rest: Pending = []
        for transaction, content in pending:
            name = transaction.extra.get(BATCH)
            if name is not None:
                batches.setdefault(name, []).append((transaction, content))
            elif not self._known_details(transaction):
                rest.append((transaction, content))
        for details in batches.values():
            known_sum = self._known_sum([transaction for transaction, _ in details])
            if known_sum is None:
                rest += details
            elif known_sum.settled or known_sum.row is None:
                self.used.add(known_sum)
            else:
                self.book.forget(known_sum)
                self.replaced_rows.append(known_sum.row)
                # the format that gave them as one sum gives what else it tells besides them
                self._summed_by |= {id(transaction): known_sum.kind for transaction, _ in details}
                rest += details
        return rest

    def same_amount(self, pending: Pending) -> Pending:
        """Rule 3. Equal references pair first, then what has something else in common, then what is left."""
        groups: dict[tuple[date, int, str], list[Transaction]] = {}
        for transaction, _ in pending:
            summed_by = self._summed_by.get(id(transaction), "")
            key = (transaction.booked_date, transaction.amount_cents, summed_by)
            groups.setdefault(key, []).append(transaction)
        recognised: set[int] = set()
        for (day, cents, summed_by), transactions in groups.items():
            known = [line for line in self.book.by_amount.get((day, cents), ()) if line.kind != summed_by]
            for transaction, line in self._pairs(transactions, known):
                recognised.add(id(transaction))
                self._recognise(transaction, line)
        return [(t, content) for t, content in pending if id(t) not in recognised]

    def same_amount_nearby(self, pending: Pending) -> Pending:
        """Rule 7, in both orders of arrival: one of the two is a live feed's, the other a final statement's."""
        if not self.feed and (self.frame is None or not any(self._is_feeds_own(t) for t, _ in pending)):
            return pending
        rest: Pending = []
        for transaction, content in pending:
            known = self._nearby(transaction)
            if known is None:
                rest.append((transaction, content))
            else:
                self._recognise(transaction, known)
        return rest

    def _nearby(self, transaction: Transaction) -> BookedLine | None:
        """The nearest available line of the same amount within days, told by the other kind of source."""
        day, found = transaction.booked_date, []
        if self.feed and not self.book.tells_to_its_end(day):
            return None
        for distance in range(1, NEARBY_DAYS + 1):
            for other in (day - timedelta(days=distance), day + timedelta(days=distance)):
                lines = self.book.by_amount.get((other, transaction.amount_cents), ())
                found += [line for line in lines if self._available(line) and self._is_other_source(line)]
            if found:
                return found[0]
        return None

    def _is_other_source(self, line: BookedLine) -> bool:
        if self.feed:
            return any(frame is not None for frame in line.told_by)
        assert self.frame is not None
        is_feeds = bool(line.feeds) and (
            line.told_by == [None]
            or any(frame is not None and self._relation(frame) == "same" for frame in line.told_by)
        )
        day = line.booked_date
        is_left_out = (
            self.book.tells_to_its_end(day) or self.frame.opening_date <= day <= self.frame.closing_date
        )
        return is_feeds and is_left_out

    def _is_feeds_own(self, transaction: Transaction) -> bool:
        """Whether a feed alone tells a line of this amount: else there is nothing to look for nearby."""
        return any(line.feeds for line in self.book.by_feed.get(transaction.amount_cents, ()))

    def _recognise(self, transaction: Transaction, line: BookedLine) -> None:
        self.used.add(line)
        self.recognised.append((transaction, line))
        if self.feed:
            line.feeds |= {self.feed}

    def _pairs(
        self, transactions: Sequence[Transaction], known: Sequence[BookedLine]
    ) -> Iterator[tuple[Transaction, BookedLine]]:
        """Lines of one day and amount: by their references first, then by other words, then in the order they stand."""
        available = [line for line in known if self._available(line)]
        named: dict[str, list[BookedLine]] = {}
        for line in reversed(available):
            for reference in line.references:
                named.setdefault(reference, []).append(line)
        paired: set[BookedLine] = set()
        rest = []
        for transaction in transactions:
            found = self._named(transaction, named, paired)
            if found is None:
                rest.append(transaction)
            else:
                paired.add(found)
                yield transaction, found
        others = [line for line in available if line not in paired and self._tells_the_same_day(line)]
        yield from _by_words(rest, others)

    def _named(
        self, transaction: Transaction, named: dict[str, list[BookedLine]], paired: set[BookedLine]
    ) -> BookedLine | None:
        """A line under the same reference. Within a format only camt's bank reference is one line's own."""
        for reference in (transaction.end_to_end_id, transaction.bank_reference):
            lines = named.get(reference, []) if reference else []
            while lines and lines[-1] in paired:
                lines.pop()
            for line in reversed(lines):
                if line in paired:
                    continue
                is_own = (
                    self.kind.startswith("camt")
                    and line.kind.startswith("camt")
                    and any(
                        words.bank_reference == transaction.bank_reference != ""
                        and "" in (words.end_to_end_id, transaction.end_to_end_id)
                        for words in line.told
                    )
                )
                if is_own or self._tells_the_same_day(line):
                    return line
        return None

    def _known_details(self, total: Transaction) -> bool:
        groups = self.book.by_batch.get((total.booked_date, total.amount_cents), {})
        for lines in groups.values():
            if (
                lines
                and all(self._available(line) for line in lines)
                and (
                    sum(line.amount_cents for line in lines) == total.amount_cents
                    and (
                        any(self._tells_the_same_day(line) for line in lines)
                        or (total.bank_reference and lines[0].batch_reference == total.bank_reference)
                    )
                )
            ):
                self.used.update(lines)
                return True
        return False

    def _known_sum(self, details: Sequence[Transaction]) -> BookedLine | None:
        first = details[0]
        total = int(first.extra[BATCH_CENTS])
        if sum(t.amount_cents for t in details) != total:
            return None  # some of them are known by themselves: so was never the sum alone
        reference = first.extra.get(BATCH_REFERENCE, "")
        for line in self.book.by_amount.get((first.booked_date, total), ()):
            if not line.batch and (
                self._tells_the_same_day(line)
                or (
                    reference
                    and any(words.bank_reference == reference for words in line.told)
                    and self._available(line)
                )
            ):
                return line
        return None

    def _tells_the_same_day(self, line: BookedLine) -> bool:
        return self._available(line) and (
            bool(self.feed)
            or line.kind != self.kind
            or line.provisional != self.provisional
            or any(frame is not None and self._relation(frame) == "same" for frame in line.told_by)
        )

    def _available(self, line: BookedLine) -> bool:
        """Rules 4 and 5, and of 7 that a feed does not tell a line twice."""
        return (
            line not in self.used
            and self.feed not in line.feeds
            and not any(frame is not None and self._relation(frame) == "apart" for frame in line.told_by)
        )

    def _relation(self, frame: Frame) -> str:
        if self.frame is None:
            return "unclear"
        if frame not in self._relations:
            self._relations[frame] = "apart" if frame in self._chain else relation(self.frame, frame)
        return self._relations[frame]


def _by_words(
    transactions: Sequence[Transaction], lines: list[BookedLine]
) -> Iterator[tuple[Transaction, BookedLine]]:
    """As many pairs as there can be: what alone has a mark in common first; then each with a line that it does not contradict,
    told in few ways so far, so that two notices of equal payments complete two lines.
    """
    if len(transactions) == len(lines) == 1:
        yield transactions[0], lines[0]
        return
    if not transactions or not lines:
        return
    ours = _alone([marks(t) for t in transactions])
    theirs = _alone([set().union(*map(marks, line.told)) for line in lines])
    pairs: dict[int, int] = {}
    for mark in sorted(ours.keys() & theirs.keys()):
        place, other = ours[mark], theirs[mark]
        free = place not in pairs and other not in pairs.values()
        if free and not _contradicts(transactions[place], lines[other]):
            pairs[place] = other
    for place, other in pairs.items():
        yield transactions[place], lines[other]
    taken = set(pairs.values())
    left = sorted(
        (line for place, line in enumerate(lines) if place not in taken), key=lambda line: len(line.tellings)
    )
    for place, transaction in enumerate(transactions):
        if place not in pairs and left:
            fitting = (n for n, line in enumerate(left[:_FEW]) if not _contradicts(transaction, line))
            yield transaction, left.pop(next(fitting, 0))


def _alone(marked: Sequence[set[Mark]]) -> dict[Mark, int]:
    """Marks that one alone has, and whose they are."""
    holders: dict[Mark, list[int]] = {}
    for place, theirs in enumerate(marked):
        for mark in theirs:
            holders.setdefault(mark, []).append(place)
    return {mark: places[0] for mark, places in holders.items() if len(places) == 1}


def _contradicts(t: Transaction, line: BookedLine) -> bool:
    return any(contradict(t, words) for words in line.told)


def _chain_of(frame: Frame, known: Iterable[Frame]) -> set[Frame]:
    """Statements of the same dates before and after this one, each going on from the balance of the last."""
    peers = [
        other
        for other in known
        if (other.opening_date, other.closing_date) == (frame.opening_date, frame.closing_date)
    ]
    chain: set[Frame] = set()
    for start, end in (("opening_cents", "closing_cents"), ("closing_cents", "opening_cents")):
        at = getattr(frame, end)
        while following := [p for p in peers if getattr(p, start) == at and p != frame and p not in chain]:
            chain.add(following[0])
            at = getattr(following[0], end)
    return {other for other in chain if relation(frame, other) != "same"}
