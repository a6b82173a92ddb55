"""Two runs side by side, and what the record of matches says for or against a change."""

from datetime import date

import polars as pl
import pytest

from encours.core.matching.comparison import ANSWERED, Verdict, change_of, record_of

SINCE = date(2026, 1, 1)
ONE, OTHER = ((("F-1", 100),),), ((("F-2", 100),),)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (Verdict("proposed", ONE), Verdict("automatic", ONE), "matched_more"),
        (Verdict("none"), Verdict("automatic", ONE), "matched_more"),
        (Verdict("automatic", ONE), Verdict("proposed", ONE), "matched_less"),
        (Verdict("automatic", ONE), Verdict("set_aside"), "matched_less"),
        (Verdict("none"), Verdict("proposed", ONE), "proposed_more"),
        (Verdict("proposed", ONE), Verdict("none"), "proposed_less"),
        (Verdict("automatic", ONE), Verdict("automatic", OTHER), "otherwise"),
        (Verdict("proposed", ONE), Verdict("proposed", OTHER), "otherwise"),
        (Verdict("proposed", ONE), Verdict("proposed", ONE), None),
        (Verdict("none", ((),)), Verdict("none", ONE), None),
    ],
)
def test_what_becomes_of_a_line(before: Verdict, after: Verdict, change: str | None):
    assert change_of(before, after) == change


def said(current: dict, wanted: dict, rows: list[tuple]) -> list[str]:
    answered = pl.DataFrame(rows, schema=ANSWERED, orient="row")
    return [
        sentence.say("en")
        for sentence in record_of(answered=answered, current=current, wanted=wanted, since=SINCE)
    ]


ROWS = [
    ("single", 0.9999, False, False, 40),
    ("single", 0.996, False, False, 7),
    ("single", 0.996, False, True, 2),
    ("discount", 0.98, True, False, 9),
    ("discount", 0.97, True, True, 1),
    ("fee", 0.998, False, False, 3),
]
STAND = "Lines matched by themselves since 1 Jan 2026: 50 in force, 2 undone."


def test_a_stricter_threshold_is_told_by_what_it_would_have_left_to_people():
    assert said({}, {"probability": 0.999}, ROWS) == [
        STAND,
        "Less probable than 99.9%, these would only have been proposed: 10 in force, 2 undone.",
    ]


def test_a_looser_threshold_is_told_by_what_people_answered_to_such_proposals():
    assert said({}, {"probability": 0.975}, ROWS)[1:] == [
        "Proposals from 97.5% to 99.5%: 9 accepted, 0 rejected or undone."
    ]


def test_what_is_closed_without_a_person_is_told_by_what_became_of_it():
    wanted = {"automatic": ["discount"]}
    assert said({"automatic": ["bank_fee"]}, wanted, ROWS)[1:] == [
        "Proposals that close a discount: 9 accepted, 1 rejected or undone.",
        "Lines that closed bank fees by themselves: 3 in force, 0 undone.",
    ]


def test_a_record_that_says_nothing_of_the_change_says_so():
    assert said({}, {"fee_cents": 100}, ROWS) == [
        STAND,
        "Nothing that people accepted, rejected or undid speaks for or against this change.",
    ]


def test_without_a_record_nothing_is_said():
    assert said({}, {"probability": 0.99}, []) == []
