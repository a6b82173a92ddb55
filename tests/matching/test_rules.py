"""What rules a company may set: every accepted value is read back as it was meant, everything else is refused in words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encours.core.matching.amounts import Rules
from encours.core.matching.decide import Thresholds
from encours.core.matching.rules import NAMES, changed, from_text, rules_from, values_of

# near what is allowed, so that both sides of every limit are tried; and anything JSON can hold
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "discount_rates": st.lists(st.integers(-1, 2_502), max_size=14),
        "fee_cents": st.integers(-1, 10_001),
        "difference_cents": st.integers(-1, 1_001),
        "automatic": st.lists(st.sampled_from(["discount", "bank_fee", "rounding_difference", "write_off"])),
        "probability": st.floats(0.89, 1.01),
        "margin": st.floats(-0.01, 1.01),
    },
)
ANYTHING = st.dictionaries(
    st.sampled_from([*NAMES, "fee"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=2),
        max_leaves=4,
    ),
)


@given(values=NEARLY | ANYTHING)
def test_what_is_accepted_is_stored_and_read_back(values: dict[str, Any]):
    stored, problems = changed({}, values)
    if problems:
        assert stored == {}
        assert all(problem.field in values and problem.sentence.say("fr") for problem in problems)
        return
    stored = json.loads(json.dumps(stored, allow_nan=False))
    rules, thresholds = rules_from(stored)
    assert isinstance(rules, Rules)
    assert isinstance(thresholds, Thresholds)
    assert changed({}, values_of(stored)) == (stored, ())
    for name, value in values.items():
        if value is not None and name in ("fee_cents", "difference_cents"):
            assert getattr(rules, name) == value


@given(first=NEARLY, second=NEARLY)
def test_what_is_not_named_stays(first: dict[str, Any], second: dict[str, Any]):
    stored, _ = changed({}, first)
    after, problems = changed(stored, second)
    if problems:
        assert after == stored
    else:
        kept = {name: value for name, value in values_of(stored).items() if name not in second}
        assert kept.items() <= values_of(after).items()


def test_defaults_are_not_stored_and_can_be_gone_back_to():
    assert changed({}, values_of({})) == ({}, ())
    assert changed({"fee_cents": 500, "margin": 0.5}, {"fee_cents": None}) == ({"margin": 0.5}, ())


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"escompte": 1}, "rules.unknown"),
        ({"fee_cents": "30 €"}, "rules.not_cents"),
        ({"fee_cents": 12.5}, "rules.not_cents"),
        ({"fee_cents": True}, "rules.not_cents"),
        ({"difference_cents": 1_001}, "rules.out_of_range"),
        ({"probability": 0.5}, "rules.out_of_range"),
        ({"probability": 1}, "rules.out_of_range"),
        ({"probability": float("nan")}, "rules.not_a_share"),
        ({"margin": None, "probability": "0,99"}, "rules.not_a_share"),
        ({"discount_rates": 200}, "rules.not_a_list"),
        ({"discount_rates": [200, 2.5]}, "rules.bad_rate"),
        ({"discount_rates": [2_600]}, "rules.out_of_range"),
        ({"discount_rates": list(range(1, 14))}, "rules.too_many_rates"),
        ({"automatic": ["write_off"]}, "rules.unknown_kind"),
        ({"automatic": "discount"}, "rules.not_a_list"),
    ],
)
def test_each_bad_value_has_its_reason(values: dict[str, Any], code: str):
    stored, problems = changed({"fee_cents": 100}, values)
    assert stored == {"fee_cents": 100}
    assert [problem.code for problem in problems] == [code]
    assert problems[0].field in values


def test_limits_are_told_as_people_write_them():
    _, (problem,) = changed({}, {"probability": 0.5})
    assert (
        problem.sentence.say("fr")
        == "Probabilité exigée : 50\u00a0% n'est pas possible, de 90\u00a0% à 99,99\u00a0%."
    )
    _, (problem,) = changed({}, {"fee_cents": 20_000})
    assert problem.sentence.say("en") == "Bank fees up to: €200.00 is not possible, from €0.00 to €100.00."


def test_rules_as_written_on_a_command_line():
    written = {
        "fee_cents": "1500", "discount_rates": "200, 300", "automatic": "discount,bank_fee", "probability": "0.99",
        "difference_cents": "", "margin": "x",
    }  # fmt: skip
    read = {name: from_text(name, text) for name, text in written.items()}
    assert read == {
        "fee_cents": 1_500, "discount_rates": [200, 300], "automatic": ["discount", "bank_fee"], "probability": 0.99,
        "difference_cents": None, "margin": "x",
    }  # fmt: skip
    assert from_text("automatic", "-") == []
