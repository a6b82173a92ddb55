"""Scénarios: a policy as fields or text, what is wrong with it beside its field, versions, choices."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from encours.actions.save_policy import save_policy
from encours.backoffice.policies.buttons import changed, reshaped
from encours.backoffice.policies.draft import ConditionDraft, PolicyDraft, from_form, from_policy
from encours.backoffice.policies.picture import picture
from encours.backoffice.policies.reading import document_of, read_draft
from encours.core.dunning import DEFAULT_POLICY
from encours.core.dunning.conditions import All, Comparison, Not
from encours.core.dunning.policy import CHANNELS, Policy, Step, Window
from encours.ports.policy_files import read_policy_file, ready_policies, write_policy_file, write_tree
from encours.queries.policies import active_policy, policy_rows
from encours.store.models import Company, PolicyPreview
from tests import cast
from tests.backoffice.conftest import SignIn
from tests.backoffice.page import assert_sound

BUSY = replace(
    DEFAULT_POLICY,
    description={"fr": "Pour essayer", "en": "To try"},
    steps=(
        *DEFAULT_POLICY.steps[:2],
        Step(
            9, "reminder_2", clock="previous_step", channels=("email", "letter"), tone="firm", min_amount_cents=1_250,
            window=Window(("monday", "friday"), "09:00", "17:30"),
            condition=All(
                (
                    Comparison("segment", "in", ("PME", "TPE, artisans")),
                    Not(Comparison("consumer", "is", value=True)),
                    Comparison("sector", "known", value=False),
                    Comparison("overdue_total", "above", 120_050),
                    Comparison("days_late", "at_most", 90),
                )
            ),
        ),
    ),
)  # fmt: skip


def posted(draft: PolicyDraft, **more: str) -> QueryDict:
    """The draft as the editor's form sends it."""
    data = QueryDict(mutable=True)
    for name in ("slug", "name", "description_fr", "description_en", "min_gap_days", "max_contacts_per_week",
                 "min_amount", "level"):  # fmt: skip
        data[name] = getattr(draft, name)
    data["steps-count"] = str(len(draft.steps))
    for rank, step in enumerate(draft.steps):
        prefix = f"steps-{rank}"
        for name in (
            "days",
            "clock",
            "template",
            "tone",
            "approval",
            "signed_by",
            "min_amount",
            "from_time",
            "until_time",
        ):
            data[f"{prefix}-{name}"] = getattr(step, name)
        data.setlist(f"{prefix}-channels", [*step.channels, ""])
        if step.has_window:
            data[f"{prefix}-has_window"] = "1"
        data.setlist(f"{prefix}-window_days", list(step.window_days))
        _post_condition(data, f"{prefix}-if", step.condition)
    for name, value in more.items():
        data[name] = value
    return data


def _post_condition(data: QueryDict, prefix: str, condition: ConditionDraft) -> None:
    if not condition.kind:
        return
    data[f"{prefix}-kind"] = condition.kind
    if condition.kind != "field":
        data[f"{prefix}-inner-count"] = str(len(condition.inner))
        for rank, inner in enumerate(condition.inner):
            _post_condition(data, f"{prefix}-inner-{rank}", inner)
        return
    data[f"{prefix}-field"] = condition.field
    data[f"{prefix}-operator"] = condition.operator
    data.setlist(f"{prefix}-values", list(condition.values))


def read(draft: PolicyDraft) -> Any:
    return read_draft(draft, sent_channels=CHANNELS)


def refused(draft: PolicyDraft) -> dict[str, list[str]]:
    """Codes of what is wrong by field."""
    found = read(draft)
    assert found.policy is None
    assert not found.elsewhere
    return {name: [each.code for each in problems] for name, problems in found.problems.items()}


def with_step(rank: int, **values: Any) -> PolicyDraft:
    draft = from_policy(DEFAULT_POLICY)
    steps = list(draft.steps)
    steps[rank] = replace(steps[rank], **values)
    return replace(draft, steps=tuple(steps))


# -- a draft


@pytest.mark.parametrize(
    "policy", [DEFAULT_POLICY, BUSY, *ready_policies().values()], ids=lambda each: each.slug
)
def test_a_policy_comes_back_from_its_form_as_it_was(policy: Policy):
    draft = from_form(posted(from_policy(policy)))
    assert draft == from_policy(policy)
    assert read(draft).policy == policy
    # and as text
    text = write_tree(document_of(draft))
    assert read_policy_file(text.encode(), name="")[0] == policy


