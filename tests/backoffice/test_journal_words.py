"""Everything the journal tells has its words: no code is shown to people."""

import re
from pathlib import Path

import encours
from encours.backoffice.journal.wording import ACTION_NAMES, SUBJECT_NAMES

ACTIONS = Path(encours.__file__).parent / "actions"


def said(pattern: str) -> set[str]:
    return {
        code for path in ACTIONS.glob("*.py") for code in re.findall(pattern, path.read_text("utf-8")) if code
    }


def test_every_action_has_its_words():
    assert said(r'\baction="([a-z_.]+)"') - set(ACTION_NAMES) == set()


def test_every_subject_has_its_word():
    assert said(r'\bsubject_type="([a-z_]+)"') - set(SUBJECT_NAMES) == set()
