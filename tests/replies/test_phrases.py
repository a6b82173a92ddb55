"""The phrases replies are understood by: a file per intent and language, each of which is read and can be read."""

import re
import tomllib
from importlib.resources import files

import pytest

from encours.core.replies import Reply, understand
from encours.core.replies.cues import CUES, INTENTS
from tests.replies.mails import NOON

FOLDER = files("encours.core.replies") / "phrases"
FILES = {
    each.name: tomllib.loads(each.read_text("utf-8"))
    for each in FOLDER.iterdir()
    if each.name.endswith(".toml")
}
PHRASES = [
    (name, phrase)
    for name, told in FILES.items()
    if name != "parts.toml"
    for turn in told["turns"]
    for phrase in turn["phrases"]
]


def test_every_intent_is_known_by_phrases_of_both_languages() -> None:
    wanted = {f"{intent}.{language}.toml" for intent in INTENTS for language in ("fr", "en")}
    assert wanted <= set(FILES)
    assert {name.partition(".")[0] for name in FILES} - {"parts"} == set(INTENTS)


def test_every_phrase_of_every_file_is_a_cue() -> None:
    assert len(CUES) == len(PHRASES) > 400


@pytest.mark.parametrize("name", sorted({name for name, _ in PHRASES}))
def test_phrases_are_written_as_the_text_they_are_held_against(name: str) -> None:
    """Plain text has no accents and no capitals, so a phrase with one never fits; parts are those there are."""
    for _, phrase in [each for each in PHRASES if each[0] == name]:
        bare = re.sub(r"<[A-Z]+>|\\[a-zA-Z]", "", phrase)
        assert bare == bare.lower(), phrase
        assert all(char.isascii() for char in bare if char.isalpha()), phrase
        assert set(re.findall(r"<([A-Z]+)>", phrase)) <= set(FILES["parts.toml"]), phrase


def test_gaps_are_bounded() -> None:
    for name, phrase in PHRASES:
        without_questions = phrase.replace(r"(?=.*\?)", "")
        assert not re.search(r"(?:\.|\\S|\\w)[*+](?![ \\)|\]?.*+{(,:;'@$-]|$|[a-z])", without_questions), (
            name,
            phrase,
        )
        assert ".*" not in without_questions, (name, phrase)


def test_no_phrase_stands_twice() -> None:
    assert len(set(PHRASES)) == len(PHRASES)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Règlement envoyé today.", "already_paid"),
        ("Payment sera fait vendredi.", "promise"),
    ],
)
def test_a_sentence_in_both_languages_is_understood(text: str, intent: str) -> None:
    assert understand(Reply(text), on=NOON.date()).intent == intent
