"""Policies as YAML: what is written is what is read, and every fault is told where it stands."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from encours.core.dunning.documents import written_policy
from encours.core.dunning.policy import (
    APPROVALS,
    CHANNELS,
    DEFAULT_POLICY,
    NOTICES,
    SIGNERS,
    TEMPLATES,
    TONES,
    WEEKDAYS,
    Policy,
    Step,
    Window,
)
from encours.ports.letter_files import standard_text
from encours.ports.policy_files import read_policy_file, ready_policies, write_policy_file
from tests.dunning.test_conditions import conditions

HEAD = "policy: essai\nname: Essai\nsteps:\n"


def read(text: str) -> tuple[Policy | None, list[tuple[int | None, str, str]]]:
    policy, problems = read_policy_file(text.encode(), name="essai.yaml")
    assert all(problem.file == "essai.yaml" for problem in problems)
    return policy, [(problem.line, problem.field, problem.code) for problem in problems]


words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
windows = st.builds(
    lambda days, hours: Window(tuple(day for day in WEEKDAYS if day in days), *sorted(hours)),
    st.sets(st.sampled_from(WEEKDAYS), min_size=1),
    st.sets(st.sampled_from(["00:00", "08:30", "12:00", "19:59", "24:00"]), min_size=2, max_size=2),
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    steps, day = [], 0
    for rank in range(draw(st.integers(1, 5))):
        clock = (
            "due_date" if rank == 0 else draw(st.sampled_from(["due_date", "previous_step", "end_of_month"]))
        )
        wait = draw(st.integers(1, 20))
        # after the end of a month, as many days more as a month may have had left
        day += wait + (31 if steps and steps[-1].clock != "due_date" else 0)
        steps.append(
            Step(
                days=wait if clock == "previous_step" else day,
                clock=clock,
                template=draw(st.sampled_from(TEMPLATES[1:])),
                channels=tuple(draw(st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True))),
                tone=draw(st.sampled_from(TONES)),
                approval=draw(st.sampled_from(APPROVALS)),
                signed_by=draw(st.sampled_from(SIGNERS)),
                min_amount_cents=draw(st.integers(0, 10**7)),
                window=draw(st.none() | windows),
                condition=draw(st.none() | conditions),
            )
        )
        if clock == "previous_step":
            day = sum(step.days if step.clock == "previous_step" else 0 for step in steps) + day + 31
        if steps[-1].template in NOTICES:
            steps[-1] = Step(**(vars(steps[-1]) | {"approval": "person"}))
    description = draw(st.dictionaries(st.sampled_from(["fr", "en"]), words))
    return Policy(
        "essai", draw(words), draw(st.integers(0, 90)), draw(st.integers(0, 10**6)), tuple(steps), description
    )


@given(policy=policies())
def test_reading_what_was_written_gives_the_same_policy(policy):
    again, problems = read_policy_file(write_policy_file(policy).encode(), name="p.yaml")
    assert again == policy, [problem.sentence.say("en") for problem in problems]


@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_the_file_holds_it_is_read_or_refused_in_words(content):
    policy, problems = read_policy_file(content, name="p.yaml")
    assert policy is not None or problems
    for problem in problems:
        assert problem.sentence.say("fr") != problem.sentence.say("en")


def test_the_default_policy_is_a_document_too():
    text = write_policy_file(DEFAULT_POLICY)
    assert "min_amount: 10.00" in text
    assert read(text) == (DEFAULT_POLICY, [])


def test_all_faults_are_told_at_once_each_at_its_line():
    policy, faults = read(
        "policy: Deux mots\n"
        "nom: Essai\n"
        "steps:\n"
        "  - days: 1\n"
        "    template: reminder_1\n"
        "    chanel: email\n"
        "  - days: dix\n"
        "    template: reminder_4\n"
        "    min_amount: 1.234\n"
    )
    assert policy is None
    assert sorted(faults) == [
        (1, "name", "policy.missing"),
        (1, "policy", "policy.bad_text"),
        (2, "nom", "policy.unknown_key"),
        (6, "steps[1].chanel", "policy.unknown_key"),
        (7, "steps[2].days", "policy.wrong_kind"),
        (8, "steps[2].template", "policy.unknown_value"),
        (9, "steps[2].min_amount", "policy.wrong_kind"),
    ]


def test_the_nearest_known_name_is_told_in_both_languages():
    _, problems = read_policy_file((HEAD + "  - {dayz: 1, template: reminder_1}\n").encode(), name="p.yaml")
    said = next(problem.sentence for problem in problems if problem.code == "policy.unknown_key")
    assert said.say("fr") == "« dayz » n’est pas connu ici ; vouliez-vous dire « days » ?"
    assert said.say("en") == '"dayz" is not known here; did you mean "days"?'


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{days: 15, template: formal_notice}", "policy.formal_by_person"),
        ("{days: -3, template: reminder_1}", "policy.wrong_side"),
        ("{days: 3, template: courtesy}", "policy.wrong_side"),
        ("{days: -1, clock: end_of_month, template: reminder_1}", "policy.only_after"),
        ("{days: 3, clock: previous_step, template: reminder_1}", "policy.no_step_before"),
        (
            "{days: 1, template: reminder_1, window: {from: '18:00', until: '09:00'}}",
            "policy.window_ends_first",
        ),
        ("{days: 1, template: reminder_1, window: {days: [sunday]}}", "policy.unknown_value"),
        ("{days: 1, template: reminder_1, channel: [email, email]}", "policy.twice"),
        ("{days: 9999, template: reminder_1}", "policy.out_of_range"),
        ("{days: 1, template: reminder_1, condition: {all: []}}", "policy.empty"),
        ("{days: 1, template: reminder_1, condition: {field: amount, is: 3}}", "policy.one_comparison"),
        ("{days: 1, template: reminder_1, condition: {field: country, is: France}}", "policy.bad_text"),
        ("{days: 1, template: reminder_1, condition: {field: language, is: FR}}", "policy.bad_text"),
        ("{days: 1, template: reminder_1, condition: {field: currency, in: [eur]}}", "policy.bad_text"),
        ("{days: 1, template: reminder_1, window: {from: 9:00}}", "policy.bad_text"),
        ("{days: 1, template: reminder_1, condition: {any: [], field: amount}}", "policy.one_kind"),
        ("{days: 1, template: reminder_1, condition: {field: credit_limit, at_least: 3}}", "policy.no_data"),
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step, code):
    policy, faults = read(f"{HEAD}  - {step}\n")
    assert (policy, [fault[2] for fault in faults]) == (None, [code])


def test_a_step_that_may_fall_before_the_one_above_is_refused():
    """Ten days after the end of the month may be forty after the due date."""
    month = "  - {clock: end_of_month, days: 10, template: reminder_1}\n"
    policy, faults = read(f"{HEAD}{month}  - {{days: 40, template: reminder_2}}\n")
    assert (policy, faults) == (None, [(5, "steps[2].days", "policy.steps_backwards")])
    policy, _ = read(f"{HEAD}{month}  - {{days: 41, template: reminder_2}}\n")
    assert policy is not None
    assert [placed.code for placed in policy.timeline] == ["FM+10", "R+41"]


def test_norway_is_a_country_and_yes_is_a_word():
    policy, faults = read(
        f"{HEAD}  - days: 1\n    template: reminder_1\n    condition: {{field: country, in: [NO, FR]}}\n"
    )
    assert faults == []
    assert policy is not None
    assert written_policy(policy)["steps"][0]["condition"] == {"field": "country", "in": ["NO", "FR"]}
    assert read("policy: essai\nname: yes\nsteps:\n  - {days: 1, template: reminder_1}\n")[0].name == "yes"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x [1]\nb: *x\n", "policy.not_plain"),
        ("a: !!python/name:os.system\n", "policy.not_plain"),
        ("--- a\n--- b\n", "policy.not_plain"),
        ("[" * 40_000, "policy.nested"),
        ("a: 1\na: 2\n", "policy.key_twice"),
        ("x" * 100_001, "policy.too_large"),
        ("a: [1\n", "policy.not_yaml"),
        ("", "policy.nothing"),
    ],
)
def test_what_is_no_plain_document_is_refused(text, code):
    policy, faults = read(text)
    assert (policy, [fault[2] for fault in faults]) == (None, [code])


def test_every_channel_may_be_named():
    """Whether a company can send by it is seen when the day is planned."""
    policy, problems = read_policy_file(
        f"{HEAD}  - {{days: 1, template: reminder_1, channel: [{', '.join(CHANNELS)}]}}\n".encode(),
        name="p.yaml",
    )
    assert policy is not None
    assert (policy.steps[0].channels, list(problems)) == (CHANNELS, [])


@pytest.mark.parametrize("slug", sorted(ready_policies()))
def test_each_ready_made_policy_says_what_it_is_for_in_two_sentences(slug):
    policy = ready_policies()[slug]
    assert slug == policy.slug
    for language in ("fr", "en"):
        assert policy.description[language].count(". ") == 1
        assert policy.description[language].endswith(".")
    assert read_policy_file(write_policy_file(policy).encode(), name=slug)[0] == policy


def test_there_is_one_for_each_trade():
    assert set(ready_policies()) == {
        "b2b-services", "consulting", "distribution", "health", "public-buyers", "strategic-accounts", "training",
    }  # fmt: skip


def test_every_template_has_its_letter_in_both_languages():
    for language in ("fr", "en"):
        for template in TEMPLATES:
            assert standard_text(template=template, tone="neutral", language=language)
