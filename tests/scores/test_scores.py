"""Scores by others: brought in from tables, kept apart by source and day, asked for by steps of policies."""

import json
from datetime import date, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from encours.actions.import_file import receive_file, run_import
from encours.actions.preview_file import preview_file
from encours.actions.run_dunning import plan_dunning
from encours.actions.save_policy import save_policy
from encours.actions.simulate_dunning import simulate_dunning
from encours.core.dunning.conditions import Comparison, Not
from encours.core.dunning.policy import Policy, Step
from encours.core.scores import OWN_SOURCE
from encours.queries.scores import scores_of_customer, valid_scores
from encours.store.models import Company, Customer, ImportProblem, JournalEntry, Score
from tests import cast
from tests.dunning.conftest import bank_known

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"


@pytest.fixture
def dubois(company) -> Customer:
    return cast.customer(company, "C0001", "Menuiserie Dubois", siren="732829320")


@pytest.fixture
def bring(company, tmp_path):
    def bring(table: str, kind: str = "", to: Company = company):
        path = tmp_path / "scores.csv"
        path.write_text(table, "utf-8")
        batch = receive_file(company=to, source=path, actor="test")
        return run_import(company=to, batch_id=batch.pk, kind=kind)

    return bring


def kept() -> list[tuple]:
    rows = Score.objects.order_by("customer__code", "source", "given_date")
    return [(row.customer.code, row.source, row.value, row.given_date, row.valid_until_date) for row in rows]


def test_a_table_of_scores_is_recognised_and_taken(dubois, bring):
    outcome = bring(
        "Code client;Score;Date du score;Valable jusqu'au;Source\n"
        "C0001;85;01/02/2026;31/07/2026;Ellisphere\nC0001;17/20;15/01/2026;;Altares\n"
    )
    assert (outcome.kind, outcome.state, outcome.created, outcome.refused) == ("scores", "done", 2, 0)
    assert kept() == [
        ("C0001", "Altares", 85, date(2026, 1, 15), None),
        ("C0001", "Ellisphere", 85, date(2026, 2, 1), date(2026, 7, 31)),
    ]
    entry = JournalEntry.objects.get(action="scores.imported")
    assert (entry.data["created"], entry.data["refused"]) == (2, 0)
    assert "documents" not in outcome.as_json("fr")


def test_the_same_file_again_changes_nothing_and_a_correction_is_taken(dubois, bring):
    table = "SIREN;Score;Date;Source\n732 829 320;{};01/02/2026;Ellisphere\n"
    bring(table.format(85))
    again = bring(table.format(85))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    corrected = bring(table.format(60))
    assert (corrected.created, corrected.updated) == (0, 1)
    assert kept() == [("C0001", "Ellisphere", 60, date(2026, 2, 1), None)]


def test_a_siren_of_two_accounts_is_the_score_of_both(company, dubois, bring):
    cast.customer(company, "C0002", "Menuiserie Dubois, atelier", siren="732829320")
    bring("Siren;Note;Date\n732829320;40;01/02/2026\n")
    assert [(code, value, source) for code, source, value, *_ in kept()] == [
        ("C0001", 40, "import"),
        ("C0002", 40, "import"),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("C9999;85;01/02/2026;;X", "score.unknown_customer"),
        (";85;01/02/2026;;X", "score.no_customer"),
        ("C0001;101;01/02/2026;;X", "score.no_score"),
        ("C0001;-3;01/02/2026;;X", "score.no_score"),
        ("C0001;A+;01/02/2026;;X", "score.no_score"),
        ("C0001;21/20;01/02/2026;;X", "score.no_score"),
        ("C0001;;01/02/2026;;X", "score.no_score"),
        ("C0001;85;hier;;X", "score.no_date"),
        ("C0001;85;01/02/2026;jamais;X", "score.no_date"),
        ("C0001;85;01/02/2026;31/01/2026;X", "score.ends_before"),
        ("C0001;85;01/02/2026;;Encours", "score.reserved_source"),
    ],
)
def test_a_line_that_is_no_score_is_kept_aside_and_the_others_are_taken(dubois, bring, line, code):
    outcome = bring(
        f"Code client;Score;Date du score;Valable jusqu'au;Source\n{line}\nC0001;50;02/02/2026;;X\n"
    )
    assert (outcome.created, outcome.refused) == (1, 1)
    problem = ImportProblem.objects.get()
    assert (problem.sentence["code"], problem.line) == (code, 2)
    assert problem.raw


def test_two_scores_of_a_source_and_day_are_one_question_for_a_person(dubois, bring):
    outcome = bring("Code client;Score;Date\nC0001;50;01/02/2026\nC0001;50;01/02/2026\nC0001;70;01/02/2026\n")
    assert (outcome.created, outcome.refused, [each.code for each in outcome.problems]) == (
        1,
        1,
        ["score.told_otherwise"],
    )


def test_scores_out_of_twenty_are_out_of_a_hundred_here(dubois, bring):
    bring("Code client;Score / 20;Date\nC0001;12,5;01/02/2026\n")
    assert kept()[0][2] == 63