@pytest.mark.parametrize(
    ("draft", "beside"),
    [
        (with_step(1, days="bientôt"), "steps-1-days"),
        (with_step(1, days="20"), "steps-2-days"),
        (with_step(1, channels=()), "steps-1-channels"),
        (with_step(1, channels=("email", "email")), "steps-1-channels"),
        (with_step(3, approval="batch"), "steps-3-approval"),
        (with_step(0, template="reminder_1"), "steps-0-template"),
        (with_step(1, min_amount="beaucoup"), "steps-1-min_amount"),
        (with_step(1, has_window=True, window_days=("monday",), from_time="9h"), "steps-1-from_time"),
        (with_step(1, has_window=True, window_days=()), "steps-1-window_days"),
        (with_step(1, has_window=True, window_days=("monday",), from_time="17:00", until_time="09:00"), "steps-1-until_time"),
        (with_step(1, condition=ConditionDraft("field", field="amount", operator="at_least", values=("x",))), "steps-1-if-values"),
        (with_step(1, condition=ConditionDraft("field", field="weather", operator="at_least")), "steps-1-if-field"),
        (with_step(1, condition=ConditionDraft("field", field="segment", operator="above")), "steps-1-if-operator"),
        (with_step(1, condition=ConditionDraft("any", inner=())), "steps-1-if-kind"),
        (
            with_step(1, condition=ConditionDraft("any", inner=(ConditionDraft("field", field="country", operator="is", values=("France",)),))),
            "steps-1-if-inner-0-values",
        ),
        (replace(from_policy(DEFAULT_POLICY), name=""), "name"),
        (replace(from_policy(DEFAULT_POLICY), slug="Ça va"), "slug"),
        (replace(from_policy(DEFAULT_POLICY), min_gap_days="-3"), "min_gap_days"),
        (replace(from_policy(DEFAULT_POLICY), min_amount="dix"), "min_amount"),
    ],
)  # fmt: skip
def test_what_the_document_refuses_is_said_beside_the_field_it_is_about(draft: PolicyDraft, beside: str):
    assert beside in refused(draft)


def test_amounts_are_read_as_people_write_them():
    found = read(with_step(1, min_amount="1 250,50"))
    assert found.policy.steps[1].min_amount_cents == 125_050


def test_buttons_add_move_and_take_out_steps_and_conditions():
    draft = from_policy(DEFAULT_POLICY)
    assert [step.days for step in changed(draft, "add-step").steps] == ["-7", "1", "8", "15", "22"]
    assert [step.days for step in changed(draft, "remove-step-1").steps] == ["-7", "8", "15"]
    assert [step.days for step in changed(draft, "raise-step-2").steps] == ["-7", "8", "1", "15"]
    assert [step.days for step in changed(draft, "lower-step-2").steps] == ["-7", "1", "15", "8"]
    for nonsense in ("", "remove-step-9", "add-condition-9-if", "add-condition-0-if-inner-x", "drop table"):
        assert changed(draft, nonsense) == draft
    assert read(changed(draft, "add-step")).policy is not None

    draft = changed(draft, "add-condition-1-if")
    assert draft.steps[1].condition.kind == "field"
    draft = changed(draft, "add-condition-1-if")
    assert (draft.steps[1].condition.kind, len(draft.steps[1].condition.inner)) == ("all", 2)
    negated = changed(draft, "negate-condition-1-if-inner-0")
    assert [each.kind for each in negated.steps[1].condition.inner] == ["not", "field"]
    assert changed(negated, "negate-condition-1-if-inner-0") == draft
    assert changed(draft, "remove-condition-1-if-inner-1").steps[1].condition.kind == "field"
    assert changed(draft, "remove-condition-1-if").steps[1].condition == ConditionDraft()


def test_another_field_brings_operators_and_values_that_fit_it():
    amount = ConditionDraft("field", field="amount", operator="at_least", values=("500",))
    flag = reshaped(with_step(1, condition=replace(amount, field="consumer"))).steps[1].condition
    assert (flag.operator, flag.values) == ("is", ("true",))
    known = reshaped(with_step(1, condition=replace(amount, operator="known"))).steps[1].condition
    assert known.values == ("true",)
    back = reshaped(with_step(1, condition=replace(known, operator="below"))).steps[1].condition
    assert (back.operator, back.values) == ("below", ())


# -- the picture


