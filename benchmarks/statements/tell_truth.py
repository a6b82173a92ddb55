"""The accountant of the history: takes back what is wrong, confirms what is right, enters by hand what is missing."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from benchmarks.statements.books_files import Known
from benchmarks.statements.story import Truth
from benchmarks.statements.verdict import Verdict
from encours.actions.confirm_match import UnableToMatch, confirm_match
from encours.actions.match_by_hand import match_by_hand
from encours.actions.set_aside import set_aside
from encours.actions.undo_match import undo_match
from encours.actions.write_off import write_off
from encours.core.ledger import Portion
from encours.store.models import Customer, Document, Match, Transaction


def tell_truth(*, company: Any, truths: Mapping[str, Known], verdicts: Sequence[Verdict], actor: str) -> None:
    """Every line of the truth ends as it truly is. Wrong answers go first: what they took must be open again."""
    by_reference = {verdict.bank_reference: verdict for verdict in verdicts}
    told = _Accountant(company, actor)
    for reference, known in truths.items():
        verdict = by_reference[reference]
        if verdict.answer.outcome == "automatic" and not verdict.is_right:
            told.undo(reference, known.booked_date)
    failed = 0
    for reference, known in sorted(truths.items(), key=lambda item: item[1].booked_date):
        verdict = by_reference[reference]
        if verdict.is_right:
            continue
        try:
            told.enter(reference, known.truth, known.booked_date, is_proposed=verdict.rank == 1)
        except UnableToMatch as error:
            failed += 1
            print(f"not entered: {reference} {known.truth.case}: {error.sentence.say('en')}", file=sys.stderr)
    assert failed <= 0.02 * len(truths), (
        f"{failed} of {len(truths)} lines of the history could not be entered"
    )


class _Accountant:
    def __init__(self, company: Any, actor: str) -> None:
        self.company, self.actor = company, actor
        self.lines = dict(Transaction.objects.filter(company=company).values_list("bank_reference", "pk"))
        self.customers = dict(Customer.objects.filter(company=company).values_list("code", "pk"))
        self.documents = dict(Document.objects.filter(company=company).values_list("number", "pk"))

    def undo(self, reference: str, day: date) -> None:
        match = Match.objects.filter(
            company=self.company, transaction_id=self.lines[reference], state=Match.State.APPLIED
        ).first()
        if match is not None:
            undo_match(company=self.company, match_id=match.pk, on=day, actor=self.actor)

    def enter(self, reference: str, truth: Truth, day: date, *, is_proposed: bool) -> None:
        line_id = self.lines[reference]
        if truth.kind == "noise":
            set_aside(company=self.company, transaction_id=line_id, reason="Aucun client", actor=self.actor)
        elif truth.kind == "return":
            self._take_back(line_id, truth, day)
        elif is_proposed and self._confirm(line_id):
            return
        else:
            match_by_hand(
                company=self.company,
                transaction_id=line_id,
                customer_id=self.customers[truth.customers[0]],
                portions=[Portion(self.documents[number], abs(cents)) for number, cents in truth.documents],
                actor=self.actor,
            )
            self._adjust(truth, day)

    def _confirm(self, line_id: int) -> bool:
        match = Match.objects.filter(
            company=self.company, transaction_id=line_id, state=Match.State.PROPOSED
        ).first()
        if match is None:
            return False
        try:
            confirm_match(company=self.company, match_id=match.pk, actor=self.actor)
        except UnableToMatch:
            return False
        return True

    def _adjust(self, truth: Truth, day: date) -> None:
        """What the customer kept back is given up: nothing stays open on what the line has paid."""
        if not truth.adjustments:
            return
        kinds = ", ".join(kind for kind, _ in truth.adjustments)
        for document in Document.objects.filter(
            company=self.company, number__in=dict(truth.documents), open_cents__gt=0
        ):
            write_off(
                company=self.company, document_id=document.pk, amount_cents=document.open_cents, reason=kinds,
                on=day, actor=self.actor,
            )  # fmt: skip

    def _take_back(self, line_id: int, truth: Truth, day: date) -> None:
        """The match of the money that went back is undone; neither line waits any more."""
        cents = sum(cents for _, cents in truth.documents)
        line = Transaction.objects.get(company=self.company, pk=line_id)
        match = (
            Match.objects.filter(
                company=self.company,
                state=Match.State.APPLIED,
                transaction__amount_cents=-cents,
                transaction__booked_date__lt=day,
                lines__contains=[{"number": truth.documents[0][0]}],
            )
            .order_by("-transaction__booked_date")
            .first()
        )
        if match is not None:
            undo_match(company=self.company, match_id=match.pk, on=day, actor=self.actor)
            set_aside(
                company=self.company, transaction_id=match.transaction_id, reason="Impayé", actor=self.actor
            )
        if line.state in (Transaction.State.NEW, Transaction.State.PROPOSED):
            set_aside(company=self.company, transaction_id=line_id, reason="Impayé", actor=self.actor)
