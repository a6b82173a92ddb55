"""Conditions say yes, no or nothing: the compiled expression agrees with the tree read aloud, row by row."""

from typing import Any as Anything

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given

from encours.core.dunning.conditions import (
    FIELDS,
    OPERATORS,
    All,
    Any,
    Comparison,
    Condition,
    Not,
    compiled,
    fields_of,
    in_words,
    restored,
    stored,
)

TYPES = {"money": pl.Int64, "number": pl.Int64, "text": pl.String, "flag": pl.Boolean}
TEXTS = {
    "country": ["FR", "NO", "MC"],
    "language": ["fr", "en"],
    "currency": ["EUR", "USD"],
    "preferred_channel": ["email", "letter"],
}


def texts(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(TEXTS.get(name, ["PME", "Grands comptes", "yes", "null", "08", "é: #"]))


def values(name: str) -> st.SearchStrategy[Anything]:
    """What a row may hold: few different values, so that comparisons meet."""
    kind = FIELDS[name].kind
    if kind == "text":
        return texts(name)
    return st.booleans() if kind == "flag" else st.integers(0, 5)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    name = draw(st.sampled_from(sorted(FIELDS)))
    operator = draw(st.sampled_from(OPERATORS[FIELDS[name].kind]))
    if operator == "known":
        return Comparison(name, operator, draw(st.booleans()))
    if operator == "in":
        return Comparison(name, operator, tuple(draw(st.lists(texts(name), min_size=1, max_size=3))))
    return Comparison(name, operator, draw(values(name)))


def groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(several.map(All), several.map(Any), inner.map(Not))


conditions: st.SearchStrategy[Condition] = st.recursive(comparisons(), groups, max_leaves=8)
rows = st.fixed_dictionaries({name: st.none() | values(name) for name in sorted(FIELDS)})


def spoken(condition: Condition, row: dict[str, Anything]) -> bool | None:
    """Kleene's three values, written out."""
    match condition:
        case All(inner):
            said = [spoken(each, row) for each in inner]
            return False if False in said else None if None in said else True
        case Any(inner):
            said = [spoken(each, row) for each in inner]
            return True if True in said else None if None in said else False
        case Not(inner):
            said = spoken(inner, row)
            return None if said is None else not said
        case Comparison(name, operator, value):
            found = row[name]
            if operator == "known":
                return (found is not None) is value
            if found is None:
                return None
            return {
                "at_least": lambda: found >= value,
                "at_most": lambda: found <= value,
                "above": lambda: found > value,
                "below": lambda: found < value,
                "is": lambda: found == value,
                "in": lambda: found in value,
            }[operator]()


@given(condition=conditions, table=st.lists(rows, max_size=12))
def test_the_compiled_expression_says_what_the_tree_says(condition, table):
    frame = pl.DataFrame(table, schema={name: TYPES[FIELDS[name].kind] for name in sorted(FIELDS)})
    answers = frame.select(answer=compiled(condition))["answer"].to_list()
    assert answers == [spoken(condition, row) for row in table]


@given(condition=conditions)
def test_what_the_database_keeps_is_the_condition(condition):
    assert restored(stored(condition)) == condition


@given(condition=conditions)
def test_every_condition_can_be_read_aloud(condition):
    for language in ("fr", "en"):
        assert "{" not in in_words(condition).say(language)
    assert set(fields_of(condition)) <= set(FIELDS)


@pytest.mark.parametrize(
    ("condition", "french"),
    [
        (Comparison("amount", "at_least", 150_050), "reste dû de la créance ≥ 1500,50"),
        (Not(Comparison("public_buyer", "is", value=True)), "sauf si acheteur public"),
        (
            All(
                (
                    Any((Comparison("segment", "is", "PME"), Comparison("segment", "known", value=False))),
                    Comparison("country", "in", ("FR", "MC")),
                )
            ),
            "(segment = PME ou segment : inconnu) et pays parmi FR, MC",
        ),
    ],
)
def test_a_condition_in_french(condition, french):
    assert in_words(condition).say("fr") == french
