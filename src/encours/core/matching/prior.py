"""What is believed before a company has confirmed or undone anything, and how its own answers change that.

The figures are shares, fitted on generated statements whose truth is known (`benchmarks/bench_matching.py`, training
seeds) and rounded to the careful side.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

# How sure a citation is (`cited.CITATIONS`; "announced": a short number right after a word such as "facture").
CITATIONS: Mapping[str, float] = {
    "own_key": 0.9999, "number": 0.995, "announced": 0.9, "short": 0.3, "range": 0.97,
    "tail": 0.85, "typing_error": 0.9, "cut": 0.8,
}  # fmt: skip
# Citations that stand by themselves; the others need a customer or an amount that agrees.
STRONG = ("own_key", "number")
# How sure it is that the customer recognised is the one who pays (`payers.EVIDENCE`).
EVIDENCE: Mapping[str, float] = {
    "iban": 0.99, "alias": 0.98, "name": 0.97, "name_cut": 0.92, "name_inside": 0.92, "name_like": 0.85,
}  # fmt: skip
# A number whose customer is also recognised as the payer is wrong this much less often.
CORROBORATED = 0.1
# Words such as "acompte" make a part payment this much likelier.
ANNOUNCED_PART = 30
# What payers who cite documents pay; the rest, `OTHER`, is anything else.
CITED: Mapping[str, float] = {
    "exact": 0.82, "transfers": 0.02, "instalment": 0.025, "with_note": 0.012, "without_note": 0.002, "discount": 0.012,
    "fee": 0.03, "difference": 0.02, "completed": 0.012, "some": 0.003, "part": 0.04, "over": 0.01,
}  # fmt: skip
# What payers who cite nothing pay.
UNCITED: Mapping[str, float] = {
    "single": 0.5, "balance": 0.06, "due": 0.03, "month": 0.04, "run": 0.05, "instalment": 0.025, "subset": 0.1,
    "transfers": 0.02, "discount": 0.012, "fee": 0.02, "difference": 0.012, "part": 0.03, "over": 0.01,
}  # fmt: skip
OTHER_CITED = 0.0001
OTHER_UNCITED = 0.06
# Of money from nobody known: what is one open document whole, and what is anything else.
STRANGER_SINGLE, STRANGER_OTHER = 0.3, 0.7
# How much the habits of one customer weigh against everybody's: like this many payments.
_HABIT_WEIGHT = 12
# From this many payments on a way of paying is a habit.
_REGULAR = 3
# How much doubt one undone match casts: the rule is believed as if it had been right this often before.
_TRUST_WEIGHT = 200
# What was believed at least this much counts for trust: less is a person's to confirm.
TRUSTED_FROM = 0.99


@dataclass(frozen=True)
class Experience:
    """What a company's own answers taught. `trust` is by rule, `habits` by customer and pattern: numbers of matches."""

    trust: Mapping[str, tuple[int, int]] = field(
        default_factory=dict
    )  # confirmed or left, undone or rejected
    habits: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def trust_in(self, rule: str) -> float:
        """What a probability is multiplied by: 1 until matches of this rule were undone.

        >>> round(Experience(trust={"iban:single": (50, 1)}).trust_in("iban:single"), 3)
        0.996
        """
        kept, undone = self.trust.get(rule, (0, 0))
        return (kept + _TRUST_WEIGHT) / (kept + undone + _TRUST_WEIGHT)

    def after(self, applied: Iterable[tuple[str, float, int | None]]) -> "Experience":
        """The same with matches applied since: (rule, confidence, customer) of each."""
        trust = dict(self.trust)
        habits = {customer_id: dict(patterns) for customer_id, patterns in self.habits.items()}
        for rule, confidence, customer_id in applied:
            _, _, pattern = rule.partition(":")
            if pattern and confidence >= TRUSTED_FROM:
                kept, undone = trust.get(rule, (0, 0))
                trust[rule] = kept + 1, undone
            if pattern in UNCITED and customer_id is not None:
                own = habits.setdefault(customer_id, {})
                own[pattern] = own.get(pattern, 0) + 1
        return Experience(trust, habits)

    def allows(self, pattern: str, customer_id: int) -> bool:
        """Whether a customer keeps something back in this way so regularly that no person needs to say yes."""
        return self.habits.get(customer_id, {}).get(pattern, 0) >= _REGULAR

    def shares_of(self, customer_id: int) -> Mapping[str, float]:
        """How often this customer pays in each way of `UNCITED` when it cites nothing."""
        own = self.habits.get(customer_id)
        if not own:
            return UNCITED
        total = sum(own.values()) + _HABIT_WEIGHT
        return {
            pattern: (own.get(pattern, 0) + _HABIT_WEIGHT * usual) / total
            for pattern, usual in UNCITED.items()
        }
