"""Nothing is said in one language only."""

import re

from django.utils import translation

from tests.backoffice.messages import extracted, missing, translated


def test_every_sentence_has_its_french():
    known = translated()
    said = extracted()
    unknown = [
        message.id for message in said if message.id and known.get(message.id, message.context) is None
    ]
    assert unknown == [], "run `python -m tests.backoffice.messages` and fill in what it prints"
    assert missing(known) == []


def test_no_translation_is_a_guess():
    assert [message.id for message in translated() if message.fuzzy and message.id] == []


def test_translations_keep_their_parameters():
    for message in translated():
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {name for text in ids for name in re.findall(r"%\((\w+)\)s", text)}
        for text in strings:
            given = set(re.findall(r"%\((\w+)\)s", text))
            assert given <= wanted, message.id
            # a singular may leave its number out: "la dernière semaine"
            assert given == wanted or len(ids) > 1, message.id


def test_pages_speak_the_compiled_french():
    """The compiled catalogue is the one in the source: a stale one would show English."""
    with translation.override("fr"):
        stale = [
            message.id
            for message in translated()
            if isinstance(message.id, str)
            and message.id
            and translation.gettext(message.id) != message.string
            and not message.context
        ]
    assert stale == [], "run `python -m tests.backoffice.messages` (it compiles too)"
