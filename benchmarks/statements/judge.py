"""What a careful accountant could prove from a bank line, the books of the day and what was seen before.

The judge knows less than the generator: not who really paid, only what the line shows. A line is decidable when
exactly one explanation of the best kind it allows is left, and that one is true.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import product
from math import prod

import numpy as np

from benchmarks.statements.numbering import is_near, key_of, keys_of
from benchmarks.statements.world import Customer, Document, World
from encours.core.parties import bank_name
from encours.core.references import compact

MAX_ITEMS = 24  # of an exact set
_MAX_COMBINATIONS = 20_000

Open = Sequence[tuple[Document, int]]
"""Documents with what may be open on them."""


class Judge:
    def __init__(self, world: World) -> None:
        self._by_name: dict[str, set[Customer]] = defaultdict(set)
        for customer in world.customers:
            self._by_name[bank_name(customer.name)].add(customer)
        self._names = sorted(self._by_name)
        self._by_key: dict[str, list[Document]] = defaultdict(list)
        self._by_amount: dict[int, list[Document]] = defaultdict(list)
        self._of: dict[Customer, list[Document]] = defaultdict(list)
        for document in world.documents:
            self._of[document.customer].append(document)
            self._by_amount[document.payable_cents].append(document)
            for key in keys_of(document.number):
                self._by_key[key].append(document)
        # documents on which another amount may be open than was invoiced
        self._partly: dict[Document, None] = {}
        # what was learned from confirmed receipts: accounts and names -> customers
        self.payers: dict[str, set[Customer]] = defaultdict(set)
        # what undecided lines of the month may have settled, or not
        self._doubtful: dict[Document, int] = {}

    def trust(self) -> None:
        """A person has told the truth of every line so far."""
        self._doubtful.clear()

    @staticmethod
    def name_key(printed: str) -> str:
        return bank_name(printed) if printed else ""

    def customers(self, *, name: str, iban: str) -> set[Customer]:
        """Who may have paid, by the account if it is known, else by the printed name."""
        if iban and iban in self.payers:
            return self.payers[iban]
        printed = self.name_key(name)
        if not printed:
            return set()
        if printed in self.payers:
            return self.payers[printed]
        words = printed.split(" ")
        shorter = (" ".join(words[:count]) for count in range(1, len(words) + 1))
        found = set[Customer]().union(*(self._by_name.get(name, ()) for name in shorter))
        # a long name may have been cut in the middle of a word
        beginning = printed if len(printed) >= 12 else printed + " "
        for name in self._names[bisect_left(self._names, beginning) :]:
            if not name.startswith(beginning):
                break
            found |= self._by_name[name]
        return found

    def settled(self, document: Document, before_cents: int, *, decidable: bool) -> None:
        """Something of the document was paid."""
        if not decidable:
            self._doubtful.setdefault(document, before_cents)
        if document.open_cents or document in self._doubtful:
            self._partly[document] = None
        else:
            self._partly.pop(document, None)

    def by_references(
        self,
        written: Sequence[str],
        payers: set[Customer],
        day: date,
        target_cents: int,
        truth: set[Document],
    ) -> bool:
        """Whether what is written leads to the true documents alone, given that their open amounts make the target."""
        readings = [self._readings(each, day) for each in written]
        for choice in (lambda d: d.customer in payers, lambda _: True):
            narrowed = [[each for each in found if choice(each[0])] for found in readings]
            if not all(narrowed) or prod(map(len, narrowed)) > _MAX_COMBINATIONS:
                continue
            fitting = {
                frozenset(document for document, _ in combination)
                for combination in product(*narrowed)
                if sum(cents for _, cents in combination) == target_cents
            }
            if fitting:
                return fitting == {frozenset(truth)}
        return False

    def by_near_reference(
        self, written: str, payers: set[Customer], day: date, cents: int, truth: Document
    ) -> bool:
        """One typing error: the amount is exact, and no other document is as near, or the payer tells them apart."""
        near = [
            document
            for document in self._of_amount(cents, day)
            if (is_near(written, document.number) or key_of(written) & keys_of(document.number))
        ]
        of_payer = [document for document in near if document.customer in payers]
        return (of_payer or near) == [truth]

    def by_amount(
        self,
        payers: set[Customer],
        day: date,
        cents: int,
        truth: set[Document],
        named: Collection[Document] = (),
    ) -> bool:
        """The best kind of explanation by amount, among the customers who may have paid.

        `named` are documents a reference leads to; the amount is then what is left to explain.
        """
        books = [[each for each in self._open(customer, day) if each[0] not in named] for customer in payers]
        for explained in _EXPLANATIONS:
            found = [each for book in books for each in explained(book, cents)]
            if found:
                return len(found) == 1 and found[0] == truth
        return False

    def by_beginning(
        self, written: str, payers: set[Customer], day: date, cents: int, truth: Document
    ) -> bool:
        """A number cut at its end: of the documents that begin so, one has the amount."""
        found = [
            document
            for document in self._of_amount(cents, day)
            if (
                compact(document.number).startswith(compact(written))
                if written
                else document.customer in payers
            )
        ]
        of_payer = [document for document in found if document.customer in payers]
        return (of_payer or found) == [truth]

    def is_only(self, payers: set[Customer], day: date, accepts: Iterable[int], truth: Document) -> bool:
        """Whether the document alone has one of these open amounts."""
        wanted = set(accepts)
        found = [d for customer in payers for d, cents in self._open(customer, day) if cents in wanted]
        return found == [truth]

    def has_amount(self, payers: set[Customer], day: date, cents: int) -> bool:
        """Whether the amount alone has an explanation among these customers."""
        return any(
            explained(self._open(customer, day), cents) for customer in payers for explained in _EXPLANATIONS
        )

    def _of_amount(self, cents: int, day: date) -> list[Document]:
        found = dict.fromkeys([*self._by_amount.get(cents, ()), *self._partly])
        return [d for d in found if d.issue_date <= day and cents in self._cents(d)]

    def _readings(self, written: str, day: date) -> list[tuple[Document, int]]:
        found = {document for key in key_of(written) for document in self._by_key.get(key, ())}
        return [
            (document, cents)
            for document in found
            if document.issue_date <= day
            for cents in self._cents(document)
        ]

    def _cents(self, document: Document) -> set[int]:
        return {document.open_cents, self._doubtful.get(document, document.open_cents)} - {0}

    def _open(self, customer: Customer, day: date) -> Open:
        return [
            (document, cents)
            for document in self._of[customer]
            if document.issue_date <= day
            for cents in self._cents(document)
        ]


def _singles(book: Open, cents: int) -> list[set[Document]]:
    return [{document} for document, open_cents in book if open_cents == cents]


def _whole(book: Open, cents: int) -> list[set[Document]]:
    is_whole = len(book) > 1 and sum(open_cents for _, open_cents in book) == cents
    return [{document for document, _ in book}] if is_whole else []


def _runs(book: Open, cents: int) -> list[set[Document]]:
    """Invoices from the oldest due on, without a gap."""
    invoices = sorted((each for each in book if each[1] > 0), key=lambda each: each[0].due_date)
    total = 0
    for count, (_, open_cents) in enumerate(invoices, start=1):
        total += open_cents
        if total == cents and count > 1:
            return [{document for document, _ in invoices[:count]}]
    return []


def _months(book: Open, cents: int) -> list[set[Document]]:
    """All the invoices of one month."""
    months: dict[tuple[int, int], list[tuple[Document, int]]] = defaultdict(list)
    for document, open_cents in book:
        if open_cents > 0:
            months[document.issue_date.year, document.issue_date.month].append((document, open_cents))
    return [
        {document for document, _ in each}
        for each in months.values()
        if len(each) > 1 and sum(open_cents for _, open_cents in each) == cents
    ]


def _sets(book: Open, cents: int) -> list[set[Document]]:
    """Every set of documents of this sum, when there are at most two; three or more are told as three empty ones."""
    if not 2 <= len(book) <= MAX_ITEMS:
        return []
    amounts = [open_cents for _, open_cents in book]
    middle = len(book) // 2
    left, right = _sums(amounts[:middle]), _sums(amounts[middle:])
    counts = Counter(left.tolist())
    matching = np.flatnonzero(np.isin(cents - right, left))
    if sum(counts[cents - right[place]] for place in matching) > 2:
        return [set(), set(), set()]
    found = []
    for place in matching:
        for other in np.flatnonzero(left == cents - right[place]):
            mask = int(other) | int(place) << middle
            found.append({document for rank, (document, _) in enumerate(book) if mask >> rank & 1})
    return found


def _sums(amounts: Sequence[int]) -> np.ndarray:
    """Sums of all subsets; bit i of the index says whether amount i is in."""
    sums = np.zeros(1, dtype=np.int64)
    for amount in amounts:
        sums = np.concatenate([sums, sums + amount])
    return sums


# Best first: what a bookkeeper would believe before looking further.
_EXPLANATIONS = (_singles, _whole, _months, _runs, _sets)