def test_a_column_that_looks_like_another_scale_is_told(company, bring):
    rows = ""
    for rank in range(12):
        cast.customer(company, f"D{rank}", f"Client {rank}")
        rows += f"D{rank};{rank};01/02/2026\n"
    outcome = bring(f"Code client;Score;Date\n{rows}")
    assert (outcome.created, [each.code for each in outcome.problems]) == (12, ["score.all_low"])


def test_a_preview_counts_without_taking(dubois, tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("Code client;Score;Date\nC0001;50;01/02/2026\nC0001;x;01/02/2026\n", "utf-8")
    told = preview_file(path=path, kind="scores", columns={}, progress=None)
    assert (told.kind, told.created, told.refused, Score.objects.count()) == ("scores", 1, 1, 0)


def test_a_list_of_customers_stays_one(dubois, bring):
    assert bring("Code;Nom;Ville\nC0009;Client neuf;Nantes\n").kind == "customers_csv"


# -- which one counts

GIVEN = st.lists(
    st.tuples(
        st.sampled_from([OWN_SOURCE, "Altares", "Ellisphere"]),
        st.integers(0, 100),
        st.integers(-40, 10),  # days from DAY
        st.none() | st.integers(0, 40),  # days it is valid
    ),
    max_size=8,
    unique_by=lambda each: (each[0], each[2]),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scores=GIVEN)
def test_the_latest_valid_one_counts_our_own_first(company, dubois, scores):
    Score.objects.all().delete()
    rows = []
    for source, value, days, lasts in scores:
        day = DAY + timedelta(days)
        until = None if lasts is None else day + timedelta(lasts)
        made = Score.objects.create(
            company=company,
            customer=dubois,
            source=source,
            value=value,
            given_date=day,
            valid_until_date=until,
        )
        rows.append((source == OWN_SOURCE, day, made.pk, value, until))
    valid = [row for row in rows if row[1] <= DAY and (row[4] is None or row[4] >= DAY)]
    expected = [max(valid)[3]] if valid else []
    assert valid_scores(company=company, on=DAY)["score"].to_list() == expected
    shown = scores_of_customer(company=company, customer_id=dubois.pk, on=DAY)
    assert [row.value for row in shown if row.counts] == expected
    assert len(shown) == sum(row[1] <= DAY for row in rows)


def test_scores_are_their_company_s_own(company, other_company, dubois, bring):
    bring("SIREN;Score;Date\n732829320;40;01/02/2026\n")
    assert valid_scores(company=other_company, on=DAY).is_empty()
    assert scores_of_customer(company=other_company, customer_id=dubois.pk, on=DAY) == []


# -- in policies


def in_force(company, condition) -> None:
    steps = (Step(1, "reminder_1", condition=condition),)
    policy = Policy("standard", "Relance", min_gap_days=5, min_amount_cents=1_000, steps=steps)
    save_policy(company=company, policy=policy, actor="test")


@pytest.fixture
def owing(company, dubois):
    cast.invoice(
        company,
        dubois,
        "FA-1",
        payable_cents=90_000,
        issue_date=DAY - timedelta(31),
        due_date=DAY - timedelta(1),
    )
    from encours.store.models import Contact

    Contact.objects.create(company=company, customer=dubois, email="compta@dubois.example", is_primary=True)
    bank_known(company, DAY)
    return dubois


@pytest.mark.parametrize(
    ("value", "condition", "is_planned"),
    [
        (30, Comparison("score", "below", 40), True),
        (40, Comparison("score", "below", 40), False),
        (None, Comparison("score", "below", 40), False),  # without a score the condition is not met
        (None, Not(Comparison("score", "at_least", 40)), False),  # nor is its contrary
        (None, Comparison("score", "known", value=False), True),
        (30, Comparison("score", "known", value=True), True),
    ],
)
def test_a_step_asks_for_a_score(company, owing, value, condition, is_planned):
    if value is not None:
        Score.objects.create(company=company, customer=owing, source="X", value=value, given_date=DAY)
    in_force(company, condition)
    plan = plan_dunning(company=company, on=DAY)
    assert plan.actions.height == int(is_planned)
    if not is_planned:
        said = json.dumps(plan.held.to_dicts(), default=str, ensure_ascii=False)
        assert "condition.field.score" in said  # the plan says why in the condition's words
    simulated = simulate_dunning(company=company, on=DAY, days=2)
    assert simulated is not None


def test_a_score_that_has_run_out_is_none(company, owing):
    Score.objects.create(
        company=company,
        customer=owing,
        source="X",
        value=10,
        given_date=DAY,
        valid_until_date=DAY + timedelta(3),
    )
    in_force(company, Comparison("score", "at_most", 50))
    assert plan_dunning(company=company, on=DAY + timedelta(3)).actions.height == 1
    assert plan_dunning(company=company, on=DAY + timedelta(4)).actions.height == 0
