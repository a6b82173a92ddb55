"""Answers held against the truth: what counts as right, and the figures made of it."""

from datetime import date
from typing import Any

import pytest

from benchmarks.statements.books_files import Known
from benchmarks.statements.story import Truth
from benchmarks.statements.verdict import answers_of, calibration, judged, total


def said(
    reference: str, *documents: tuple[str, int], probability: float = 0.99, less: int = 0
) -> dict[str, Any]:
    return {
        "bank_reference": reference,
        "documents": [{"number": number, "allocated_cents": cents} for number, cents in documents],
        "adjustments": [{"kind": "discount", "amount_cents": less}] if less else [],
        "probability": probability,
        "reason": "",
    }


def outcome(**lists: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {"matched": [], "proposed": [], "unmatched": []} | lists


def receipt(*documents: tuple[str, int], decidable: bool = True, **more: Any) -> Known:
    truth = Truth("case", "receipt", decidable, documents, **more)
    return Known(truth, sum(cents for _, cents in documents), date(2025, 10, 1))


def test_right_is_the_same_documents_to_the_cent() -> None:
    truths = {each: receipt(("F1", 1000), ("A1", -200)) for each in ("right", "cents", "other", "part")}
    answers = answers_of(
        outcome(
            matched=[
                said("right", ("A1", -200), ("F1", 1000)),
                said("cents", ("F1", 999), ("A1", -199)),
                said("other", ("F2", 800)),
                said("part", ("F1", 800)),
            ]
        )
    )
    verdicts = {verdict.bank_reference: verdict.is_right for verdict in judged(truths, answers)}
    assert verdicts == {"right": True, "cents": False, "other": False, "part": False}


@pytest.mark.parametrize(("allocated", "less", "right"), [(980, 20, True), (1000, 20, True), (980, 0, False)])
def test_an_adjustment_is_part_of_the_answer(allocated: int, less: int, right: bool) -> None:
    truths = {"B1": receipt(("F1", 980), adjustments=(("discount", 20),))}
    (verdict,) = judged(truths, answers_of(outcome(matched=[said("B1", ("F1", allocated), less=less)])))
    assert verdict.is_right is right


def test_lines_nobody_can_tell_apart_may_exchange_their_documents() -> None:
    truths = {
        "B1": receipt(("F1", 500), decidable=False, group="F1=F2"),
        "B2": receipt(("F2", 500), decidable=False, group="F1=F2"),
        "B3": receipt(("F3", 500), decidable=False),
    }
    answers = answers_of(
        outcome(matched=[said("B1", ("F2", 500)), said("B2", ("F1", 500)), said("B3", ("F4", 500))])
    )
    assert [verdict.is_right for verdict in judged(truths, answers)] == [True, True, False]


def test_what_nobody_answered_was_set_aside() -> None:
    truths = {
        "noise": Known(Truth("bank_fees", "noise", True), -100, date(2025, 10, 1)),
        "money": receipt(("F1", 500)),
    }
    verdicts = {verdict.bank_reference: verdict for verdict in judged(truths, answers_of(outcome()))}
    assert verdicts["noise"].is_right
    assert not verdicts["money"].is_right
    assert total(verdicts.values()).wrong == 1


def test_the_right_answer_is_looked_for_among_the_first_three_proposals() -> None:
    candidates = [said("B1", (number, 500)) for number in ("F1", "F2", "F3", "F4")]
    proposal = {"bank_reference": "B1", "candidates": candidates}
    for number, found in (("F3", 1), ("F4", 0)):
        tally = total(judged({"B1": receipt((number, 500))}, answers_of(outcome(proposed=[proposal]))))
        assert (tally.in_first, tally.decidable, tally.automatic) == (found, 1, 0)


def test_rates_are_of_the_decidable_and_precision_of_all() -> None:
    truths = {
        "B1": receipt(("F1", 100)),
        "B2": receipt(("F2", 300)),
        "B3": receipt(("F3", 100), decidable=False),
    }
    answers = answers_of(
        outcome(
            matched=[said("B1", ("F1", 100)), said("B3", ("F9", 100))],
            unmatched=[{"bank_reference": "B2"}],
        )
    )
    tally = total(judged(truths, answers))
    assert tally.automatic_rate == 50
    assert tally.as_details()["automatic by value"] == 25
    assert tally.precision == 50


def test_calibration_sets_what_was_stated_against_how_often_it_was_right() -> None:
    truths = {f"B{i}": receipt(("F1", 100)) for i in range(4)}
    answers = answers_of(
        outcome(matched=[said(f"B{i}", ("F1" if i else "F2", 100), probability=0.96) for i in range(4)])
    )
    (found,) = calibration(judged(truths, answers))
    assert (found.low, len(found.stated), found.right) == (0.95, 4, 3)
    assert found.mean == pytest.approx(0.96)
