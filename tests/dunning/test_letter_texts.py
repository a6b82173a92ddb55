"""Letters in a company's own words: what may be written, what must stay, which version a message was made from."""

from datetime import date

import hypothesis.strategies as st
import pytest
from hypothesis import given

from encours.actions.preview_letter import preview_letter
from encours.actions.save_letter import UnableToSaveLetter, reset_letter, save_letter
from encours.core.letter_templates import LETTERS, VARIABLES, check_text, filled
from encours.core.letter_templates.checking import read_text
from encours.core.letter_templates.library import MENTIONS
from encours.ports.letter_files import standard_text
from encours.queries.letter_texts import library
from encours.store.models import JournalEntry, LetterTemplate, Message
from tests import cast
from tests.dunning.conftest import approve_all, bank_known, send

ON = date(2026, 3, 2)
MINE = "Petit rappel de {creditor}\n\nBonjour,\n\nMerci de régler :\n\n[documents]\n\nÀ bientôt,\n\n[signature]\n"


def codes(text: str, template: str = "reminder_1", language: str = "fr") -> list[tuple[int | None, str, str]]:
    return [
        (each.line, each.field, each.code.removeprefix("letter_text."))
        for each in check_text(text, template=template, language=language)
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Bonjour {totl}", (5, "totl", "unknown_variable")),
        ("Bonjour {several}", (5, "several", "flag_as_word")),
        ("[documnts]", (5, "documnts", "unknown_block")),
        ("Voici : [payment]", (5, "payment", "not_alone")),
        ("Bonjour [if several]tous", (5, "several", "not_closed")),
        ("Bonjour [end]", (5, "end", "not_opened")),
        ("Bonjour [if none]x[end]", (5, "none", "unknown_condition")),
        ("Bonjour {", (5, "", "stray_brace")),
        ("{{ total }}", (5, "", "stray_tag")),
        ("{% now %}", (5, "", "stray_tag")),
        ("Plus 15 € de frais de dossier.", (5, "text", "costs")),
        ("Par lettre recommandée électronique.", (5, "text", "not_registered")),
    ],
)
def test_each_fault_is_told_with_its_line(body, found):
    assert found in codes(f"Objet\n\n[documents]\n\n{body}\n")


def test_a_guess_is_made_at_what_was_meant():
    [problem] = check_text("Objet\n\n[documents]\n\n{totl}", template="reminder_1", language="fr")
    assert problem.sentence.say("fr") == "{totl} n’est pas une variable ; vouliez-vous écrire total ?"


@pytest.mark.parametrize("template", ["formal_notice", "third_party_notice", "notice_before_court"])
def test_the_mentions_of_a_notice_cannot_be_taken_out(template):
    text = standard_text(template=template, tone="neutral", language="fr")
    for block in LETTERS[template].needed:
        without = text.replace(f"[{block}]\n\n", "").replace(f"[{block}]\n", "")
        assert (None, block, "missing_mention") in codes(without, template), block
    # nor told twice, nor worded by hand
    assert any(code == "block_twice" for _, _, code in codes(text + "\n[demand]\n", template))


def test_a_formal_notice_is_called_one():
    text = standard_text(template="formal_notice", tone="neutral", language="fr")
    assert (
        codes(text.replace("Mise en demeure de payer", "Dernier rappel"), "formal_notice")[0][2]
        == "subject_word"
    )


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_and_never_run(text):
    if check_text(f"Objet\n\n{text}", template="thank_you", language="fr"):
        return
    read = read_text(f"Objet\n\n{text}", template="thank_you")
    assert filled(read.subject, {}) == "Objet"


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=40)))
def test_what_is_filled_in_is_never_read_again(values):
    hostile = {name: f"{{total}}[payment][if several]{value}{{% x %}}" for name, value in values.items()}
    words = read_text("A {debtor} {total}\n\nx", template="reminder_1").subject
    said = filled(words, hostile)
    assert said == f"A {hostile.get('debtor', '')} {hostile.get('total', '')}".strip()