@pytest.mark.parametrize(
    "policy", [DEFAULT_POLICY, BUSY, *ready_policies().values()], ids=lambda each: each.slug
)
def test_steps_stand_in_their_order_around_the_due_date_and_never_on_each_other(policy: Policy):
    drawn = picture(policy.timeline, {})
    for place, due in (("x", drawn.due_x), ("y", drawn.due_y)):
        places = [getattr(mark, place) for mark in drawn.marks]
        assert all(after - before >= 40 for before, after in zip(places, places[1:], strict=False))
        for mark in drawn.marks:
            assert (getattr(mark, place) < due) == (mark.placed.offset_days < 0)
    assert all(0 < mark.x < drawn.width and 0 < mark.y < drawn.tall_height for mark in drawn.marks)
    for mark in drawn.marks:
        assert (mark.from_x is not None) == (mark.placed.step.clock == "previous_step")
        assert (mark.until_x is not None) == (mark.placed.step.clock == "end_of_month")


# -- pages


@pytest.fixture
def admin(company: Company, sign_in: SignIn) -> Client:
    return sign_in(company, "admin")


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").replace("\u202f", " ").split())


def edit_url(company: Company) -> str:
    return f"/scenarios/{active_policy(company=company, slug='standard').pk}/modifier/"  # type: ignore[union-attr]


def test_a_change_is_compared_and_put_in_force(company: Company, admin: Client):
    draft = replace(from_policy(DEFAULT_POLICY), min_gap_days="9")
    answer = admin.post(
        edit_url(company), posted(draft, do="preview", base_version="1").dict() | lists(draft)
    )
    preview = PolicyPreview.objects.get()
    assert answer["Location"] == f"/scenarios/comparaisons/{preview.pk}/"
    page = admin.get(answer["Location"])
    assert_sound(page.content.decode(), language="fr")
    assert "Jours entre deux contacts" in text(page)
    assert "5 jours" in text(page)
    assert "9 jours" in text(page)
    saved = admin.post(f"{answer['Location']}enregistrer/")
    page = text(admin.get(saved["Location"]))
    assert "version 2" in page
    assert policy_rows(company=company)[0].policy.min_gap_days == 9
    assert admin.get(answer["Location"]).status_code == 404


def lists(draft: PolicyDraft) -> dict[str, Any]:
    """The fields of `posted` that have several values."""
    data = posted(draft)
    return {name: values for name, values in data.lists() if len(values) > 1}


def test_somebody_elses_version_is_said_while_one_edits_and_before_one_saves(company: Company, admin: Client):
    url = edit_url(company)
    save_policy(company=company, policy=replace(DEFAULT_POLICY, min_amount_cents=2_500), actor="cli")
    draft = replace(from_policy(DEFAULT_POLICY), min_gap_days="9")
    data = posted(draft, do="check", base_version="1").dict() | lists(draft)
    assert "La version 2 a été enregistrée pendant que vous travailliez" in text(admin.post(url, data))
    where = admin.post(url, data | {"do": "preview"})["Location"]
    page = text(admin.get(where))
    assert "La version 2 a été enregistrée entre-temps" in page
    assert "25,00 €" in page
    assert "Mettre en vigueur" not in page
    admin.post(f"{where}enregistrer/")
    assert policy_rows(company=company)[0].version == 2
    again = admin.post(f"{where}refaire/")["Location"]
    admin.post(f"{again}enregistrer/")
    row = policy_rows(company=company)[0]
    assert (row.version, row.policy.min_gap_days) == (3, 9)


def test_a_change_that_waits_is_taken_up_again(company: Company, admin: Client):
    draft = replace(from_policy(DEFAULT_POLICY), min_gap_days="9")
    data = posted(draft, do="preview", base_version="1").dict() | lists(draft)
    where = admin.post(edit_url(company), data)["Location"]
    assert 'value="9"' in text(admin.get(f"{where}modifier/"))
    assert "a pas encore décidé" in text(admin.get("/scenarios/"))
    admin.post(f"{where}abandonner/")
    assert not PolicyPreview.objects.exists()


