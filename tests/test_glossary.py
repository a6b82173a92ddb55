"""The glossary is true: code uses its terms, French sentences use its words, and every table is in it."""

import importlib
import pkgutil
import re
from pathlib import Path

import encours
from encours.core.wording import all_wordings
from encours.store import models

ROOT = Path(__file__).parents[1]
# Kept by the database for pages, or parts of another noun: no word of a finance team.
NOT_NOUNS = {
    "Attempt", "ColumnMapping", "CustomerBalance", "DailyFlow", "LetteringPart", "Membership", "MessageAttachment",
    "DigestScope", "OpenByDueDate", "PolicyPreviewLine", "Role", "RulesPreviewLine", "SimulatedMessage", "StoredFile", "User", "DropFile", "FeedAccount", "FeedLine",
    "KeptAnswer", "LetterSettings", "ReconciliationAnswer",
    "WebhookAttempt", "WebhookEvent",
}  # fmt: skip


def _rows() -> list[dict[str, str]]:
    lines = [
        line for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines() if line.startswith("| ")
    ]
    header = [cell.strip() for cell in lines[0].strip("|").split("|")]
    return [
        dict(zip(header, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
        for line in lines[2:]
    ]


def _source() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "src/encours").rglob("*.py"))


def _french_sentences() -> list[str]:
    for module in pkgutil.walk_packages(encours.__path__, "encours."):
        if module.name.startswith(("encours.core", "encours.actions", "encours.providers", "encours.ports")):
            importlib.import_module(module.name)
    po = (ROOT / "src/encours/locale/fr/LC_MESSAGES/django.po").read_text("utf-8")
    translated = re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', po, re.MULTILINE)
    return [wording.fr for wording in all_wordings()] + translated


def test_code_uses_every_term():
    source = _source()
    unused = [row["term"] for row in _rows() if not re.search(rf"\b{row['in code'].strip('`')}\b", source)]
    assert unused == []


def test_every_table_is_a_term_or_no_noun():
    terms = {row["in code"].strip("`") for row in _rows()}
    assert set(models.__all__) - terms - NOT_NOUNS == set()


def test_every_term_has_its_french_word():
    assert [row["term"] for row in _rows() if not row["French"]] == []


def test_french_sentences_use_the_glossary_s_words():
    banned = [row["not"].lower() for row in _rows() if row["not"]]
    wrong = [
        (word, sentence) for sentence in _french_sentences() for word in banned if word in sentence.lower()
    ]
    assert wrong == []