@pytest.fixture
def reminded(company):
    customer = cast.late_payer(company)
    cast.invoice(
        company,
        customer,
        "FA-1",
        payable_cents=100_000,
        issue_date=date(2026, 1, 5),
        due_date=date(2026, 2, 27),
    )
    return customer


def saved(company, text=MINE, **options):
    return save_letter(
        company=company,
        template="reminder_1",
        tone="neutral",
        language="fr",
        text=text,
        actor="user:1",
        **options,
    )


class TestOwnWords:
    def test_a_change_is_a_new_version_and_the_same_text_is_none(self, company):
        first, is_new = saved(company)
        assert (first.version, is_new) == (1, True)
        assert saved(company)[1] is False
        second, _ = saved(company, MINE.replace("Petit", "Grand"))
        assert second.version == 2
        kept = LetterTemplate.objects.order_by("version")
        assert [(row.version, row.is_active, row.text.split()[0]) for row in kept] == [
            (1, False, "Petit"),
            (2, True, "Grand"),
        ]

    def test_the_standard_text_puts_the_standard_letter_back(self, company):
        saved(company)
        row, changed = saved(company, standard_text(template="reminder_1", tone="neutral", language="fr"))
        assert (row, changed) == (None, True)
        assert not any(row.own for row in library(company=company))
        # its versions stay and are counted on
        assert saved(company)[0].version == 2

    def test_reset(self, company):
        saved(company)
        options = {
            "company": company,
            "template": "reminder_1",
            "tone": "neutral",
            "language": "fr",
            "actor": "user:1",
        }
        assert reset_letter(**options) is True
        assert reset_letter(**options) is False
        assert list(JournalEntry.objects.filter(action__startswith="letter.").values_list("action", flat=True).order_by("pk")) == ["letter.saved", "letter.reset"]  # fmt: skip

    def test_nobodys_work_is_replaced_unseen(self, company):
        saved(company, base_version=0)
        with pytest.raises(UnableToSaveLetter) as refused:
            saved(company, MINE.replace("Petit", "Grand"), base_version=0)
        assert refused.value.problems[0].code == "letter_text.changed_meanwhile"

    def test_a_faulty_text_is_not_saved(self, company):
        with pytest.raises(UnableToSaveLetter):
            saved(company, MINE.replace("[documents]", "{nothing}"))
        assert not LetterTemplate.objects.exists()

    def test_another_company_keeps_the_standard_words(self, company, other_company):
        saved(company)
        assert not any(row.own for row in library(company=other_company))

    def test_a_real_customer_would_read(self, company, reminded):
        found = preview_letter(
            company=company,
            template="reminder_1",
            tone="neutral",
            language="fr",
            text=MINE,
            customer_id=reminded.pk,
            on=ON,
        )
        assert found.rendered.subject == "Petit rappel de Atelier Lumen SAS"
        assert "FA-1" in found.rendered.text
        assert "<script" not in found.rendered.html
        assert Message.objects.count() == 0


def test_a_message_records_the_version_it_was_made_from(company, reminded, post_office):
    from encours.actions.run_dunning import run_dunning

    row, _ = saved(company)
    bank_known(company, ON)
    run_dunning(company=company, on=ON, actor="test")
    approve_all(company)
    send(company, ON)
    message = Message.objects.get()
    assert (message.state, message.letter_template) == (Message.State.SENT, row)
    assert message.subject.startswith("Petit rappel")
    saved(company, MINE.replace("Petit", "Grand"))
    message.refresh_from_db()
    assert message.letter_template.text == MINE


def test_every_mention_is_worded_in_both_languages():
    from encours.ports.letter_files import RECALL, mention

    for name in (*MENTIONS, RECALL):
        french, english = (mention(name=name, language=language) for language in ("fr", "en"))
        assert french
        assert english
        assert french != english