def test_text_is_refused_at_its_line_and_becomes_fields_when_it_is_right(company: Company, admin: Client):
    new = "/scenarios/nouveau/modifier/"
    wrong = text(
        admin.post(
            new,
            {
                "text": "policy: essai\nname: Essai\nsteps:\n  - days: demain\n    template: reminder_1\n",
                "do": "fields",
            },
        )
    )
    assert "Ligne 4" in wrong
    assert "textarea" in wrong
    right = write_policy_file(BUSY).encode()
    page = admin.post(new, {"file": SimpleUploadedFile("a.yaml", right), "do": "fields"})
    assert_sound(page.content.decode(), language="fr")
    assert "TPE, artisans" in text(page)
    assert "<textarea" not in text(page)
    # what is no text at all is said, too
    assert "YAML" in text(
        admin.post(new, {"file": SimpleUploadedFile("a.yaml", b"\xff\x00"), "do": "fields"})
    )


def test_a_short_name_that_exists_is_not_taken_by_a_new_policy(company: Company, admin: Client):
    draft = replace(from_policy(DEFAULT_POLICY), min_gap_days="9")
    data = posted(draft, do="preview").dict() | lists(draft)
    assert "porte déjà ce nom court" in text(admin.post("/scenarios/nouveau/modifier/", data))
    assert not PolicyPreview.objects.exists()


def test_an_earlier_version_is_looked_at_and_made_current_again(company: Company, admin: Client):
    first = active_policy(company=company, slug="standard")
    assert first is not None
    save_policy(company=company, policy=replace(DEFAULT_POLICY, min_gap_days=9), actor="cli")
    page = admin.get(f"/scenarios/{first.pk}/")
    assert_sound(page.content.decode(), language="fr")
    assert "Version antérieure" in text(page)
    where = admin.post(f"/scenarios/{first.pk}/comparer/", {"kind": "version"})["Location"]
    admin.post(f"{where}enregistrer/")
    row = policy_rows(company=company)[0]
    assert (row.version, row.policy) == (3, DEFAULT_POLICY)
    document = admin.get(f"/scenarios/{first.pk}/document.yaml")
    assert read_policy_file(document.content, name="")[0] == DEFAULT_POLICY
    assert "standard-v1.yaml" in document["Content-Disposition"]


def test_the_live_answer_is_a_fragment_with_the_sentence_of_each_condition(company: Company, admin: Client):
    draft = from_policy(BUSY)
    data = posted(draft, do="check", base_version="1").dict() | lists(draft)
    answer = admin.post(edit_url(company), data, headers={"HX-Request": "true", "HX-Target": "live"})
    said = text(answer)
    assert "<html" not in said
    assert "<fieldset" not in said
    assert "sauf si particulier" in said
    assert "E+10" in said


def test_a_policy_is_chosen_on_the_pages_of_customer_and_invoice(company: Company, sign_in: SignIn):
    save_policy(company=company, policy=replace(DEFAULT_POLICY, slug="doux", name="Tout doux"), actor="test")
    customer = cast.late_payer(company)
    invoice = cast.invoice(company, customer, "FA-1", payable_cents=100, issue_date=date(2026, 1, 5))
    client = sign_in(company, "collector")
    for url, page in (
        (f"/scenarios/clients/{customer.pk}/", f"/clients/{customer.pk}/"),
        (f"/scenarios/factures/{invoice.pk}/", f"/factures/{invoice.pk}/"),
    ):
        assert "Aucun scénario « nulle-part » n’est en vigueur" in text(
            client.post(url, {"slug": "nulle-part"}, follow=True)
        )
        assert client.post(url, {"slug": "doux"})["Location"] == page
        assert "choisi pour ce" in text(client.get(page))
        client.post(url, {"slug": ""})
        assert "choisi pour ce" not in text(client.get(page))


def test_segments_are_tried_by_an_administrator_only(company: Company, admin: Client, sign_in: SignIn):
    cast.late_payer(company)
    save_policy(company=company, policy=replace(DEFAULT_POLICY, slug="doux", name="Tout doux"), actor="test")
    data = {"segment": "PME", "slug": "doux"}
    assert sign_in(company, "collector").post("/scenarios/segments/", data).status_code == 403
    where = admin.post("/scenarios/segments/", data)["Location"]
    admin.post(f"{where}enregistrer/")
    assert policy_rows(company=company)[1].segments == ("PME",)
    assert admin.post("/scenarios/segments/", {"segment": "?", "slug": "doux"}).status_code == 404
    assert "ce scénario" in text(admin.post("/scenarios/segments/", data, follow=True))


def test_the_old_address_of_the_settings_still_leads_there(company: Company, admin: Client):
    assert admin.get("/reglages/relance/")["Location"] == "/scenarios/"
