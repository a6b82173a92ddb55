"""Answers of the engine held against the truth, and the figures that come of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.statements.books_files import Known
from benchmarks.statements.story import Truth

FIRST = 3  # proposals a person reads before searching
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)


@dataclass(frozen=True)
class Candidate:
    """One explanation as `encours reconcile --json` gives it."""

    documents: Mapping[str, int]
    adjusted_cents: int
    probability: float
    reason: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Candidate":
        documents: dict[str, int] = {}
        for settled in entry["documents"]:
            documents[settled["number"]] = documents.get(settled["number"], 0) + settled["allocated_cents"]
        return cls(
            documents,
            sum(abs(each["amount_cents"]) for each in entry.get("adjustments", ())),
            entry.get("probability", entry.get("confidence", 0.0)),
            entry.get("reason", ""),
        )


@dataclass(frozen=True)
class Answer:
    """`outcome`: automatic, proposed, none, or set_aside."""

    outcome: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What became of one line. `rank` is the place of the right answer among the proposals, 0 when it is not there."""

    bank_reference: str
    truth: Truth
    amount_cents: int
    answer: Answer
    is_right: bool  # of an automatic answer, set aside included
    rank: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Verdict":
        """From the JSON of `dataclasses.asdict`."""
        truth: dict[str, Any] = dict(row["truth"])
        for name in ("documents", "adjustments"):
            truth[name] = tuple((key, cents) for key, cents in truth[name])
        truth["customers"] = tuple(truth["customers"])
        answer = Answer(
            row["answer"]["outcome"], tuple(Candidate(**each) for each in row["answer"]["candidates"])
        )
        return cls(**(dict(row) | {"truth": Truth(**truth), "answer": answer}))

    @property
    def is_automatic(self) -> bool:
        return self.answer.outcome in ("automatic", "set_aside")


def answers_of(outcome: Mapping[str, Any]) -> dict[str, Answer]:
    """By bank reference, from the object that `encours reconcile --json` prints."""
    answers: dict[str, Answer] = {}
    for entry in outcome["matched"]:
        answers[entry["bank_reference"]] = Answer("automatic", (Candidate.of(entry),))
    for entry in outcome["proposed"]:
        candidates = entry.get("candidates") or [entry]
        answers[entry["bank_reference"]] = Answer("proposed", tuple(map(Candidate.of, candidates)))
    for entry in outcome["unmatched"]:
        answers[entry["bank_reference"]] = Answer("none")
    return answers


def judged(truths: Mapping[str, Known], answers: Mapping[str, Answer]) -> list[Verdict]:
    """One verdict per line of the truth. A line nobody answered was set aside."""
    groups: dict[str, list[Truth]] = {}
    for known in truths.values():
        if known.truth.group:
            groups.setdefault(known.truth.group, []).append(known.truth)
    verdicts = []
    for reference, known in truths.items():
        truth = known.truth
        answer = answers.get(reference, Answer("set_aside"))
        allowed = groups.get(truth.group, [truth])
        right = [any(_is_right(one, candidate) for one in allowed) for candidate in answer.candidates]
        if answer.outcome == "set_aside":
            is_right = truth.kind == "noise"
        else:
            is_right = answer.outcome == "automatic" and right[0]
        rank = right.index(True) + 1 if any(right) else 0
        verdicts.append(Verdict(reference, truth, known.amount_cents, answer, is_right, rank))
    return verdicts


def _is_right(truth: Truth, candidate: Candidate) -> bool:
    """The same documents, each to the cent; one with an adjustment by the money alone or with the adjustment.

    Of money that went back it is what is open again.
    """
    expected = dict(truth.documents)
    if truth.kind == "return":
        opened = {number: abs(cents) for number, cents in candidate.documents.items()}
        return opened == {number: abs(cents) for number, cents in expected.items()}
    if truth.kind == "noise" or candidate.documents.keys() != expected.keys():
        return False
    adjustment = sum(cents for _, cents in truth.adjustments)
    if not adjustment:
        return candidate.adjusted_cents == 0 and dict(candidate.documents) == expected
    gap = sum(candidate.documents.values()) - sum(expected.values())
    return candidate.adjusted_cents == adjustment and gap in (0, adjustment)


@dataclass
class Tally:
    """Counts over some lines."""

    count: int = 0
    decidable: int = 0
    decidable_automatic: int = 0
    decidable_value: int = 0
    decidable_automatic_value: int = 0
    automatic: int = 0
    right: int = 0
    in_first: int = 0  # of the decidable: settled rightly, or the right answer is among the first proposals
    proposed: int = 0
    none: int = 0

    def add(self, verdict: Verdict) -> None:
        value = abs(verdict.amount_cents)
        self.count += 1
        self.automatic += verdict.is_automatic
        self.right += verdict.is_automatic and verdict.is_right
        self.proposed += verdict.answer.outcome == "proposed"
        self.none += verdict.answer.outcome == "none"
        if verdict.truth.decidable:
            self.decidable += 1
            self.decidable_value += value
            # a wrong answer is no work saved
            if verdict.is_automatic and verdict.is_right:
                self.decidable_automatic += 1
                self.decidable_automatic_value += value
            found = (verdict.is_automatic and verdict.is_right) or 1 <= verdict.rank <= FIRST
            self.in_first += found

    def as_details(self) -> dict[str, float]:
        """Shares in percent; those that have no lines to be of are left out."""
        shares = {
            "automatic by value": (self.decidable_automatic_value, self.decidable_value),
            "precision": (self.right, self.automatic),
            f"first {FIRST}": (self.in_first, self.decidable),
        }
        return {
            "lines": self.count,
            "decidable": self.decidable,
            **{name: round(100 * part / whole, 2) for name, (part, whole) in shares.items() if whole},
            "wrong": self.wrong,
            "proposed": self.proposed,
            "none": self.none,
        }

    @property
    def wrong(self) -> int:
        return self.automatic - self.right

    @property
    def automatic_rate(self) -> float:
        """Percent of the decidable that was settled by itself, and rightly."""
        return 100 * self.decidable_automatic / self.decidable if self.decidable else 0.0

    @property
    def precision(self) -> float:
        return 100 * self.right / self.automatic if self.automatic else 100.0

    @property
    def first_rate(self) -> float:
        return 100 * self.in_first / self.decidable if self.decidable else 0.0


@dataclass
class Bin:
    low: float
    high: float
    stated: list[float] = field(default_factory=list)
    right: int = 0

    @property
    def mean(self) -> float:
        return sum(self.stated) / len(self.stated)


def tallies(verdicts: Iterable[Verdict]) -> dict[tuple[str, str], Tally]:
    """By kind and case."""
    found: dict[tuple[str, str], Tally] = {}
    for verdict in verdicts:
        found.setdefault((verdict.truth.kind, verdict.truth.case), Tally()).add(verdict)
    return dict(sorted(found.items()))


def total(verdicts: Iterable[Verdict]) -> Tally:
    tally = Tally()
    for verdict in verdicts:
        tally.add(verdict)
    return tally


def calibration(verdicts: Sequence[Verdict]) -> list[Bin]:
    """How often the first explanation of a line is the right one, by the probability stated for it."""
    bins = [Bin(low, high) for low, high in zip(BINS, BINS[1:], strict=False)]
    for verdict in verdicts:
        if verdict.truth.kind != "receipt" or not verdict.answer.candidates:
            continue
        stated = verdict.answer.candidates[0].probability
        place = next((b for b in bins if b.low <= stated < b.high), bins[-1])
        place.stated.append(stated)
        place.right += verdict.rank == 1
    return [b for b in bins if b.stated]
